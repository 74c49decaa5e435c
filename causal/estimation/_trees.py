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
class Chain:
    """A start and stages of trees, each going on from all before it; a stage may be left out.

    ``matrix`` (n, q) holds the columns as trees take them and ``terms`` (n, d) the linear terms a
    model may see.
    """

    start: AnyStart | None = None
    stages: tuple[Stage | None, ...] = ()

    def scores(self, matrix: FloatArray, terms: FloatArray) -> list[FloatArray]:
        """Raw scores of the start, if there is one, and after each stage, (n,) or (n, classes)."""
        made: list[FloatArray] = []
        if self.start is not None:
            made.append(self.start.predict(terms))
        seen = wide(matrix, terms, self.start)
        for stage in self.stages:
            added = 0.0 if stage is None else stage.raw(seen)
            made.append(np.asarray(added + (made[-1] if made else 0.0)))
        return made


def wide(matrix: FloatArray, terms: FloatArray, start: AnyStart | None) -> FloatArray:
    """The columns, and beside them what each set of joint columns amounts to in the start."""
    if not isinstance(start, JointStart):
        return matrix
    return np.hstack([matrix, start.features(terms)])


def joint_columns(start: AnyStart | None, owner: Sequence[int]) -> IntArray:
    """Columns that act jointly in a start; ``owner`` says for each linear term which is its column.

    Surfaces of few columns are learned with far less noise from those columns alone.
    """
    sets = start.sets if isinstance(start, JointStart) else ()
    own = sorted({owner[j] for members in sets for j in members})
    return np.array(own, dtype=np.int64)
