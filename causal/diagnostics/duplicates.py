"""Rows that are alike in everything but their unit, and arms that differ in no attribute."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from causal.base.finding import Finding, Status
from causal.data.panel import IntArray, Panel
from causal.design.study import Study
from causal.diagnostics._columns import attributes, codes, together

MOST = 0.01


def check(study: Study, panel: Panel) -> tuple[Finding, ...]:
    """Count rows with a twin, against the twins that chance gives, and arms that do not differ.

    Two rows of a table with few and coarse columns are alike by chance. Were the columns
    independent, a row would have ``rows * product of collision chances`` twins; rows alike count as
    suspect only when they are ten times as many.
    """
    if not panel.rows:
        return ()
    return (_rows_alike(study, panel), *_arms_alike(study, panel))


def _rows_alike(study: Study, panel: Panel) -> Finding:
    twins, by_chance = _twins(_everything(study, panel), panel.rows)
    share = twins / panel.rows
    suspect = share > MOST and share > 10 * min(1.0, by_chance)
    return Finding(
        name="duplicates",
        status=Status.WARN if suspect else Status.PASS,
        meaning=(
            f"{twins} of {panel.rows} rows ({share:.1%}) repeat another row in everything that was "
            f"read but the unit." + ("" if suspect else " That is no more than expected.")
        ),
        remedy=(
            "Look whether the same thing was logged or joined twice. If it was, remove the repeats "
            "in data.query; copies make intervals too narrow."
            if suspect
            else ""
        ),
        statistic=share,
        threshold=MOST,
    )


def _twins(parts: Iterator[IntArray], rows: int) -> tuple[int, float]:
    """Rows that repeat another, and twins of a row by chance; stops once no row has a twin."""
    joined, by_chance = np.zeros(rows, dtype=np.int64), float(rows)
    twins = rows
    for part in parts:
        joined = together([joined, part])
        by_chance *= _collision(part)
        twins = rows - 1 - int(joined.max())
        if not twins:
            break
    return twins, by_chance


def _everything(study: Study, panel: Panel) -> Iterator[IntArray]:
    """Codes of all that was read but the unit, what tells most rows apart first."""
    for __, outcome in sorted(panel.outcomes.items()):
        yield codes(outcome.value)
        yield codes(outcome.weight)
    if panel.block is not None:
        yield panel.block
    if panel.time is not None:
        yield codes(panel.time.astype("datetime64[us]").astype(np.int64).astype(float))
    if panel.counts is not None:
        yield codes(panel.counts)
    if study.cluster:
        yield from panel.clusters
    for __, column in sorted(panel.columns.items()):
        yield codes(column.values)


def _collision(part: IntArray) -> float:
    """Chance that two rows drawn at random agree."""
    share = np.bincount(part) / part.size
    return float((share**2).sum())


def _arms_alike(study: Study, panel: Panel) -> tuple[Finding, ...]:
    asked = attributes(study, panel)
    if panel.block is None or not asked:
        return ()
    arm = together([panel.block, *(codes(column.values) for column in asked)])
    alike = int(panel.rows - np.unique(arm).size)
    share = alike / panel.rows
    return (
        Finding(
            name="arms alike",
            status=Status.PASS,
            meaning=(
                f"{alike} of {panel.rows} rows ({share:.1%}) differ from another row of their "
                "block in none of the studied attributes. They tell of noise, not of effects."
            ),
            statistic=share,
            columns=tuple(column.name for column in asked),
        ),
    )
