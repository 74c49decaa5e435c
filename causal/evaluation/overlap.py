"""Overlap: whether every kind of row could have come with and without the attribute."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Finding, Status
from causal.content.attribute import Kind
from causal.estimation._fit import Fit
from causal.evaluation._evaluated import Evaluated

BINS = 20


def check(evaluated: Evaluated) -> tuple[Finding, ...]:
    """FAIL where nothing may be printed, WARN where only the overlap population is answered for."""
    findings: list[Finding] = []
    for fit in evaluated.fits:
        if not fit.overlaps:
            continue
        refused = {name: own for name, own in sorted(fit.overlaps.items()) if own.refusal}
        poor = {n: o for n, o in sorted(fit.overlaps.items()) if o.poor and n not in refused}
        findings.extend(
            Finding(
                name="overlap",
                status=Status.FAIL,
                statistic=own.share,
                threshold=0.1,
                meaning=f"'{name}' in the {fit.design.name} design is {own.refusal}: rows with and "
                "without it are too different to compare.",
                remedy="Remove a confounder that stands for the attribute itself, or restrict "
                "data.where to rows that could have had it or not.",
                blocks="design",
                designs=(fit.design.name,),
                attributes=(name,),
                columns=(name,),
            )
            for name, own in refused.items()
        )
        findings.extend(
            Finding(
                name="overlap",
                status=Status.WARN,
                statistic=own.share,
                threshold=0.95,
                meaning=f"'{name}' in the {fit.design.name} design: only {100 * own.share:.0f}% of "
                "rows could well have come with and without it, so the effect is for those rows "
                "(estimand ATO), not for all.",
                remedy="Read it as the effect where there was a choice.",
                columns=(name,),
            )
            for name, own in poor.items()
        )
        if not refused and not poor:
            findings.append(_passed(fit))
    return tuple(findings)


def _passed(fit: Fit) -> Finding:
    least = min(own.share for own in fit.overlaps.values())
    return Finding(
        name="overlap",
        status=Status.PASS,
        statistic=least,
        threshold=0.95,
        meaning=f"In the {fit.design.name} design at least {100 * least:.0f}% of rows could well "
        "have come at every level of every attribute.",
    )


def table(fit: Fit) -> list[dict[str, object]]:
    """Overlap of each attribute with a histogram of its propensities, for the page."""
    rows: list[dict[str, object]] = []
    nuisances = fit.nuisances
    for name, own in sorted(fit.overlaps.items()):
        row: dict[str, object] = {
            "attribute": name,
            "design": fit.design.name,
            "auc": own.auc,
            "share_outside": 1 - own.share,
            "effective_units": None,
            "units": int(fit.design.mask(fit.setting.panel.rows).sum()),
            "histogram": None,
        }
        column = fit.setting.panel.columns[name]
        pairs = sorted(key for key in nuisances.propensity if key[0] == name) if nuisances else []
        if nuisances and pairs and column.kind is Kind.BINARY:
            e = nuisances.propensity[pairs[0]][:, 1]
            a = column.values[nuisances.rows]
            edges = np.linspace(0, 1, BINS + 1)
            row["histogram"] = {
                "edges": [float(edge) for edge in edges],
                "treated": _shares(e[a == 1], edges),
                "control": _shares(e[a == 0], edges),
            }
            weight = 1 / np.maximum(np.where(a == 1, e, 1 - e), 1e-12)
            row["effective_units"] = float(weight.sum() ** 2 / np.sum(weight**2))
        rows.append(row)
    return rows


def _shares(values: np.ndarray, edges: np.ndarray) -> list[float]:
    counts, _ = np.histogram(values, edges)
    return [float(count) for count in counts / max(values.size, 1)]
