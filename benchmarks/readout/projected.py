"""Projections of long-term effects: coverage of their intervals over many simulated pasts.

Run ``python -m benchmarks.readout.projected``: 400 pasts of every world, as a markdown table, beside
a regression of measured on measured effects. With ``--platform`` the record on the simulated
platform, whose true long-term effects are known.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.readout import bar
from causal.base.streams import stream
from causal.content.outcome import Goal
from causal.data.panel import FloatArray
from causal.data.past import Past
from causal.data.platform import UNIT, Settings
from causal.data.platform.experiments import experiments
from causal.estimation.experiment.projection import Projection, Short, projection

RUNS, LEVEL, ALIKE = 400, 0.95, 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """How many past experiments, from how many metrics, and errors in spreads of true effects."""

    experiments: int
    metrics: int
    noise: float
    tails: float | None = None

    @property
    def name(self) -> str:
        """In words."""
        signal = "strong" if self.noise < 1 else "weak"
        of = "one metric" if self.metrics == 1 else f"{self.metrics} metrics"
        tails = "" if self.tails is None else f", true effects t({self.tails:g})"
        return f"{self.experiments} experiments, {of}, {signal} signal{tails}"


WORLDS = (
    *(
        World(experiments=count, metrics=metrics, noise=noise)
        for count in (20, 60)
        for metrics in (1, 2)
        for noise in (0.4, 1.25)
    ),
    World(experiments=60, metrics=2, noise=0.4, tails=4.0),
)


def draw(world: World, rng: np.random.Generator) -> tuple[Past, Short, float]:
    """A past, one more experiment, and its true long-term effect.

    The short metrics' true effects have a correlation of one half and tell 70% of the variance of
    the long one's. Errors differ in size between experiments and go together between metrics.
    """
    q, n = world.metrics, world.experiments + 1
    among = np.full((q, q), 0.5) + 0.5 * np.eye(q)
    slopes = np.sqrt(0.7 / among.sum()) * np.ones(q)
    noise = rng.standard_normal((n, q + 1))
    if world.tails is not None:
        noise *= np.sqrt((world.tails - 2) / rng.chisquare(world.tails, (n, 1)))
    short = noise[:, :q] @ np.linalg.cholesky(among).T
    true = np.column_stack([short, short @ slopes + np.sqrt(0.3) * noise[:, q]]) + 0.3
    sizes = world.noise * np.exp(0.4 * rng.standard_normal((n, 1))) * np.append(np.ones(q), 1.3)
    errors = sizes[:, :, None] * sizes[:, None] * (ALIKE + (1 - ALIKE) * np.eye(q + 1))
    roots = np.linalg.cholesky(errors)
    seen = true + np.einsum("nij,nj->ni", roots, rng.standard_normal((n, q + 1)))
    last = Short(arm="B", effects=seen[-1, :q], covariance=errors[-1, :q, :q])
    return past_of(seen[:-1], errors[:-1]), last, float(true[-1, q])


def past_of(effects: FloatArray, covariance: FloatArray) -> Past:
    """Experiments with one arm each."""
    n, d = effects.shape
    return Past(
        experiments=tuple(f"{i:03d}" for i in range(n)),
        arms=("B",) * n,
        group=np.arange(n),
        metrics=(*(f"short {i}" for i in range(1, d)), "long"),
        effects=effects,
        covariance=covariance,
        joint=True,
    )


def regression(past: Past, short: FloatArray) -> tuple[float, float, float]:
    """Least squares of measured on measured, with its interval for a new one."""
    from scipy.stats import t as student

    x = np.column_stack([np.ones(len(past.arms)), past.effects[:, :-1]])
    y = past.effects[:, -1]
    inverse = np.linalg.inv(x.T @ x)
    slopes = inverse @ x.T @ y
    free = len(y) - x.shape[1]
    at = np.append(1.0, short)
    left = float(((y - x @ slopes) ** 2).sum() / free)
    reach = float(student.isf((1 - LEVEL) / 2, free)) * (left * (1 + at @ inverse @ at)) ** 0.5
    value = float(at @ slopes)
    return value, value - reach, value + reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Of pasts that give a projection: ours, then the regression of measured on measured."""

    shown: int
    held: tuple[float, float]
    width: tuple[float, float]
    error: tuple[float, float]

    def holds(self, errors: float = 2.0) -> bool:
        """Whether enough intervals hold, so many Monte Carlo errors allowed: more is no fault."""
        return bar.at_least(self.held[0], self.shown, errors=errors)


