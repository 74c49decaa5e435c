"""What a world draws: a table, the study a user would write, and the truth of every row.

A world is a module with a docstring, ``NUMBER`` (its number in the list of twelve, 0 for worlds of
our own choosing), ``ROWS``, ``WATCH`` (attributes whose effect is zero count as false discoveries
when claimed) and ``draw(seed, rows)``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from causal.base.streams import stream
from causal.data.panel import FloatArray

POOLED_ROWS = 200_000
POOLS = 5
Contrast = tuple[str, str]
Segment = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Means:
    """What a row would have at the two levels of a contrast, in expectation; arrays of shape (n,).

    ``propensity`` is the true probability of the higher level given what is held fixed.
    ``high_size`` and ``low_size`` are the denominators of a ratio outcome.
    """

    high: FloatArray
    low: FloatArray
    propensity: FloatArray
    high_size: FloatArray | None = None
    low_size: FloatArray | None = None

    def weights(self, estimand: str) -> FloatArray:
        """What each row counts in the average an estimand names, shape (n,)."""
        e = self.propensity
        return {"ATE": np.ones_like(e), "ATT": e, "ATO": e * (1 - e)}[estimand]

    def sums(self, estimand: str, inside: FloatArray) -> FloatArray:
        """Weighted sums of numerators and denominators, shape (4,); they add over tables."""
        h = self.weights(estimand) * inside
        ones = np.ones_like(h)
        parts = (
            self.high,
            ones if self.high_size is None else self.high_size,
            self.low,
            ones if self.low_size is None else self.low_size,
        )
        return np.array([float(np.sum(h * part)) for part in parts])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
    """One table of a world.

    ``variant`` names which of its forms this seed has. ``by_rows``: the truth is the average over
    the very rows an estimate weighs, with its weights, not over a population.
    """

    frame: pd.DataFrame
    study: dict[str, Any]
    truth: Mapping[Contrast, Means]
    variant: str = ""
    by_rows: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One estimate of a peer, or its refusal to give one.

    ``own_truth`` is the truth of the rows it weighs, where a world asks for that.
    """

    attribute: str
    contrast: str = "1 - 0"
    estimand: str = "ATE"
    segment: str = ""
    value: str = ""
    estimate: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    simultaneous_low: float = float("nan")
    simultaneous_high: float = float("nan")
    differs_p: float = float("nan")
    refused: str = ""
    own_truth: float = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """All of a peer's estimates on one table, and what its checks said of the models."""

    rows: tuple[Answer, ...]
    noticed: str = ""


def logistic(x: FloatArray) -> FloatArray:
    """Probability of log-odds."""
    return np.asarray(1 / (1 + np.exp(-x)))


def random(world: str, seed: int) -> np.random.Generator:
    """The draws of one table."""
    return stream(seed, "accuracy", world.rsplit(".", 1)[-1])


def study(
    name: str,
    attributes: list[Any],
    confounders: list[str],
    *,
    outcome: Mapping[str, str] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A study as a user would write it, heterogeneity left out.

    ``more`` are keys of the study file.
    """
    return {
        "study": name,
        "data": {"source": "memory"},
        "attributes": attributes,
        "outcomes": [dict(outcome or {"name": "y", "column": "y"})],
        "confounders": confounders,
        "settings": {"heterogeneity": False},
        **more,
    }


def columns(x: FloatArray, prefix: str = "x") -> dict[str, FloatArray]:
    """Name the columns of a matrix x0, x1, ...

    >>> list(columns(np.zeros((3, 2))))
    ['x0', 'x1']
    """
    return {f"{prefix}{j}": x[:, j] for j in range(x.shape[1])}


def truth(world: ModuleType, answer: Answer) -> float:
    """The population value of what an answer claims to estimate.

    Where the effect is one number for all rows it is that number; otherwise the average over a
    million rows drawn apart from every run, weighted as the estimand says. NaN for an estimand
    the world has no truth for. An answer that brings its own truth keeps it.
    """
    if not np.isnan(answer.own_truth) or answer.estimand not in ("ATE", "ATT", "ATO"):
        return answer.own_truth
    where = (answer.segment, answer.value)
    contrast = (answer.attribute, answer.contrast)
    return _truth(world, contrast, answer.estimand, where)


@cache
def _truth(world: ModuleType, contrast: Contrast, estimand: str, where: Segment) -> float:
    total = np.zeros(4)
    for drawn in _pools(world):
        means = drawn.truth[contrast]
        apart = means.high - means.low
        if means.high_size is None and np.ptp(apart) < 1e-12:
            return float(apart[0])
        segment, value = where
        all_rows = np.ones(apart.size)
        inside = drawn.frame[segment].astype(str).eq(value) if segment else all_rows
        total += means.sums(estimand, np.asarray(inside, dtype=np.float64))
    return float(total[0] / total[1] - total[2] / total[3])


def _pools(world: ModuleType) -> Iterator[Drawn]:
    for pool in range(POOLS):
        yield world.draw(10**9 + pool, POOLED_ROWS)
