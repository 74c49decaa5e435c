"""Independent sources of variation: how many clusters there are, in all and in each arm."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Cell, Finding, Status
from causal.data.panel import Column, IntArray, Panel
from causal.design.study import Study
from causal.diagnostics._columns import arms, attributes, quoted

NONE_BELOW = 5
FEW = 30


def check(study: Study, panel: Panel) -> tuple[Finding, ...]:
    """Count clusters, in all and with each arm, and how many equal ones they are worth.

    Under 5 clusters in an arm no interval of that attribute can be trusted; under 30 (in an arm, or
    effective: (sum n)^2 / sum n^2) the small-sample correction is used. With two ways of clustering
    the lesser counts.
    """
    if not panel.rows:
        return ()
    ways = [np.unique(codes, return_inverse=True)[1].astype(np.int64) for codes in panel.clusters]
    total = min(_count(codes) for codes in ways)
    effective = min(_effective(codes) for codes in ways)
    if total < 2:
        return (_single(panel),)
    rows = [row for column in attributes(study, panel) for row in _arms(column, ways)]
    detail = tuple(rows)
    least = {name: _least(rows, name) for name in dict.fromkeys(str(r["attribute"]) for r in rows)}
    never = tuple(name for name, count in least.items() if count < NONE_BELOW)
    few = tuple(
        name for name, count in least.items() if name not in never and min(count, effective) < FEW
    )
    unnamed = "" if study.cluster else " The study names no cluster, so every row counts as one."
    whole = f"There are {total} clusters, worth {effective:.0f} of equal size.{unnamed}"
    found = (_never(never, least, detail),) if never else ()
    if few or total < FEW or effective < FEW:
        return (*found, _few(few, min(effective, *least.values(), total), whole, detail))
    return found or (_enough(whole, effective, detail),)


def _count(codes: IntArray) -> int:
    return int(codes.max()) + 1


def _effective(codes: IntArray) -> float:
    size = np.bincount(codes).astype(float)
    return float(size.sum() ** 2 / (size**2).sum())


def _arms(column: Column, ways: list[IntArray]) -> list[dict[str, Cell]]:
    return [
        {
            "attribute": column.name,
            "arm": label,
            "rows": int(rows.sum()),
            "clusters": min(int(np.unique(codes[rows]).size) for codes in ways),
        }
        for label, rows in arms(column)
    ]


def _least(rows: list[dict[str, Cell]], name: str) -> int:
    return min(int(row["clusters"] or 0) for row in rows if row["attribute"] == name)


def _single(panel: Panel) -> Finding:
    return Finding(
        name="few clusters",
        status=Status.FAIL,
        meaning=(
            f"All rows belong to one cluster of {quoted(panel.cluster_names)}: there is no second "
            "independent source, so no interval can be computed."
        ),
        remedy="Name in 'cluster' the column by which rows are independent of each other.",
        statistic=1.0,
        threshold=2.0,
        blocks="design",
        columns=panel.cluster_names,
    )


def _never(
    names: tuple[str, ...], least: dict[str, int], detail: tuple[dict[str, Cell], ...]
) -> Finding:
    fewest = min(least[name] for name in names)
    return Finding(
        name="few clusters",
        status=Status.FAIL,
        meaning=(
            f"An arm of {quoted(names)} lies in fewer than {NONE_BELOW} clusters (the fewest: "
            f"{fewest}). An interval from so few independent sources would be a guess."
        ),
        remedy="Collect more clusters with this arm, or merge rare levels; see the table.",
        statistic=float(fewest),
        threshold=float(NONE_BELOW),
        blocks="design",
        attributes=names,
        columns=names,
        detail=detail,
    )


def _few(
    names: tuple[str, ...], fewest: float, whole: str, detail: tuple[dict[str, Cell], ...]
) -> Finding:
    which = f" An arm of {quoted(names)} counts under {FEW}." if names else ""
    return Finding(
        name="few clusters",
        status=Status.WARN,
        meaning=f"{whole}{which} Intervals use the correction for small samples and are wider.",
        remedy="Read intervals, not point estimates; more clusters help, more rows in them do not.",
        statistic=float(fewest),
        threshold=float(FEW),
        attributes=names,
        columns=names,
        detail=detail,
    )


def _enough(whole: str, effective: float, detail: tuple[dict[str, Cell], ...]) -> Finding:
    return Finding(
        name="few clusters",
        status=Status.PASS,
        meaning=f"{whole} Every arm lies in at least {FEW}.",
        statistic=effective,
        threshold=float(FEW),
        detail=detail,
    )
