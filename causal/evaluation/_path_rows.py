"""Rows of the effects table for the paths of attributes, with the stops of failed checks."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np

from causal.design.design import Design, Identification
from causal.estimation._estimates import Estimates
from causal.estimation._fit import Fit
from causal.estimation.paths._found import Bound
from causal.evaluation._effects import NUMBERS, Row, Stops, effect_rows
from causal.evaluation._evaluated import Evaluated


def path_rows(evaluated: Evaluated, stops: Stops) -> list[Row]:
    """One row for each attribute, outcome, part and design; a total needs both of its parts.

    The intervals of one design hold together.
    """
    found = evaluated.paths
    if found is None:
        return []
    rows: list[Row] = []
    if found.estimates is not None:
        labels = found.estimates.labels
        for design in dict.fromkeys(label.design for label in labels):
            index = [i for i, label in enumerate(labels) if label.design == design]
            own = _fit(evaluated, found.estimates.select(np.array(index)))
            rows += effect_rows(replace(evaluated, fits=(own,)), (), stops)
    rows += [_bounded(bound, stops) for bound in found.bounds]
    return [_total_without_parts(row, rows) for row in rows]


def _fit(evaluated: Evaluated, estimates: Estimates) -> Fit:
    """The estimates in the form that the table of effects reads."""
    label = estimates.labels[0]
    return replace(
        evaluated.leading,
        design=Design(
            name=label.design,
            identification=cast("Identification", label.identification),
            population=label.population,
            assumptions=(),
            adjustment={},
            claims=False,
        ),
        whole=estimates,
        segmented=None,
        others=(),
    )


def _total_without_parts(row: Row, rows: list[Row]) -> Row:
    if row["path"] != "total" or row["why"]:
        return row
    same = ("attribute", "contrast", "outcome", "design")
    parts = [
        each
        for each in rows
        if each["path"] != "total" and all(each[key] == row[key] for key in same)
    ]
    missing = [str(each["path"]) for each in parts if each["why"]]
    if not missing:
        return row
    return {
        **row,
        **dict.fromkeys(NUMBERS),
        "identification": "not estimable",
        "verdict": "not estimable",
        "why": f"its {' and '.join(missing)} part{'s' * (len(missing) > 1)} cannot be told",
    }


def _bounded(bound: Bound, stops: Stops) -> Row:
    reason = stops.reason("bounds", bound.attribute)
    return {
        "attribute": bound.attribute,
        "contrast": bound.contrast,
        "outcome": bound.outcome,
        "estimand": "per item and period",
        "path": bound.path,
        "design": "bounds",
        "estimator": "bounds",
        "population": bound.population,
        "segment": None,
        "segment_value": None,
        **dict.fromkeys(NUMBERS),
        "ci_low": None if reason else bound.low,
        "ci_high": None if reason else bound.high,
        "units": bound.units,
        "clusters": bound.clusters,
        "treated": None,
        "effective_units": None,
        "identification": "not estimable" if reason else "bounds",
        "verdict": "not estimable" if reason else None,
        "why": reason or None,
    }
