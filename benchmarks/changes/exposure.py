"""The worth of exposure with known truth: do Anderson-Rubin sets hold it, however weak instruments are.

``rows``: instruments, exposure and noise are shared by clusters and confounded; ``experiment``: arms of
independent units by their moments, which is how a study reads them; ``places``: the examination curve
of exploration traffic, with users and creators that differ. Beside the sets stands the usual interval of
two-stage least squares, which takes the first stage for certain.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.changes._family import Family, held, verdict
from causal.base.streams import stream
from causal.data.moments.collected import Part, Reading
from causal.data.moments.rows import moments_of
from causal.data.panel import FloatArray
from causal.estimation._inference import infer
from causal.estimation.experiment._adjustment import Adjustment
from causal.estimation.experiment.effects import Asked, effects
from causal.estimation.exposure.anderson_rubin import Effects, Worth, from_rows, worth
from causal.estimation.exposure.exploration import examination, sets
from causal.estimation.exposure.late import late

WORTH = 0.5
STRENGTHS = {"none": 0.0, "weak": 0.1, "strong": 0.5}
ROWS = 20
UNITS = 1_500
PULLS = {"none": 0.0, "weak": 0.12, "strong": 0.8}
CURVE = np.array([1.0, 0.7, 0.5, 0.35])
LEVEL = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What is drawn: a form, how strong its k instruments are, and how many clusters there are."""

    form: str
    strength: str = "strong"
    instruments: int = 1
    clusters: int = 0

    @property
    def name(self) -> str:
        """In words."""
        if self.form == "places":
            return f"places, {self.clusters} users"
        many = f"{self.clusters} clusters" if self.clusters else f"{UNITS:,} units"
        return f"{self.form}, {self.strength}, k = {self.instruments}, {many}"


WORLDS = (
    *(
        World(form="rows", strength=strength, instruments=k, clusters=clusters)
        for strength in STRENGTHS
        for k in (1, 3)
        for clusters in (15, 30, 60)
    ),
    *(
        World(form="experiment", strength=strength, instruments=k)
        for strength in STRENGTHS
        for k in (1, 3)
    ),
    *(World(form="places", clusters=clusters) for clusters in (40, 120)),
)


def run(world: World, seed: int) -> FloatArray:
    """One draw: set holds, is bounded, shows a point, usual interval holds, F; shape (5,).

    Of ``places``: the sets of all places, then the band; shape (5,) with NaN at the end.
    """
    rng = stream(seed, "exposure", world.name)
    if world.form == "places":
        return _places(world, rng, seed)
    if world.form == "rows":
        made = _rows(world, rng)
        found = worth(made, level=LEVEL)
        return _read(found, usual(made))
    return _experiment(world, rng)


def _rows(world: World, rng: np.random.Generator) -> Effects:
    groups, k = world.clusters, world.instruments
    cluster = np.repeat(np.arange(groups), ROWS)
    z = 0.7 * rng.normal(size=(groups, k))[cluster] + 0.7 * rng.normal(size=(cluster.size, k))
    u = 0.5 * rng.normal(size=groups)[cluster] + rng.normal(size=cluster.size)
    d = STRENGTHS[world.strength] * z.sum(axis=1) + 0.8 * u
    d += 0.6 * (0.5 * rng.normal(size=groups)[cluster] + rng.normal(size=cluster.size))
    return from_rows(WORTH * d + u, d, z, cluster)


def _experiment(world: World, rng: np.random.Generator) -> FloatArray:
    arm = rng.integers(0, world.instruments + 1, UNITS)
    u = rng.normal(size=UNITS)
    d = PULLS[world.strength] * (arm > 0) * (1 + 0.2 * arm) + 0.8 * u + 0.6 * rng.normal(size=UNITS)
    y = WORTH * d + u + rng.exponential(size=UNITS)
    names = [str(each) for each in range(world.instruments + 1)]
    moments = moments_of(arm, np.column_stack([y, d]), arms=names, columns=("y", "d"))
    readings = [Reading(metric=name, level=Part(numerator=name)) for name in ("y", "d")]
    asked = Asked(arm_column="arm", adjustment=Adjustment.NONE)
    found = effects(moments, readings, asked)
    last = late(found, "d", level=LEVEL)[-1].worth
    if last is None:
        return np.full(5, np.nan)
    k, v = world.instruments, found.covariance()
    made = Effects(
        y=found.values[:k], d=found.values[k:], yy=v[:k, :k], yd=v[:k, k:], dd=v[k:, k:],
        clusters=float(found.df.min()) + 1, cross=np.asarray(np.linalg.inv(v[k:, k:]), dtype=float),
    )  # fmt: skip
    return _read(last, usual(made))


