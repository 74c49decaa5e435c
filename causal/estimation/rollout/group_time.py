"""Group-time effects: what each cohort of adopters gained in each period (Callaway, Sant'Anna 2021)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from causal.base.errors import DesignError
from causal.data.cells.cells import Cells
from causal.data.panel import BoolArray, FloatArray, IntArray
from causal.estimation.rollout._doubly_robust import TwoPeriods, two_periods

Control = Literal["not yet", "never"]
Base = Literal["varying", "universal"]
FEW_CLUSTERS = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GroupTime:
    """Effects of cohort g in period t; k of them.

    Attributes
    ----------
    outcome
        Its name.
    labels
        Places of the cohort's period of adoption and of the period, for each.
    values
        Shape (k,); NaN where there is none.
    influence
        Shape (I, k).
    baseline, baseline_influence
        What the cohort's mean would have been without the rollout, (k,) and (I, k).
    treated, controls
        Which entities each compares, (I, k).
    refusal
        Why an effect has no value, or nothing.
    alone
        Whether the cohort is one cluster in this period, (k,): it has no spread of its own.
    """

    outcome: str
    labels: tuple[tuple[int, int], ...]
    values: FloatArray
    influence: FloatArray
    baseline: FloatArray
    baseline_influence: FloatArray
    treated: BoolArray
    controls: BoolArray
    refusal: tuple[str, ...]
    alone: BoolArray

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def cohort(self) -> IntArray:
        """Place of adoption of each, (k,)."""
        return np.array([g for g, _ in self.labels], dtype=np.int64)

    @property
    def period(self) -> IntArray:
        """Place of the period of each, (k,)."""
        return np.array([t for _, t in self.labels], dtype=np.int64)

    def select(self, index: IntArray) -> GroupTime:
        """Some of the effects, in the order of ``index``."""
        return replace(
            self,
            labels=tuple(self.labels[j] for j in index),
            values=self.values[index],
            influence=self.influence[:, index],
            baseline=self.baseline[index],
            baseline_influence=self.baseline_influence[:, index],
            treated=self.treated[:, index],
            controls=self.controls[:, index],
            refusal=tuple(self.refusal[j] for j in index),
            alone=self.alone[index],
        )

    def without(self, cohorts: IntArray) -> GroupTime:
        """Those of other cohorts."""
        return self.select(np.flatnonzero(~np.isin(self.cohort, cohorts)))


def group_time(
    cells: Cells,
    outcome: str,
    *,
    control: Control = "not yet",
    anticipation: int = 0,
    base: Base = "varying",
) -> GroupTime:
    """Compare every cohort in every period with who is not treated.

    Parameters
    ----------
    control
        Who is compared with: everyone not yet treated in both periods, or who never is.
    anticipation
        Periods before adoption in which it may already act.
    base
        Before adoption each period is compared with the one before it (``varying``), or all with
        the last before adoption (``universal``), as bounds on trends need it.

    Raises
    ------
    DesignError
        When nobody adopts, or there is nobody, or no period, to compare with.
    """
    refuse(cells, control=control, anticipation=anticipation)
    made: list[tuple[tuple[int, int], TwoPeriods, FloatArray, BoolArray, BoolArray]] = []
    for g in cells.cohorts:
        for t in range(len(cells.periods)):
            before = _before(int(g), t, anticipation, base)
            if before is None:
                continue
            treated, controls = _compared(cells, int(g), max(t, before), control, anticipation)
            gain = cells.y[outcome][:, t] - cells.y[outcome][:, before]
            treated, controls = treated & np.isfinite(gain), controls & np.isfinite(gain)
            found = _found(cells, gain, treated, controls)
            level = _level(cells, cells.y[outcome][:, t], treated)
            made.append(((int(g), t), found, level, treated, controls))
    return _gathered(cells, outcome, made)


def refuse(cells: Cells, *, control: Control, anticipation: int) -> None:
    """Refuse a panel in which nothing can be compared.

    Raises
    ------
    DesignError
        In words, by the key that would mend it.
    """
    cohorts = cells.cohorts
    if len(cells.entities) < 2:
        raise DesignError(
            "entity: there is one entity only, and nothing to compare it with. Bring others, or use "
            "'schedule: single' for the course of one."
        )
    if not cohorts.size:
        raise DesignError(
            "adopted: nobody adopts after the first period and up to the last, so there is nothing "
            "to compare. Look at the column, or bring later periods."
        )
    never = np.isinf(cells.adopted)
    if control == "never" and not never.any():
        raise DesignError(
            "analysis.control: everyone adopts, so nobody is never treated. Use 'control: not yet'."
        )
    if cohorts.size == 1 and not never.any():
        raise DesignError(
            "adopted: everyone adopts in one period, so there is nobody to compare with. Use "
            "'schedule: single' for the course before and after."
        )
    if cohorts.max() - 1 - anticipation < 0:
        raise DesignError(
            "adopted: no cohort has a period before adoption. Bring earlier periods, or lower "
            "analysis.anticipation."
        )


def _before(g: int, t: int, anticipation: int, base: Base) -> int | None:
    """Place of the period that t is compared with; None where there is none."""
    last = g - 1 - anticipation
    if t >= g - anticipation or base == "universal":
        return last if last >= 0 and t != last else None
    return t - 1 if t >= 1 else None


def _compared(
    cells: Cells, g: int, latest: int, control: Control, anticipation: int
) -> tuple[BoolArray, BoolArray]:
    treated = cells.adopted == g
    if control == "never":
        return treated, np.isinf(cells.adopted)
    return treated, (cells.adopted > latest + anticipation) & ~treated


def _found(cells: Cells, gain: FloatArray, treated: BoolArray, controls: BoolArray) -> TwoPeriods:
    """The comparison, by block where there are blocks, on all entities."""
    entities = len(cells.entities)
    if not treated.any() or not controls.any():
        who = (
            "no adopter has both periods" if not treated.any() else "nobody is left to compare with"
        )
        return TwoPeriods(value=float("nan"), influence=np.zeros(entities), refusal=who)
    blocks = np.zeros(entities, dtype=np.int64) if cells.block is None else cells.block
    value, influence = 0.0, np.zeros(entities)
    whole = cells.weight[treated].sum()
    for block in np.unique(blocks[treated]):
        at = np.flatnonzero((treated | controls) & (blocks == block))
        if treated[at].all():
            why = "a block has nobody to compare with"
            return TwoPeriods(value=float("nan"), influence=np.zeros(entities), refusal=why)
        one = two_periods(gain[at], treated[at], cells.weight[at], cells.covariates[at])
        if one.refusal:
            return replace(one, influence=np.zeros(entities))
        share = cells.weight[at][treated[at]].sum() / whole
        value += share * one.value
        influence[at] += share * one.influence
    return TwoPeriods(value=float(value), influence=influence)


def _level(cells: Cells, y: FloatArray, treated: BoolArray) -> FloatArray:
    """Mean of the treated and its influence, (1 + I,)."""
    weight = np.where(treated, cells.weight, 0.0)
    total = weight.sum()
    if not total > 0:
        return np.full(1 + y.size, np.nan)
    known = np.where(treated, y, 0.0)
    mean = weight @ known / total
    return np.concatenate([[mean], weight * (known - mean) / total])


def _gathered(
    cells: Cells,
    outcome: str,
    made: list[tuple[tuple[int, int], TwoPeriods, FloatArray, BoolArray, BoolArray]],
) -> GroupTime:
    values = np.array([found.value for _, found, _, _, _ in made])
    influence = np.column_stack([found.influence for _, found, _, _, _ in made])
    level = np.column_stack([level for _, _, level, _, _ in made])
    treated = np.column_stack([treated for _, _, _, treated, _ in made])
    alone = [len(np.unique(cells.cluster[column])) < 2 for column in treated.T]
    return GroupTime(
        outcome=outcome,
        labels=tuple(label for label, _, _, _, _ in made),
        values=values,
        influence=influence,
        baseline=level[0] - values,
        baseline_influence=level[1:] - influence,
        treated=treated,
        controls=np.column_stack([controls for _, _, _, _, controls in made]),
        refusal=tuple(found.refusal for _, found, _, _, _ in made),
        alone=np.array(alone),
    )
