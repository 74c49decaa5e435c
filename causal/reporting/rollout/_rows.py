"""Rows of the tidy table of effects, from estimates of a rollout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from causal.design.rollout import Rollout
from causal.estimation._estimates import Estimates
from causal.estimation._inference import Inference, infer
from causal.policy.rollout import verdict_of

Content = dict[str, Any]
_NAMED = ("attribute", "contrast", "outcome", "estimand", "path", "design", "estimator")


def rows_of(
    study: Rollout, estimates: Estimates, family: str, *, why: str = "", shown: str = ""
) -> list[Content]:
    """Read intervals and verdicts off estimates of one family.

    Parameters
    ----------
    family
        Its name; estimates of one family share simultaneous intervals.
    why
        A failed check, in words: none of the rows is estimable then.
    shown
        Why rows are comparisons and no effects: they keep their numbers and lose their verdict.
    """
    return written(study, estimates, read_of(study, estimates, family), why=why, shown=shown)


def read_of(study: Rollout, estimates: Estimates, family: str) -> Inference:
    """Every interval and p-value of one family."""
    settings = study.settings
    return infer(
        estimates,
        level=settings.level,
        multiplicity=settings.multiplicity,
        seed=settings.seed,
        family=family,
    )


def written(
    study: Rollout, estimates: Estimates, read: Inference, *, why: str = "", shown: str = ""
) -> list[Content]:
    """Rows of estimates whose intervals are known; the rest as in :func:`rows_of`."""
    margins = {each.name: each.margin for each in study.outcomes}
    return [
        _row(
            estimates,
            read,
            at,
            margins=margins,
            why=why,
            shown=shown,
            randomized=study.assignment == "randomized",
        )
        for at in range(len(estimates))
    ]


def _row(
    estimates: Estimates,
    read: Inference,
    at: int,
    *,
    margins: Mapping[str, float | None],
    why: str,
    shown: str,
    randomized: bool,
) -> Content:
    label, size = estimates.labels[at], estimates.sizes[at]
    why = why or estimates.refusal[at]

    def number(array: Any) -> float | None:
        found = float(array[at])
        return found if np.isfinite(found) and not why else None

    identification = label.identification
    if randomized and identification == "natural experiment":
        identification = "randomized"
    if why:
        identification = "not estimable"
    elif shown:
        identification = "descriptive"
    made: Content = {
        **{key: getattr(label, key) for key in _NAMED},
        "population": label.population,
        "segment": label.segment,
        "segment_value": label.segment_value,
        "estimate": number(estimates.values),
        "std_error": number(read.std_error),
        "ci_low": number(read.ci_low),
        "ci_high": number(read.ci_high),
        "simultaneous_low": number(read.simultaneous_low),
        "simultaneous_high": number(read.simultaneous_high),
        "p_value": number(read.p_value),
        "p_adjusted": number(read.p_adjusted),
        "baseline": number(estimates.baseline),
        "relative": number(read.relative),
        "relative_low": number(read.relative_low),
        "relative_high": number(read.relative_high),
        "units": size.units,
        "clusters": size.clusters,
        "treated": size.treated,
        "effective_units": size.effective_units,
        "df": number(estimates.df),
        "identification": identification,
        "verdict": None,
        "why": why or shown or None,
    }
    made["verdict"] = verdict_of(made, margins.get(label.outcome))
    return made