def usual(made: Effects) -> tuple[float, float]:
    """Two-stage least squares with the interval that takes the first stage for certain."""
    from scipy.stats import t as student

    cross = np.eye(made.d.size) if made.cross is None else made.cross
    weight = np.linalg.solve(cross, made.d)
    bottom = float(weight @ made.d)
    slope = float(weight @ made.y) / bottom
    v = made.yy - slope * (made.yd + made.yd.T) + slope**2 * made.dd
    error = max(float(weight @ v @ weight), 0.0) ** 0.5 / abs(bottom)
    half = error * float(student.ppf((1 + LEVEL) / 2, made.clusters - 1))
    return slope - half, slope + half


def _read(found: Worth, interval: tuple[float, float]) -> FloatArray:
    return np.array(
        [
            WORTH in found,
            found.kind == "bounded",
            found.point is not None,
            interval[0] <= WORTH <= interval[1],
            found.first_stage,
        ],
        dtype=float,
    )


def _places(world: World, rng: np.random.Generator, seed: int) -> FloatArray:
    users, requests, creators = world.clusters, 10, 50
    user = np.repeat(np.arange(users), requests * CURVE.size)
    slot = np.tile(np.arange(1, CURVE.size + 1), users * requests)
    creator = rng.integers(0, creators, user.size)
    chance = 0.5 * CURVE[slot - 1] * (1 + 0.3 * rng.uniform(-1, 1, users)[user])
    chance *= 1 + 0.3 * rng.uniform(-1, 1, creators)[creator]
    y = (rng.random(user.size) < chance).astype(float)
    found = examination(y, slot, (user, creator), name="click")
    if any(found.estimates.refusal):
        return np.full(5, np.nan)
    alone = [
        each.low is not None and each.high is not None and each.low <= truth <= each.high
        for each, truth in zip(sets(found, level=LEVEL), CURVE[1:], strict=True)
    ]
    read = infer(
        found.estimates, level=LEVEL, multiplicity="simultaneous", seed=seed, family="places"
    )
    inside = (read.simultaneous_low <= CURVE[1:]) & (CURVE[1:] <= read.simultaneous_high)
    return np.array([*map(float, alone), float(inside.all()), np.nan])


def lines(found: Mapping[str, FloatArray]) -> Iterator[str]:
    """The tables of the page."""
    yield "| world | set holds | bounded | point shown | usual interval holds | median F | |"
    yield "|---|---:|---:|---:|---:|---:|---|"
    for world in WORLDS:
        if world.form == "places" or world.name not in found:
            continue
        runs = found[world.name].astype(float)
        share, made = held(runs[:, 0])
        cells = [f"{100 * held(runs[:, at])[0]:.1f}" for at in range(4)]
        yield (
            f"| {world.name} | {' | '.join(cells)} | {np.nanmedian(runs[:, 4]):.1f} "
            f"| {verdict(0.93, 0.97, share, made)} |"
        )
    yield ""
    yield "| world | sets of places 2, 3, 4 hold | band holds all | not estimable | |"
    yield "|---|---:|---:|---:|---|"
    for world in WORLDS:
        if world.form != "places" or world.name not in found:
            continue
        runs = found[world.name].astype(float)
        shares = [held(runs[:, at]) for at in range(4)]
        good = all(verdict(0.93, 0.97, *each) == "holds" for each in shares[:3])
        good &= verdict(0.95, 1.0, *shares[3]) == "holds"
        yield (
            f"| {world.name} | {', '.join(f'{100 * each[0]:.1f}' for each in shares[:3])} "
            f"| {100 * shares[3][0]:.1f} | {100 * np.isnan(runs[:, 3]).mean():.1f} "
            f"| {'holds' if good else '**MISSES**'} |"
        )


FAMILY = Family(
    title="What exposure is worth",
    text="""
*rows*: 20 rows a cluster; instruments, exposure and noise are half shared by it, and what moves exposure unseen moves
the outcome too. *experiment*: 1,500 units in two or four arms, read by their moments as a study reads them. One or three
instruments that move exposure not at all, weakly or strongly. The set is that of Anderson and Rubin at 95%; *bounded* and
*point shown* are shares of runs; the usual interval is that of two-stage least squares. *places*: examination of four
places on exploration traffic, clustered by user and creator.
""",
    worlds=WORLDS,
    run=run,
    lines=lines,
)
