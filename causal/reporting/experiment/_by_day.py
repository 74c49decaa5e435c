"""Effects by day since exposure as rows of result.json."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from causal.estimation._inference import adjust
from causal.estimation.experiment.over_time import Course

Content = dict[str, Any]
_LEVELS = ("control", "treated", "value")


def by_day(courses: Sequence[Course], *, level: float, units: int) -> list[Content]:
    """Every course with its test, Holm over all of them, and what it says in a word."""
    p = adjust(np.array([each.trend.p_value for each in courses]), np.zeros(0), "holm")
    return [
        {
            "outcome": each.metric,
            "arm": each.arm,
            "relative": each.relative,
            "length": each.length,
            "until": each.until,
            "units": each.units,
            "units_all": units,
            "average": each.average,
            "average_p": each.average_p,
            "slope": each.trend.slope,
            "slope_error": each.trend.std_error,
            "p_value": each.trend.p_value,
            "p_adjusted": float(adjusted),
            "reading": _reading(each, float(adjusted), 1 - level),
            "days": [
                {
                    "first": at * each.length + 1,
                    "last": (at + 1) * each.length,
                    **{name: float(getattr(each, name)[at]) for name in _LEVELS},
                    "low": each.alone[at].low,
                    "high": each.alone[at].high,
                    "joint_low": each.joint[at].low,
                    "joint_high": each.joint[at].high,
                }
                for at in range(len(each.value))
            ],
        }
        for each, adjusted in zip(courses, p, strict=True)
    ]


def _reading(course: Course, p: float, alpha: float) -> str:
    """Fades or grows where the effect has a side; else rises or falls."""
    if not p < alpha:
        return "no sign"
    slope = course.trend.slope
    if course.average_p < alpha:
        return "grows" if slope * course.average > 0 else "fades"
    return "rises" if slope > 0 else "falls"
