"""Blocks in which an attribute does not vary: they say nothing within, and who they are."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Cell, Finding, Status
from causal.data.panel import BoolArray, Column, FloatArray, IntArray, Panel
from causal.design.study import Study
from causal.diagnostics._columns import attributes, quoted

FEWEST = 5
LITTLE = 0.2
WITHIN = ("within", "exploration x within")


def check(study: Study, panel: Panel) -> tuple[Finding, ...]:
    """Count the blocks and rows that carry information on each attribute within blocks.

    Rows of a block in which the attribute takes one value are left out of the comparison within
    blocks. The first outcome is compared between rows used and left out. Fewer than 5 informative
    blocks: the attribute cannot be estimated within; under a fifth of the rows: a warning, for the
    effect then speaks of these blocks only.
    """
    asked = attributes(study, panel)
    if panel.block is None or not asked or not panel.rows:
        return ()
    block = np.unique(panel.block, return_inverse=True)[1].astype(np.int64)
    used = {column.name: _varied(column, block) for column in asked}
    detail = tuple(_row(panel, name, block, rows) for name, rows in used.items())
    counts = {str(row["attribute"]): int(row["informative"] or 0) for row in detail}
    none = tuple(name for name, count in counts.items() if count < FEWEST)
    little = tuple(name for name, rows in used.items() if name not in none and rows.mean() < LITTLE)
    found = (_none(none, counts, detail),) if none else ()
    if little:
        return (*found, _little(little, used, detail))
    return found or (_enough(used, detail),)


def _varied(column: Column, block: IntArray) -> BoolArray:
    """Rows of blocks in which the known values differ, shape (rows,)."""
    known = ~column.missing
    blocks = int(block.max()) + 1
    low, high = np.full(blocks, np.inf), np.full(blocks, -np.inf)
    np.minimum.at(low, block[known], column.values[known])
    np.maximum.at(high, block[known], column.values[known])
    return np.asarray((low < high)[block] & known)


def _row(panel: Panel, name: str, block: IntArray, used: BoolArray) -> dict[str, Cell]:
    outcome = next(iter(panel.outcomes.values()))
    return {
        "attribute": name,
        "blocks": int(block.max()) + 1,
        "informative": int(np.unique(block[used]).size),
        "rows_used": float(used.mean()),
        f"{outcome.name} used": _mean(outcome.value, outcome.weight, used),
        f"{outcome.name} left out": _mean(outcome.value, outcome.weight, ~used),
    }


def _mean(value: FloatArray, weight: FloatArray, rows: BoolArray) -> float | None:
    known = rows & np.isfinite(value) & (weight > 0)
    return float(np.average(value[known], weights=weight[known])) if known.any() else None


def _vary(names: tuple[str, ...]) -> str:
    return f"{quoted(names)} {'varies' if len(names) == 1 else 'vary'}"


def _none(
    names: tuple[str, ...], counts: dict[str, int], detail: tuple[dict[str, Cell], ...]
) -> Finding:
    fewest = min(counts[name] for name in names)
    return Finding(
        name="blocks without variation",
        status=Status.FAIL,
        meaning=(
            f"{_vary(names)} within fewer than {FEWEST} blocks (the fewest: {fewest}), so "
            "no effect can be read within blocks."
        ),
        remedy="Use a wider block, or read this attribute in a design that compares across blocks.",
        statistic=float(fewest),
        threshold=float(FEWEST),
        blocks="design",
        designs=WITHIN,
        attributes=names,
        columns=names,
        detail=detail,
    )


def _little(
    names: tuple[str, ...], used: dict[str, BoolArray], detail: tuple[dict[str, Cell], ...]
) -> Finding:
    least = min(float(used[name].mean()) for name in names)
    return Finding(
        name="blocks without variation",
        status=Status.WARN,
        meaning=(
            f"Less than {LITTLE:.0%} of the rows lie in blocks where {_vary(names)} (the "
            f"least: {least:.1%}). Effects within blocks speak of these blocks only; the table "
            "compares them with those left out."
        ),
        remedy="Before carrying such an effect over to all content, look who is left out.",
        statistic=least,
        threshold=LITTLE,
        attributes=names,
        columns=names,
        detail=detail,
    )


def _enough(used: dict[str, BoolArray], detail: tuple[dict[str, Cell], ...]) -> Finding:
    least = min(float(rows.mean()) for rows in used.values())
    return Finding(
        name="blocks without variation",
        status=Status.PASS,
        meaning=f"At least {least:.0%} of the rows lie in blocks where each attribute varies.",
        statistic=least,
        threshold=LITTLE,
        detail=detail,
    )