def measure(world: World, runs: int) -> Found:
    """One world."""
    rows = []
    for run in range(runs):
        past, short, true = draw(world, stream(run, "projected", world.name))
        found = projection(past, [short], goal=Goal.INCREASE, level=LEVEL, seed=run, record=False)
        own = found.arms[0] if found.arms else None
        if own is None or own.value is None or own.low is None or own.high is None:
            continue
        both = ((own.value, own.low, own.high), regression(past, short.effects))
        rows.append([(low <= true <= high, high - low, (v - true) ** 2) for v, low, high in both])
    held, width, square = np.array(rows, dtype=float).mean(axis=0).T
    return Found(
        shown=len(rows),
        held=(held[0], held[1]),
        width=(width[0], width[1]),
        error=(square[0] ** 0.5, square[1] ** 0.5),
    )


def table(runs: int) -> Iterator[str]:
    """Every world, as a markdown table."""
    yield (
        "| past | projected | interval holds | width | error | regression: holds | width | error | |"
    )
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---|"
    for world in WORLDS:
        found = measure(world, runs)
        yield (
            f"| {world.name} | {found.shown} of {runs} | {found.held[0]:.1%} | {found.width[0]:.2f} "
            f"| {found.error[0]:.2f} | {found.held[1]:.1%} | {found.width[1]:.2f} "
            f"| {found.error[1]:.2f} | {'holds' if found.holds() else '**MISSES**'} |"
        )


PROXIES = {
    "clicks per visit": (0,),
    "saves per visit": (1,),
    "visits in the first week": (3,),
    "clicks and saves per visit": (0, 1),
    "clicks, saves and hides per visit": (0, 1, 2),
}


def platform(count: int = 60, users: int = 3_000) -> Iterator[str]:
    """The record on experiments of the simulated platform, and against their true effects."""
    size = replace(UNIT, users=users)
    made = experiments(Settings(seed=1, size=size), count, users_for_truth=1)
    true = made.true[:, -1]
    yield (
        "| projected from | signs right | winners called | called gains that were winners "
        "| measured in interval | true effect in interval | error | regression: true effect in "
        "interval | error |"
    )
    yield f"|---|{'---:|' * 8}"
    for name, columns in PROXIES.items():
        at = [*columns, len(made.names) - 1]
        errors = made.errors[:, at]
        past = past_of(made.measured[:, at], np.eye(len(at)) * errors[:, :, None] ** 2)
        found = projection(past, [], goal=Goal.INCREASE, level=LEVEL, seed=1)
        yield f"| {name} | {_platform_row(found, past, true)} |"


def _platform_row(found: Projection, past: Past, true: FloatArray) -> str:
    if found.record is None:
        return f"{found.refusal} |" + " |" * 6
    rows, record = found.record.rows, found.record
    held = sum(a.projected_low <= t <= a.projected_high for a, t in zip(rows, true, strict=True))
    error = np.mean([(a.projected - t) ** 2 for a, t in zip(rows, true, strict=True)]) ** 0.5
    others = []
    for i, t in enumerate(true):
        rest = np.arange(len(true)) != i
        fewer = past_of(past.effects[rest], past.covariance[rest])
        value, low, high = regression(fewer, past.effects[i, :-1])
        others.append((low <= t <= high, (value - t) ** 2))
    plain = np.array(others, dtype=float)
    cells = [f"{c.hits} of {c.of}" for c in (record.signs, record.recall, record.precision,
                                             record.held)]  # fmt: skip
    return " | ".join(
        [*cells, f"{held} of {len(rows)}", f"{error:.2f}",
         f"{plain[:, 0].sum():.0f} of {len(rows)}", f"{plain[:, 1].mean() ** 0.5:.2f}"]
    )  # fmt: skip


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.readout.projected")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--platform", action="store_true")
    given = parser.parse_args()
    for line in platform() if given.platform else table(given.runs):
        print(line, file=sys.stdout, flush=True)


if __name__ == "__main__":
    main()
