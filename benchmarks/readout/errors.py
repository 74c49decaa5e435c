"""Error rates: looking every day, several metrics and arms at once, and margins at their edge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from causal.base.streams import stream
from causal.content.outcome import Goal
from causal.data.moments.collected import Part, Reading
from causal.data.moments.moments import Moments, merged
from causal.data.moments.rows import moments_of
from causal.estimation._estimates import Estimates
from causal.estimation.experiment._adjustment import Adjustment
from causal.estimation.experiment.boundaries import Spending
from causal.estimation.experiment.decided import Procedure, Rules, decide
from causal.estimation.experiment.effects import Asked, effects, estimates_of
from causal.estimation.experiment.levels import gaps, levels

ALPHA = 0.05
DAYS = 28
PLAIN = Asked(arm_column="arm", adjustment=Adjustment.NONE)
ONE = Reading(metric="y", level=Part(numerator="y"))
Draws = Callable[[np.random.Generator, int], np.ndarray]
SHAPES: dict[str, Draws] = {
    "normal": lambda rng, n: rng.normal(size=n),
    "exponential": lambda rng, n: rng.exponential(size=n),
    "2% of units": lambda rng, n: (rng.random(n) < 0.02).astype(float),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How often something happened that may happen in ``most`` of the runs."""

    name: str
    runs: int
    share: float
    most: float
    width: float | None = None

    @property
    def error(self) -> float:
        """Monte Carlo error of the share that is allowed."""
        return float(np.sqrt(self.most * (1 - self.most) / self.runs))

    def holds(self, errors: float = 2.0) -> bool:
        """Whether it happened no more often than allowed, within so many errors."""
        return self.share <= self.most + errors * self.error


def peeking(shape: str, procedure: Procedure, runs: int) -> Rate:
    """Runs in which an interval misses the truth, zero, at any look; and its last width."""
    missed, widths = 0, []
    for run in range(runs):
        rng = stream(run, "peeking", shape)
        days = rng.integers(150, 450, DAYS)
        looks = np.cumsum(days) / days.sum()
        at = list(range(DAYS)) if procedure is Procedure.SEQUENTIAL else [6, 13, 20, 27]
        out, so_far = False, None
        for day, size in enumerate(days):
            arm = rng.integers(0, 2, size)
            part = moments_of(
                arm, SHAPES[shape](rng, size)[:, None], arms=("A", "B"), columns=("y",)
            )
            so_far = part if so_far is None else merged([so_far, part])
            if day not in at:
                continue
            rules = Rules(
                procedure=procedure,
                level=1 - ALPHA,
                seed=1,
                looks=tuple(float(looks[i]) for i in at if i <= day),
                spending=Spending.OBRIEN_FLEMING,
            )
            found = effects(so_far, [ONE], PLAIN)
            low, high = _interval(found, rules)
            out |= low > 0 or high < 0
        missed += out
        widths.append((high - low) / (2 * 1.959964 * float(found.std_errors[0])))
    often = "every day" if procedure is Procedure.SEQUENTIAL else "4 looks"
    return Rate(
        name=f"{procedure.value}, {shape}, {often}",
        runs=runs,
        share=missed / runs,
        most=ALPHA,
        width=float(np.mean(widths)),
    )


def _interval(found: Estimates, rules: Rules) -> tuple[float, float]:
    """The decision interval, without the p-value that a search would cost."""
    from causal.estimation.experiment.boundaries import boundaries

    if rules.procedure is Procedure.GROUP_SEQUENTIAL:
        reach = float(boundaries(np.array(rules.looks), ALPHA, rules.spending)[-1])
        reach *= float(found.std_errors[0])
        return float(found.values[0]) - reach, float(found.values[0]) + reach
    decided = decide(found, rules, together=False)
    return float(decided.low[0]), float(decided.high[0])


def together(runs: int) -> Rate:
    """Runs that claim something of three metrics in three arms that do not differ."""
    readings = [Reading(metric=name, level=Part(numerator=name)) for name in "uvw"]
    rules = Rules(procedure=Procedure.FIXED, level=1 - ALPHA, seed=1)
    claimed = 0
    for run in range(runs):
        found = effects(_alike(stream(run, "together")), readings, PLAIN)
        decided = decide(found, rules, together=True)
        claimed += bool(((decided.low > 0) | (decided.high < 0)).any())
    name = "fixed, 3 metrics correlated at 0.8 x 2 arms, any claim"
    return Rate(name=name, runs=runs, share=claimed / runs, most=ALPHA)


def _alike(rng: np.random.Generator, n: int = 1_500) -> Moments:
    x = np.sqrt(0.8) * rng.normal(size=(n, 1)) + np.sqrt(0.2) * rng.normal(size=(n, 3))
    return moments_of(rng.integers(0, 3, n), x, arms=tuple("ABC"), columns=tuple("uvw"))


def at_the_margin(runs: int, margin: float = 0.05) -> Rate:
    """Runs that call an arm not worse than its margin when it is exactly that much worse."""
    passed = 0
    rules = Rules(procedure=Procedure.FIXED, level=1 - ALPHA, seed=1)
    for run in range(runs):
        rng = stream(run, "margin")
        arm = rng.integers(0, 2, 1_000)
        y = rng.gamma(2.0, 1.0, 1_000) * np.where(arm == 1, 1 - margin, 1.0)
        moments = moments_of(arm, y[:, None], arms=("A", "B"), columns=("y",))
        of = levels(moments, ONE, Adjustment.NONE)
        gap = gaps(of, Goal.INCREASE, margin=margin, relative=True)
        held = decide(estimates_of(gap, moments, effects(moments, [ONE], PLAIN)), rules,
                      together=False)  # fmt: skip
        passed += bool(held.low[0] > 0)
    return Rate(
        name="a guardrail exactly at its margin, called not worse",
        runs=runs,
        share=passed / runs,
        most=ALPHA / 2,
    )


def rates(runs: int) -> tuple[Rate, ...]:
    """All of them."""
    return (
        *(peeking(shape, Procedure.SEQUENTIAL, runs) for shape in SHAPES),
        *(peeking(shape, Procedure.GROUP_SEQUENTIAL, runs) for shape in SHAPES),
        together(runs),
        at_the_margin(runs),
    )
