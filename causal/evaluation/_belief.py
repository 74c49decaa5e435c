"""Everything that speaks for or against one effect, side by side: the table of belief."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from causal.base.finding import Finding
from causal.estimation._fit import Fit
from causal.evaluation import (
    agreement,
    e_values,
    estimators,
    leave_one_out,
    omitted_variables,
    placebo,
    subsample,
)
from causal.evaluation._evaluated import Evaluated
from causal.evaluation._verdict import Effect, Verdict, clear, effect_of, usable

Row = dict[str, object]
MOST = 12
LEVEL = 0.05
FAIL_P = 0.001
ASKS = {
    "omitted variables": "Something hidden comes with the attribute and moves the outcome",
    "E-value": "Something hidden, as a ratio of risks",
    "leave one out": "It hangs on a single column",
    "negative controls": "It also shows on what the attribute cannot have moved",
    "agreement of designs": "Another comparison says otherwise",
    "agreement of estimators": "Another formula says otherwise",
    "subsample": "It is not so in every part of the data",
    "placebo": "Chance is larger than the interval says",
}
_RANK = {"PASS": 0, "WARN": 1, "FAIL": 2}


def belief(evaluated: Evaluated, findings: Sequence[Finding]) -> list[Row]:
    """One entry for each of the clearest effects of the headline design, with its checks.

    Parameters
    ----------
    evaluated
        The fits; only the headline design is looked at.
    findings
        What the checks found: negative controls are read off theirs.
    """
    fit = evaluated.leading
    error = fit.whole.std_errors
    order = sorted(usable(fit), key=lambda j: (-abs(fit.whole.values[j]) / error[j], j))[:MOST]
    tables = (
        omitted_variables.verdicts(fit),
        e_values.verdicts(fit),
        leave_one_out.verdicts(fit),
        _controls(fit, findings),
        _designs(evaluated),
        _estimators(fit),
        subsample.verdicts(fit),
        placebo.verdicts(fit),
    )
    return [_row(fit, j, [t[e] for t in tables if (e := effect_of(fit, j)) in t]) for j in order]


def _row(fit: Fit, j: int, verdicts: list[Verdict]) -> Row:
    label = fit.whole.labels[j]
    return {
        "attribute": label.attribute,
        "contrast": label.contrast,
        "outcome": label.outcome,
        "design": label.design,
        "clear": clear(fit, j),
        "checks": [
            {
                "check": verdict.check,
                "asks": ASKS[verdict.check],
                "status": verdict.status,
                "statistic": verdict.statistic,
                "words": verdict.words,
                "numbers": dict(verdict.numbers),
            }
            for verdict in verdicts
        ],
    }


def _controls(fit: Fit, findings: Sequence[Finding]) -> dict[Effect, Verdict]:
    """The negative control on which an attribute shows most, for each of its effects."""
    rows = [row for each in findings if each.name == "negative controls" for row in each.detail]
    found: dict[Effect, Verdict] = {}
    for j in usable(fit):
        attribute, contrast, outcome = effect_of(fit, j)
        own = [r for r in rows if (r["attribute"], r["contrast"]) == (attribute, contrast)]
        known = [r for r in own if np.isfinite(float(r["p_adjusted"] or 1.0))]
        if not known:
            continue
        least = min(known, key=lambda r: (float(r["p_adjusted"] or 0.0), str(r["control"])))
        p = float(least["p_adjusted"] or 0.0)
        status = "FAIL" if p < FAIL_P else "WARN" if p < LEVEL else "PASS"
        words = (
            f"It shows no effect on {_several(len(own), 'outcome')} it cannot have moved."
            if status == "PASS"
            else f"It seems to move '{least['control']}', which it cannot (adjusted p = {p:.2g})."
        )
        found[attribute, contrast, outcome] = Verdict(
            check="negative controls", status=status, statistic=p, words=words
        )
    return found


def _several(count: int, what: str) -> str:
    return f"the one {what}" if count == 1 else f"any of {count} {what}s"


def _designs(evaluated: Evaluated) -> dict[Effect, Verdict]:
    """The design that differs most, among those that claim the same effect."""
    found: dict[Effect, Verdict] = {}
    for each in agreement.comparisons(evaluated):
        effect = (each.attribute, each.contrast, each.outcome)
        if each.status is None or not np.isfinite(each.z):
            continue
        before = found.get(effect)
        if before is None or _severity(each.status, each.z) > _severity(
            str(before.status), before.statistic or 0.0
        ):
            found[effect] = Verdict(
                check="agreement of designs",
                status=each.status,
                statistic=each.z,
                words=f"The {each.second} design, for the same rows, is {abs(each.z):.1f} standard "
                f"errors away{_as_chance(each.status)}.",
                numbers={"design": each.second},
            )
    return found


def _estimators(fit: Fit) -> dict[Effect, Verdict]:
    """The estimator of the same effect that differs most."""
    found: dict[Effect, Verdict] = {}
    for each in estimators.opinions(fit):
        effect = (each.attribute, each.contrast, each.outcome)
        if each.status is None or each.z is None:
            continue
        before = found.get(effect)
        if before is None or _severity(each.status, each.z) > _severity(
            str(before.status), before.statistic or 0.0
        ):
            found[effect] = Verdict(
                check="agreement of estimators",
                status=each.status,
                statistic=each.z,
                words=f"The formula least like the first ({each.estimator.replace('_', ' ')}) is "
                f"{abs(each.z):.1f} standard errors away{_as_chance(each.status)}.",
                numbers={"estimator": each.estimator},
            )
    return found


def _as_chance(status: str) -> str:
    return ", as chance allows" if status == "PASS" else ", more than chance allows"


def _severity(status: str, z: float) -> tuple[int, float]:
    return _RANK.get(status, 0), abs(z)
