"""How good the nuisance models are, out of fold."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Finding, Status
from causal.content.attribute import Kind
from causal.data.panel import FloatArray
from causal.estimation._fit import Fit
from causal.estimation._overlap import area
from causal.evaluation._evaluated import Evaluated

WORST_R2 = -0.05


def check(evaluated: Evaluated) -> tuple[Finding, ...]:
    """WARN when an outcome model predicts worse than the mean does."""
    findings = []
    for fit in evaluated.fits:
        rows = table(fit)
        outcomes = [row for row in rows if row["role"] == "outcome"]
        if not outcomes:
            continue
        worst = min(outcomes, key=lambda row: (float(str(row["value"])), str(row["target"])))
        value = float(str(worst["value"]))
        bad = value < WORST_R2
        findings.append(
            Finding(
                name="nuisance models",
                status=Status.WARN if bad else Status.PASS,
                statistic=value,
                threshold=WORST_R2,
                meaning=f"In the {fit.design.name} design the weakest outcome model explains "
                f"{100 * value:.1f}% of '{worst['target']}' out of fold"
                + (", worse than its mean would." if bad else "."),
                remedy="The intervals are wider than they need be; more rows or fewer confounders "
                "would help."
                if bad
                else "",
            )
        )
    return tuple(findings)


def table(fit: Fit) -> list[dict[str, object]]:
    """Out-of-fold quality of every model of a design, for the page."""
    nuisances = fit.nuisances
    if nuisances is None:
        return []
    panel = fit.setting.panel
    rows: list[dict[str, object]] = []
    seen: set[tuple[str, str]] = set()
    for (attribute, outcome), model in sorted(nuisances.outcome.items()):
        a = panel.columns[attribute].values[nuisances.rows]
        if ("outcome", outcome) not in seen and panel.outcomes[outcome].denominator is None:
            seen.add(("outcome", outcome))
            y = panel.outcomes[outcome].value[nuisances.rows]
            known = ~np.isnan(a) & ~np.isnan(y)
            codes = a[known].astype(int)
            f = model.value[known][np.arange(codes.size), codes]
            rows.append(
                _row(fit, outcome, "outcome", "R2", r_squared(y[known], f), _slope(y[known], f))
            )
        if ("attribute", attribute) not in seen:
            seen.add(("attribute", attribute))
            e = nuisances.propensity[(attribute, outcome)]
            rows.append(_attribute_row(fit, attribute, a, e))
    for (attribute, _), expected in sorted(nuisances.expected.items()):
        if ("attribute", attribute) in seen:
            continue
        seen.add(("attribute", attribute))
        a = panel.columns[attribute].values[nuisances.rows]
        known = ~np.isnan(a)
        rows.append(
            _row(
                fit,
                attribute,
                "attribute",
                "R2",
                r_squared(a[known], expected[known]),
                _slope(a[known], expected[known]),
            )
        )
    return rows


def _attribute_row(fit: Fit, attribute: str, a: FloatArray, e: FloatArray) -> dict[str, object]:
    known = ~np.isnan(a)
    level = 1 if fit.setting.panel.columns[attribute].kind is Kind.BINARY else int(np.nanmax(a))
    on = a[known] == level
    score = e[known, level]
    return _row(
        fit, attribute, "attribute", "AUC", area(on, score), _slope(on.astype(float), score)
    )


def _row(
    fit: Fit, target: str, role: str, metric: str, value: float, slope: float
) -> dict[str, object]:
    return {
        "design": fit.design.name,
        "target": target,
        "role": role,
        "metric": metric,
        "value": value,
        "baseline": 0.5 if metric == "AUC" else 0.0,
        "calibration_slope": slope,
    }


def r_squared(y: FloatArray, f: FloatArray) -> float:
    """Share of the variance explained; negative when worse than the mean."""
    total = float(np.sum((y - y.mean()) ** 2))
    return 1.0 - float(np.sum((y - f) ** 2)) / total if total > 0 else 0.0


def _slope(y: FloatArray, f: FloatArray) -> float:
    """Slope of the outcome on its prediction: 1 when calibrated; NaN when it never varies."""
    spread = float(np.var(f))
    return (
        float(np.mean((f - f.mean()) * (y - y.mean())) / spread) if spread > 1e-12 else float("nan")
    )
