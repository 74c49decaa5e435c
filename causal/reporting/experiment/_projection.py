"""A projection and its record as a part of result.json."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from causal.data.past import Past
from causal.estimation.experiment.projection import Projection, Short

Content = dict[str, Any]


def told(
    found: Projection, past: Past, shorts: Sequence[Short], *, scale: str, level: float
) -> Content:
    """Everything that is shown of a projection."""
    return {
        "target": found.metrics[-1],
        "from": list(found.metrics[:-1]),
        "goal": found.goal.value,
        "scale": scale,
        "past": {
            "source": past.source,
            "fingerprint": past.fingerprint,
            "experiments": past.groups,
            "arms": len(past.arms),
            "left_out": past.left_out,
            "covariances": past.joint,
        },
        "average": found.average,
        "weights": [
            {"metric": metric, "weight": weight}
            for metric, weight in zip(found.metrics[:-1], found.weights, strict=False)
        ],
        "shorts": [row for each in shorts for row in _short(found, each, level)],
        "arms": [
            {
                "arm": each.arm,
                "value": each.value,
                "low": each.low,
                "high": each.high,
                "why": each.refusal or None,
            }
            for each in found.arms
        ],
        "record": None if found.record is None else asdict(found.record),
        "why": found.refusal or None,
    }


def _short(found: Projection, short: Short, level: float) -> list[Content]:
    """Effects of an arm on the metrics it is projected from."""
    from scipy.stats import norm

    if short.refusal:
        return []
    reach = float(norm.isf((1 - level) / 2)) * np.sqrt(np.diag(short.covariance))
    return [
        {
            "arm": short.arm,
            "metric": metric,
            "value": float(value),
            "low": float(value - own),
            "high": float(value + own),
        }
        for metric, value, own in zip(found.metrics[:-1], short.effects, reach, strict=True)
    ]
