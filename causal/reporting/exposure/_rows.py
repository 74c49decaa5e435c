"""Rows of the tidy table of a study of exposure."""

from __future__ import annotations

from typing import Any

import numpy as np

from causal.estimation._estimates import Estimates, Label
from causal.estimation._inference import Inference, infer
from causal.reporting.exposure._run import Parts

Content = dict[str, Any]


def rows(parts: Parts, estimates: Estimates, family: str, effects: list[Content]) -> list[Content]:
    """Rows of the tidy table, added to ``effects``."""
    settings = parts.study.settings
    read = infer(
        estimates,
        level=settings.level,
        multiplicity="simultaneous",
        seed=settings.seed,
        family=family,
    )
    found = [_row(estimates, read, at) for at in range(len(estimates))]
    effects += found
    return found


def _row(estimates: Estimates, read: Inference, at: int) -> Content:
    label, size, why = estimates.labels[at], estimates.sizes[at], estimates.refusal[at]

    def number(array: Any) -> float | None:
        found = float(array[at])
        return found if np.isfinite(found) and not why else None

    return {
        **_labelled(label),
        "estimate": number(estimates.values),
        "std_error": number(read.std_error),
        "ci_low": number(read.ci_low),
        "ci_high": number(read.ci_high),
        "simultaneous_low": number(read.simultaneous_low),
        "simultaneous_high": number(read.simultaneous_high),
        "p_value": number(read.p_value),
        "p_adjusted": number(read.p_adjusted),
        "baseline": number(estimates.baseline),
        "relative": None,
        "relative_low": None,
        "relative_high": None,
        "units": size.units,
        "clusters": size.clusters,
        "treated": None if size.treated is None else round(size.treated * size.units),
        "effective_units": size.effective_units,
        "identification": "not estimable" if why else label.identification,
        "verdict": None,
        "why": why or None,
    }


_NUMBERS = (
    "estimate", "std_error", "ci_low", "ci_high", "simultaneous_low", "simultaneous_high", "p_value",
    "p_adjusted", "baseline", "relative", "relative_low", "relative_high",
)  # fmt: skip


def empty_row(label: Label) -> Content:
    """A row of the tidy table without its numbers."""
    return {
        **_labelled(label),
        **dict.fromkeys(_NUMBERS),
        "treated": None,
        "identification": label.identification,
    }


def _labelled(label: Label) -> Content:
    return {
        key: getattr(label, key)
        for key in (
            "attribute",
            "contrast",
            "outcome",
            "estimand",
            "path",
            "design",
            "estimator",
            "population",
            "segment",
            "segment_value",
        )
    }
