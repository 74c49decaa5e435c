"""Trees that go on from a start, in stages: first on what acts jointly, then on every column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from causal.data.panel import FloatArray, IntArray
from causal.estimation._start import ClassStart, JointStart, Start

if TYPE_CHECKING:
    import lightgbm

AnyStart = Start | JointStart | ClassStart


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stage:
    """Trees on some of the columns that :func:`wide` gives; ``columns`` None are all of them."""

    booster: lightgbm.Booster
    columns: IntArray | None = None

    def raw(self, matrix: FloatArray) -> FloatArray:
        """What the trees add to the raw score of rows, shape (n,) or (n, classes)."""
        seen = matrix if self.columns is None else matrix[:, self.columns]
        return np.asarray(self.booster.predict(seen, raw_score=True, num_threads=1))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Model:
    """A start, trees, or trees that go on from a start.

    ``matrix`` (n, q) holds the columns as trees take them and ``terms`` (n, d) the linear terms a
    model may see.
    """

    start: AnyStart | None = None
    stages: tuple[Stage, ...] = ()

    def base(self, terms: FloatArray) -> FloatArray | float:
        """Raw score of the start; zero without one."""
        return 0.0 if self.start is None else self.start.predict(terms)

    def grown(self, matrix: FloatArray, terms: FloatArray) -> FloatArray | float:
        """What all trees add; zero without any."""
        if not self.stages:
            return 0.0
        seen = wide(matrix, terms, self.start)
        return np.asarray(sum(stage.raw(seen) for stage in self.stages))


def wide(matrix: FloatArray, terms: FloatArray, start: AnyStart | None) -> FloatArray:
    """The columns, and beside them what each set of joint columns amounts to in the start."""
    if not isinstance(start, JointStart):
        return matrix
    return np.hstack([matrix, start.features(terms)])


def joint_columns(start: AnyStart | None, owner: Sequence[int], matrix: int) -> IntArray | None:
    """Columns of :func:`wide` that act jointly: those of the start's sets and what is made of them.

    Surfaces of few columns are learned with far less noise from those columns alone.

    Parameters
    ----------
    start
        What the trees go on from; None is given back without joint terms.
    owner
        For each linear term the number of its column.
    matrix
        How many columns there are.
    """
    if not isinstance(start, JointStart) or not start.sets:
        return None
    own = sorted({owner[j] for members in start.sets for j in members})
    return np.array([*own, *range(matrix, matrix + start.made)], dtype=np.int64)
