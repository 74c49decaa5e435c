"""What is asked of a package that takes one binary attribute at a time, and its answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pandas as pd

from benchmarks.accuracy.drawing import Answer, Answers, Drawn
from causal.data.panel import FloatArray, IntArray

LEVEL = 0.95
Interval = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """One attribute: ``y``, ``a`` (rows,), the columns held fixed ``x`` (rows, columns)."""

    attribute: str
    y: FloatArray
    a: FloatArray
    x: FloatArray
    cluster: IntArray | None
    drawn: Drawn

    @property
    def table(self) -> pd.DataFrame:
        """The same as a table: y, a, x0, x1, ..., and the cluster if there is one."""
        columns = {f"x{j}": self.x[:, j] for j in range(self.x.shape[1])}
        held = {} if self.cluster is None else {"cluster": self.cluster}
        return pd.DataFrame({"y": self.y, "a": self.a, **columns, **held})

    @property
    def names(self) -> list[str]:
        """The columns held fixed."""
        return [f"x{j}" for j in range(self.x.shape[1])]


def asked(drawn: Drawn) -> Iterator[Asked]:
    """Every attribute of a study; categories become indicators."""
    study, frame = drawn.study, drawn.frame
    attributes = list(study["attributes"])
    codes = clusters(drawn)
    held = [*study["confounders"], *study.get("modifiers", ())]
    for attribute in attributes:
        others = [*held, *(name for name in attributes if name != attribute)]
        x = pd.get_dummies(frame[others], drop_first=True, dtype=float)
        yield Asked(
            attribute=attribute,
            y=frame[study["outcomes"][0]["column"]].to_numpy(float),
            a=frame[attribute].to_numpy(float),
            x=x.to_numpy(float),
            cluster=codes,
            drawn=drawn,
        )


def clusters(drawn: Drawn) -> IntArray | None:
    """Code of the first cluster of each row, shape (rows,), where the study names one."""
    named = drawn.study.get("cluster")
    if named is None:
        return None
    first = named if isinstance(named, str) else named[0]
    return np.unique(drawn.frame[first], return_inverse=True)[1]


def each(
    drawn: Drawn, interval: Callable[[Asked], Interval], *, most: int | None = None
) -> Answers:
    """Ask for every attribute, or the first few where a package is slow: estimate, low and high.

    A ratio of sums cannot be asked for.
    """
    if "numerator" in drawn.study["outcomes"][0]:
        return Answers(rows=tuple(_not_offered(name) for name, _ in drawn.truth))
    rows = []
    for one in islice(asked(drawn), most):
        estimate, low, high = interval(one)
        rows.append(Answer(attribute=one.attribute, estimate=estimate, low=low, high=high))
    return Answers(rows=tuple(rows))


def _not_offered(attribute: str) -> Answer:
    return Answer(attribute=attribute, refused="not offered: ratio of sums")


def scalar(value: object) -> float:
    """One number out of what a package returns."""
    return float(np.asarray(value, dtype=float).reshape(-1)[0])
