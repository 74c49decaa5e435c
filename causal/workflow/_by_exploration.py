"""What exposure is worth where exploration traffic moved it, and what a place does to an outcome."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from causal.base.errors import DataError
from causal.content.wording import count
from causal.data.panel import BoolArray, FloatArray, IntArray, Panel
from causal.design.exposure import Exposure
from causal.diagnostics.exposure._made import Made
from causal.workflow._by_experiment import checked

if TYPE_CHECKING:
    import pandas as pd

    from causal.diagnostics.exposure._made import Chances, FirstStage, Shift, Trait
    from causal.estimation.exposure.dose import Items
    from causal.estimation.exposure.exploration import Examination
    from causal.estimation.exposure.late import Late
    from causal.reporting.exposure._run import Parts


def by_exploration(study: Exposure, table: pd.DataFrame | None, *, outcomes: bool) -> Parts:
    """Read, check and estimate; without outcomes only what checks need."""
    from causal.data.read import read, read_frame
    from causal.design.exposure_request import rows_request
    from causal.estimation.exposure.anderson_rubin import STRONG
    from causal.reporting.exposure._run import Parts

    asked = rows_request(study)
    panel = read(asked) if table is None else read_frame(table, asked)
    explored = _explored(study, panel)
    slot = None if study.position is None else _slots(study, panel, explored)
    parts = Parts(
        study=study,
        provenance=panel.provenance,
        findings=(),
        units=panel.rows,
        explored=int(explored.sum()),
        types={
            each.name: "proportion" if panel.outcomes[each.name].binary else "mean"
            for each in study.outcomes
        },
    )
    first: tuple[FirstStage, ...] = ()
    balance: tuple[Shift, ...] = ()
    if study.item is not None:
        items = _items(study, panel, explored)
        first, lates = _worth(study, items, outcomes=outcomes)
        balance = _balance(study, panel, items)
        parts = replace(
            parts,
            first_stages=first,
            lates=lates,
            items=items.exposure.size,
            notes=tuple(f"{count(n)} {reason} are left out." for reason, n in items.left_out),
        )
    made = Made(
        exposure="exposure",
        level=study.settings.level,
        strong=STRONG,
        first_stages=first,
        controls=balance,
        traits=() if slot is None else _traits(study, panel, explored, slot),
        chances=None if slot is None else _chances(study, panel, explored, slot),
    )
    curves = () if slot is None or not outcomes else _curves(study, panel, explored, slot)
    notes = () if slot is None or not outcomes else _lacking(study, panel, explored)
    return replace(parts, findings=checked(made), examinations=curves, notes=(*parts.notes, *notes))


def _explored(study: Exposure, panel: Panel) -> BoolArray:
    found = panel.exploration
    if found is None or not found.any():
        raise DataError(
            f"exploration: column '{study.exploration}' is true in no row, so no exposure is known "
            "to be chance. Look at the column, or at data.where."
        )
    return found


def _number(panel: Panel, name: str) -> FloatArray:
    return panel.columns[name].values


def _slots(study: Exposure, panel: Panel, explored: BoolArray) -> IntArray:
    """Places of exploration rows, shape (explored,)."""
    found = _number(panel, str(study.position))[explored]
    wrong = int((~(np.isfinite(found) & (found == np.floor(found)))).sum())
    if wrong:
        raise DataError(
            f"position: column '{study.position}' has no whole number in {wrong:,} of "
            f"{found.size:,} exploration rows. Number the places from 1, or leave those rows out."
        )
    if found.min() != 1:
        raise DataError(
            f"position: places of column '{study.position}' start at {found.min():.0f} on "
            "exploration rows; the first place must be 1. Add one where they count from zero, as in "
            f"data.derive: {{place: {study.position} + 1}}, or look for missing first places."
        )
    return found.astype(np.int64)


def _ways(panel: Panel, rows: BoolArray) -> tuple[IntArray, ...]:
    return tuple(way[rows] for way in panel.clusters)


def _traits(
    study: Exposure, panel: Panel, explored: BoolArray, slot: IntArray
) -> tuple[Trait, ...]:
    from causal.estimation.exposure.traits import trait

    ways = _ways(panel, explored)
    found = (trait(name, _number(panel, name)[explored], slot, ways) for name in study.covariates)
    return tuple(each for each in found if each is not None)


def _chances(study: Exposure, panel: Panel, explored: BoolArray, slot: IntArray) -> Chances | None:
    from causal.estimation.exposure.traits import chances

    if study.propensity is None:
        return None
    return chances(_number(panel, study.propensity)[explored], slot)


def _curves(
    study: Exposure, panel: Panel, explored: BoolArray, slot: IntArray
) -> tuple[Examination, ...]:
    from causal.estimation.exposure.exploration import examination

    found = []
    for each in study.outcomes:
        value = panel.outcomes[each.name].value
        known = explored & np.isfinite(value)
        if not known.any():
            raise DataError(
                f"outcomes: no exploration row has a value of '{each.name}'. Look at the "
                "column, or leave the outcome out."
            )
        found.append(
            examination(value[known], slot[known[explored]], _ways(panel, known), name=each.name)
        )
    return tuple(found)


def _lacking(study: Exposure, panel: Panel, explored: BoolArray) -> tuple[str, ...]:
    """How many exploration rows lack an outcome, and are left out of its curve."""
    lacks = {
        each.name: int((explored & ~np.isfinite(panel.outcomes[each.name].value)).sum())
        for each in study.outcomes
    }
    return tuple(
        f"{count(rows)} exploration rows have no '{name}' and are left out of its places."
        for name, rows in lacks.items()
        if rows
    )


def _items(study: Exposure, panel: Panel, explored: BoolArray) -> Items:
    from causal.estimation.exposure.dose import Windows, items_of, within

    item = (panel.parties or {})["item"]
    if (item < 0).any():
        raise DataError(
            f"item: column '{study.item}' is missing in {int((item < 0).sum()):,} rows. Leave them "
            "out with data.where."
        )
    asked = study.analysis
    return items_of(
        item,
        _number(panel, str(study.period)),
        explored,
        {each.name: panel.outcomes[each.name].value for each in study.outcomes},
        Windows(first=asked.first, window=asked.window, later=asked.later),
        cluster=within(item, panel.clusters if study.ways else ()),
        strata=tuple(panel.columns[name].values.astype(np.int64) for name in study.strata),
        born=None if study.born is None else _number(panel, study.born),
    )


def _balance(study: Exposure, panel: Panel, items: Items) -> tuple[Shift, ...]:
    """How traits that an item keeps go with how much chance showed it early."""
    from causal.diagnostics.exposure._made import Shift
    from causal.estimation.exposure.dose import goes_with, settled

    item = (panel.parties or {})["item"]
    out = []
    for name in (*study.covariates, *study.negative_controls):
        trait = settled(item, _number(panel, name))
        if trait is None:
            continue
        slope, error, p = goes_with(items, trait)
        if np.isfinite(p):
            out.append(Shift(name=name, arm=_arm(study), effect=slope, error=error, p=p))
    return tuple(out)


def _arm(study: Exposure) -> str:
    return f"{study.exploration} rows of the first {study.analysis.first} periods"


def _worth(
    study: Exposure, items: Items, *, outcomes: bool
) -> tuple[tuple[FirstStage, ...], tuple[Late, ...]]:
    from causal.diagnostics.exposure._made import FirstStage
    from causal.estimation.exposure.dose import effects
    from causal.estimation.exposure.late import read

    arm = _arm(study)
    lates, stages = [], []
    for each in study.outcomes:
        moved = effects(items, each.name)
        told = read(
            moved,
            each.name,
            (arm,),
            "average causal response",
            level=study.settings.level,
            family=len(study.outcomes),
        )
        found, refusal = told.worth, told.refusal
        lates.append(told)
        cross = float(moved.cross[0, 0]) if moved.cross is not None else 1.0
        stages.append(
            FirstStage(
                arm=arm,
                effect=float(moved.d[0]) / cross,
                error=float(np.sqrt(moved.dd[0, 0])) / cross,
                f=None if found is None else found.first_stage,
                bounded=None if found is None or not outcomes else found.kind == "bounded",
                why=refusal,
            )
        )
    return tuple(stages[:1]), tuple(lates) if outcomes else ()
