"""Coverage of experiments on users and creators at once, in worlds with effects of both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.readout import bar
from benchmarks.readout.bar import LEVEL
from causal.base.streams import stream
from causal.content.metric import Metric
from causal.data.pairs.sums import PairSums, sums_of
from causal.estimation.two_sided.cells import cells as cells_of
from causal.estimation.two_sided.estimands import Estimand
from causal.estimation.two_sided.readings import readings

CLICKS, RATE = 0.25, 0.02
METRICS = (
    Metric(name="clicks", column="clicks"),
    Metric(name="click rate", numerator="clicks", denominator="shown"),
)
ESTIMANDS = (Estimand.TOTAL, Estimand.USERS, Estimand.CREATORS, Estimand.INTERACTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A world of users who are shown creators.

    ``spread`` are the standard deviations of how much a user is shown, and a creator, around 1, and
    ``noise`` that of a pair. ``effects`` are relative: of treating users, creators, and what both
    add. ``there`` is the share of pairs that ever meet. ``warned``: in an arm of a side there are
    units worth fewer than 30 of equal size, of which a readout warns.
    """

    name: str
    users: int = 80
    creators: int = 60
    spread: tuple[float, float] = (0.5, 0.5)
    noise: float = 0.5
    effects: tuple[float, float, float] = (0.2, 0.1, 0.05)
    there: float = 1.0
    warned: bool = False


SETTINGS = (
    Setting(name="enough of both", users=240, creators=200),
    Setting(name="users and creators differ", warned=True),
    Setting(name="creators differ more", spread=(0.2, 0.6), warned=True),
    Setting(name="a third of the pairs meet", users=160, creators=100, there=0.3),
    Setting(name="few creators", users=300, creators=24, warned=True),
    Setting(name="only pairs differ", spread=(0.0, 0.0), noise=1.0, warned=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoSidedCell:
    """How often intervals of one estimand on one metric held the truth."""

    setting: Setting
    metric: str
    estimand: Estimand
    runs: int
    absolute: float
    relative: float
    width: float

    def holds(self, errors: float | None = None) -> bool:
        """Whether both meet the bar, or are within so many Monte Carlo errors of 95%."""
        return bar.two_sided(self.absolute, self.runs, errors=errors) and bar.at_least(
            self.relative, self.runs, errors=2.0 if errors is None else errors
        )

    @property
    def verdict(self) -> str:
        """In a word, and whether a readout warns of it."""
        warned = " (warned)" if self.setting.warned else ""
        return ("holds" if self.holds() else "**misses**") + warned


def draw(setting: Setting, rng: np.random.Generator) -> PairSums:
    """One experiment: every unit assigned by itself, shown things and clicks by Poisson draws.

    Each user and creator has an effect on what is shown, and creators one on the share that is
    clicked, so that ratios vary over units too.
    """
    user_arm, creator_arm = (rng.integers(0, 2, n) for n in (setting.users, setting.creators))
    user, creator = np.divmod(np.arange(setting.users * setting.creators), setting.creators)
    if setting.there < 1:
        met = rng.random(user.size) < setting.there
        user, creator = user[met], creator[met]
    a, b = user_arm[user], creator_arm[creator]
    of_user, of_creator, both = setting.effects
    rate = _gamma(rng, setting.spread[0], setting.users)[user]
    rate = rate * _gamma(rng, setting.spread[1], setting.creators)[creator]
    rate = rate * _gamma(rng, setting.noise, user.size)
    shown = rng.poisson(4.0 * rate * (1 + 0.08 * a * b)) + 0.0
    taste = 1 + 0.3 * rng.uniform(-1, 1, setting.creators)[creator]
    share = CLICKS * taste * (1 + of_user * a + of_creator * b + both * a * b) / (1 + 0.08 * a * b)
    clicks = rng.poisson(shown * share) + 0.0
    return sums_of(
        user,
        creator,
        np.stack([clicks, shown], axis=1),
        user_arm=user_arm,
        creator_arm=creator_arm,
        columns=("clicks", "shown"),
    )


def _gamma(rng: np.random.Generator, spread: float, size: int) -> np.ndarray:
    if not spread:
        return np.ones(size)
    return rng.gamma(1 / spread**2, spread**2, size)


def truths(setting: Setting) -> dict[tuple[str, Estimand], tuple[float, float]]:
    """By metric and estimand the effect, and the effect over the level it is set against."""
    of_user, of_creator, both = setting.effects
    total = of_user + of_creator + both
    base = 4.0 * CLICKS * setting.there
    ends = (1 + total) / 1.08
    lift = {
        "clicks": {Estimand.TOTAL: total, Estimand.INTERACTION: both},
        "click rate": {
            Estimand.TOTAL: ends - 1,
            Estimand.INTERACTION: ends - 1 - of_user - of_creator,
        },
    }
    found: dict[tuple[str, Estimand], tuple[float, float]] = {}
    for name, level in (("clicks", base), ("click rate", CLICKS)):
        own = lift[name] | {Estimand.USERS: of_user, Estimand.CREATORS: of_creator}
        found |= {(name, estimand): (value * level, value) for estimand, value in own.items()}
    return found


def measure(setting: Setting, runs: int) -> tuple[TwoSidedCell, ...]:
    """One world, every estimand on every metric."""
    truth = truths(setting)
    held = {key: np.zeros(3) for key in truth}
    for run in range(runs):
        drawn = draw(setting, stream(run, "two-sided", setting.name))
        for each in readings(cells_of(drawn), METRICS, LEVEL):
            if (each.metric, each.estimand) not in truth:
                continue
            absolute, lift = truth[each.metric, each.estimand]
            own = held[each.metric, each.estimand]
            own[0] += each.effect.low <= absolute <= each.effect.high
            ends = each.relative
            if ends.shape == "bounded" and ends.low is not None and ends.high is not None:
                own[1] += ends.low <= lift <= ends.high
                own[2] += ends.high - ends.low
    return tuple(
        TwoSidedCell(
            setting=setting,
            metric=metric,
            estimand=estimand,
            runs=runs,
            absolute=float(own[0] / runs),
            relative=float(own[1] / runs),
            width=float(own[2] / runs),
        )
        for (metric, estimand), own in held.items()
    )


def cells(runs: int) -> Iterator[TwoSidedCell]:
    """Every world."""
    for setting in SETTINGS:
        yield from measure(setting, runs)


def table(runs: int) -> list[str]:
    """Lines of a table, a row for each estimand and metric of each world."""
    lines = [
        "| world | users x creators | metric | estimand | absolute | relative | width | |",
        "|---|---|---|---|---:|---:|---:|---|",
    ]
    for cell in cells(runs):
        own = cell.setting
        lines.append(
            f"| {own.name} | {own.users} x {own.creators} | {cell.metric} | {cell.estimand.value} "
            f"| {cell.absolute:.1%} | {cell.relative:.1%} | {100 * cell.width:.0f} "
            f"| {cell.verdict} |"
        )
    return lines
