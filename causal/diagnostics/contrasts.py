"""Declared contrasts that the data cannot answer: beyond what was seen, or of another kind."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from causal.base.finding import Finding, Status
from causal.content.attribute import Attribute, Kind
from causal.data.panel import Column, Panel
from causal.design.study import Study

OUTER = (0.01, 0.99)


def check(study: Study, panel: Panel) -> tuple[Finding, ...]:
    """Refuse a contrast that reaches beyond the 1st or 99th percentile of its attribute."""
    asked = [
        (each, panel.columns[each.name])
        for each in study.attributes
        if each.name in panel.columns and (each.contrast or each.reference is not None)
    ]
    found = tuple(finding for attribute, column in asked for finding in _of(attribute, column))
    if found or not any(attribute.contrast for attribute, _ in asked):
        return found
    said = "Every declared contrast lies within what the data show (1st to 99th percentile)."
    return (Finding(name="contrast", status=Status.PASS, meaning=said),)


def _of(attribute: Attribute, column: Column) -> Iterator[Finding]:
    known = column.values[~column.missing]
    if attribute.contrast is None:
        if column.kind is Kind.CONTINUOUS:
            yield _fail(
                attribute.name,
                f"'{attribute.name}' is a number that varies freely, so its reference "
                f"{attribute.reference} is no level that others could be compared with.",
                "Give 'contrast: [from, to]' instead, or declare 'kind: categorical'.",
            )
        return
    if column.kind is not Kind.CONTINUOUS:
        yield _fail(
            attribute.name,
            f"'{attribute.name}' is {column.kind} in the data, so its contrast "
            f"{_written(attribute.contrast)} means nothing.",
            "Remove the contrast; a binary or categorical attribute has a reference instead.",
        )
        return
    low, high = (float(q) for q in np.quantile(known, OUTER)) if known.size else (0.0, 0.0)
    if known.size and not all(low <= end <= high for end in attribute.contrast):
        yield _fail(
            attribute.name,
            f"The contrast {_written(attribute.contrast)} of '{attribute.name}' reaches beyond "
            f"what the data show: 98% of the rows lie between {low:.6g} and {high:.6g}.",
            f"Choose both ends between {low:.6g} and {high:.6g}.",
        )


def _written(contrast: tuple[float, float]) -> str:
    return f"[{contrast[0]:.6g}, {contrast[1]:.6g}]"


def _fail(attribute: str, meaning: str, remedy: str) -> Finding:
    return Finding(
        name="contrast",
        status=Status.FAIL,
        meaning=meaning,
        remedy=remedy,
        blocks="design",
        attributes=(attribute,),
        columns=(attribute,),
    )
