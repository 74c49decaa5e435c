"""What stands in the result of a change at one date: courses, blends, weights, placebos."""

from __future__ import annotations

from typing import Any

import numpy as np

from causal.data.cells.cells import Cells
from causal.data.cells.launch import Launch
from causal.data.panel import FloatArray
from causal.design.rollout import Rollout
from causal.diagnostics.single._made import Made
from causal.estimation.rollout._launched import LEAST_WEIGHT, Launched
from causal.estimation.rollout.series import Series
from causal.estimation.rollout.synthetic import Synthetic
from causal.reporting.rollout._private import reason

Content = dict[str, Any]


def own_content(
    study: Rollout, cells: Cells, launch: Launch, made: Made, found: list[Launched]
) -> Content:
    """Everything the sections of a change at one date read."""
    return {
        "launch": made.launch,
        "before": made.before,
        "after": made.after,
        "treated": list(made.treated),
        "season": made.season,
        "entities_called": made.entities,
        "periods_called": made.periods,
        "methods": list(made.asked),
        "donors": made.donors,
        "holes": list(made.holes),
        "reached": list(made.reached),
        "outcomes": [_outcome(study, cells, launch, each) for each in found],
    }


def _outcome(study: Rollout, cells: Cells, launch: Launch, found: Launched) -> Content:
    refused = dict(found.looked.refused)
    level, shown = study.settings.level, _shown(study, cells, launch)
    return {
        "outcome": found.outcome,
        "observed": _listed(found.observed) if shown else None,
        "series": None if found.series is None else _series(found.series, level, shown=shown),
        "series_why": refused.get("series"),
        "synthetic": None
        if found.synthetic is None
        else _synthetic(
            cells,
            launch,
            found,
            found.synthetic,
            shown=shown,
            lines=_donors_shown(study, cells, found),
        ),
        "synthetic_why": refused.get("synthetic"),
        "gap": found.looked.gap,
    }


def _shown(study: Rollout, cells: Cells, launch: Launch) -> bool:
    """Whether enough stands behind every period of what changed to show it by period."""
    when = int(cells.adopted[launch.treated][0])
    return not any(reason(study, cells, ((when, t),)) for t in range(len(cells.periods)))


def _donors_shown(study: Rollout, cells: Cells, found: Launched) -> bool:
    """Whether donors may be shown one by one: whose rows they are is not known of each."""
    if cells.users is not None or cells.largest is not None:
        return False
    rows = cells.rows[list(found.donors)]
    return study.rows == "cell" or bool(
        rows.min(initial=study.settings.minimum_cell) >= study.settings.minimum_cell
    )


def _series(found: Series, level: float, *, shown: bool) -> Content:
    from scipy.stats import t as student

    reach = float(student.isf((1 - level) / 2, found.estimates.df[0])) * found.expected_error
    return {
        "expected": _listed(found.expected) if shown else None,
        "low": _listed(found.expected - reach) if shown else None,
        "high": _listed(found.expected + reach) if shown else None,
        "rho": found.rho,
        "season": found.season,
    }


def _synthetic(
    cells: Cells,
    launch: Launch,
    found: Launched,
    blended: Synthetic,
    *,
    shown: bool,
    lines: bool,
) -> Content:
    first = blended.blends[0]
    heavy = [k for k in np.argsort(-first.donors, kind="stable") if first.donors[k] > LEAST_WEIGHT]
    periods = np.flatnonzero(first.periods > LEAST_WEIGHT)
    fit = found.looked.blended
    return {
        "expected": _listed(first.expected) if shown else None,
        "estimators": [
            {
                "estimator": label.estimator,
                "value": float(each.value),
                "fit": each.fit,
                "p_rank": float(blended.p_rank[k]) if len(blended.placebos) else None,
                "p_rank_close": float(blended.p_rank_close[k]) if len(blended.placebos) else None,
            }
            for k, (label, each) in enumerate(
                zip(blended.estimates.labels, blended.blends, strict=True)
            )
        ],
        "weights": [
            {"entity": cells.entities[found.donors[k]], "weight": float(first.donors[k])}
            for k in heavy
        ],
        "times": [{"period": cells.periods[t], "weight": float(first.periods[t])} for t in periods],
        "donors": len(found.donors),
        "p_least": blended.p_least if len(blended.placebos) else None,
        "placebos": [float(each) for each in blended.placebos[:, 0]],
        "gaps": [_listed(each) for each in found.gaps] if shown and lines else [],
        "gap": _listed(found.observed - first.expected) if shown else None,
        "spread": fit.spread if fit else None,
        "without": [fit.without_low, fit.without_high] if fit else None,
        "before": launch.before,
    }


def _listed(values: FloatArray) -> list[float | None]:
    return [float(each) if np.isfinite(each) else None for each in values]
