"""Declared contrasts that reach beyond what the data show."""

from __future__ import annotations

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
        if each.contrast is not None and each.name in panel.columns
    ]
    judged = [
        _of(attribute, column) for attribute, column in asked if column.kind is Kind.CONTINUOUS
    ]
    failed = tuple(finding for finding in judged if finding is not None)
    if failed or not judged:
        return failed
    said = "Every declared contrast lies within what the data show (1st to 99th percentile)."
    return (Finding(name="contrast", status=Status.PASS, meaning=said),)


def _of(attribute: Attribute, column: Column) -> Finding | None:
    known = column.values[~column.missing]
    if attribute.contrast is None or known.size == 0:
        return None
    low, high = (float(bound) for bound in np.quantile(known, OUTER))
    if all(low <= end <= high for end in attribute.contrast):
        return None
    start, end = attribute.contrast
    return Finding(
        name="contrast",
        status=Status.FAIL,
        meaning=(
            f"The contrast [{start:.6g}, {end:.6g}] of '{attribute.name}' reaches beyond what the "
            f"data show: 98% of the rows lie between {low:.6g} and {high:.6g}."
        ),
        remedy=f"Choose both ends between {low:.6g} and {high:.6g}.",
        blocks="design",
        attributes=(attribute.name,),
        columns=(attribute.name,),
    )
