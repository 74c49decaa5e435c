"""Declared segments of an experiment as rows of result.json."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from causal.design.experiment import ExperimentSettings
from causal.estimation._estimates import Estimates
from causal.estimation.experiment.segments import Interaction
from causal.interpretation.segments import shrink

Content = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Who:
    """One arm's effects on one metric in the levels of a segment."""

    segment: str
    metric: str
    arm: str
    levels: tuple[Content, ...]
    differ: Interaction
    p_adjusted: float


def who(each: Who) -> Content:
    """One segment with the test that its levels differ."""
    return {
        "segment": each.segment,
        "outcome": each.metric,
        "arm": each.arm,
        "values": list(each.levels),
        "difference": each.differ.difference,
        "difference_p": each.differ.p_value,
        "p_value": each.differ.test.p_value,
        "p_adjusted": each.p_adjusted,
        "df": each.differ.test.df,
        "why": each.differ.reason or None,
    }


def levels(segments: Estimates, settings: ExperimentSettings) -> tuple[Content, ...]:
    """Every level of a segment with its interval, and shrunken beside the others.

    Levels of fewer units than may be published are hidden, and so is one beside a single hidden
    one, which a difference from the whole would give away.
    """
    from scipy.stats import t as student

    hidden = [size.units < settings.minimum_cell for size in segments.sizes]
    if sum(hidden) == 1:
        units = [np.inf if h else s.units for h, s in zip(hidden, segments.sizes, strict=True)]
        hidden[int(np.argmin(units))] = True
    why = [
        "hidden: too few units to be published" if cell else refusal
        for cell, refusal in zip(hidden, segments.refusal, strict=True)
    ]
    error = segments.std_errors
    reach = student.isf((1 - settings.level) / 2, segments.df) * error
    shown = [at for at, text in enumerate(why) if not text]
    shrunken: dict[int, float] = {}
    if len(shown) > 1:
        found, _ = shrink(
            [float(segments.values[at]) for at in shown], [float(error[at]) for at in shown]
        )
        shrunken = {at: float(value) for at, value in zip(shown, found, strict=True)}
    return tuple(
        {
            "level": label.segment_value,
            "estimate": None if why[at] else float(segments.values[at]),
            "std_error": None if why[at] else float(error[at]),
            "low": None if why[at] else float(segments.values[at] - reach[at]),
            "high": None if why[at] else float(segments.values[at] + reach[at]),
            "shrunken": shrunken.get(at),
            "units": None if hidden[at] else segments.sizes[at].units,
            "why": why[at] or None,
        }
        for at, label in enumerate(segments.labels)
    )
