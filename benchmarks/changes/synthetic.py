"""A change in one entity against a blend of others: do intervals hold the truth, and who is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.changes._family import Family, held, verdict
from causal.base.finding import Status
from causal.base.streams import stream
from causal.data.panel import FloatArray
from causal.diagnostics.single import pre_fit
from causal.diagnostics.single._made import Blended, Looked, Made
from causal.estimation.rollout._named import Named
from causal.estimation.rollout.synthetic import synthetic

LEVEL = 0.95
PERIODS, BEFORE = 30, 20
EFFECT = 1.0
NAMED = Named(rollout="drawn", outcome="y")


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """How many donors, and whether the changed entity follows the common courses as they do."""

    donors: int = 24
    kind: str = "among the donors"

    @property
    def name(self) -> str:
        """In words."""
        return f"{self.donors} donors, {self.kind}"


WORLDS = (
    World(),
    World(donors=12),
    World(kind="noise alone"),
    World(kind="a little outside"),
    World(kind="far outside"),
)
LOADS = {"among the donors": 0.5, "noise alone": 0.0, "a little outside": 1.3, "far outside": 4.0}


def run(world: World, seed: int) -> FloatArray:
    """One draw: interval holds, rank p <= 0.05 without an effect, pre-fit fails, bias; shape (4,)."""
    from scipy.stats import t as student

    rng = stream(seed, "synthetic", world.name)
    common = np.cumsum(0.4 * rng.normal(size=(PERIODS, 2)), axis=0)
    loads = rng.uniform(0.0, 1.0, (world.donors + 1, 2)) * (world.kind != "noise alone")
    loads[-1] = LOADS[world.kind] + 0.1 * rng.normal(size=2) * (world.kind != "noise alone")
    y = rng.normal(size=(world.donors + 1, 1)) + loads @ common.T
    y += 0.5 * rng.normal(size=y.shape)
    treated = np.arange(world.donors + 1) == world.donors
    still = synthetic(y, treated, BEFORE, NAMED, kinds=("synthetic difference-in-differences",))
    estimates, first = still.estimates, still.blends[0]
    half = student.isf((1 - LEVEL) / 2, estimates.df[0]) * estimates.std_errors[0]
    fit = Blended(
        fit=first.fit, spread=float(y[-1, :BEFORE].std(ddof=1)),
        usual=float(np.median(still.placebo_fits[:, 0])), beyond=0.0, heaviest="", weight=0.0,
        effect=first.value, without_low=first.value, without_high=first.value,
    )  # fmt: skip
    (finding,) = pre_fit.check(_made(fit))
    return np.array(
        [
            abs(first.value) <= half,
            still.p_rank[0] <= 0.05 + 1e-9,
            finding.status is Status.FAIL,
            first.value,
        ],
        dtype=float,
    )


def _made(fit: Blended) -> Made:
    return Made(
        entities="entities", periods="periods", treated=("changed",), launch=str(BEFORE),
        before=BEFORE, after=PERIODS - BEFORE, asked=("synthetic",), donors=1,
        looked=(Looked(outcome="y", blended=fit),),
    )  # fmt: skip


def lines(found: Mapping[str, FloatArray]) -> Iterator[str]:
    """The table of the page."""
    yield "| world | interval | interval where pre-fit passes | rank p 5% finds | pre-fit fails | bias | |"
    yield "|---|---:|---:|---:|---:|---:|---|"
    for world in WORLDS:
        if world.name not in found:
            continue
        runs = found[world.name].astype(float)
        passed = runs[runs[:, 2] == 0]
        share, made = held(passed[:, 0])
        cells = [
            f"{100 * held(runs[:, 0])[0]:.1f}",
            f"{100 * share:.1f}" if made else "",
            f"{100 * held(runs[:, 1])[0]:.1f}",
            f"{100 * held(runs[:, 2])[0]:.1f}",
            f"{runs[:, 3].mean():+.3f}",
        ]
        good = verdict(0.93, 1.0, share, made) if made >= 30 else "refused"
        yield f"| {world.name} | {' | '.join(cells)} | {good} |"


FAMILY = Family(
    title="What changed against a blend of others",
    text="""
Donors follow two common random walks by weights between 0 and 1; 20 periods before, 10 after, no effect. *Among the
donors*: the changed entity follows both by a half; *outside*: by more than any donor; *noise alone*: nobody follows
any. Errors come from donors in the changed one's place. *Pre-fit fails* is the share whose blend is refused for its
distance before; *holds* is 93 or more of the intervals of the rest. What lies *a little outside* its donors drifts from
them by little more than noise in the time before: checks see that seldom, and the interval is a little short.
""",
    worlds=WORLDS,
    run=run,
    lines=lines,
    most=500,
)
