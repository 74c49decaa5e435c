"""For whom: shrunken segment effects, and what they come to in one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from causal.base.errors import DataError
from causal.data.panel import FloatArray


def shrink(estimates: npt.ArrayLike, std_errors: npt.ArrayLike) -> tuple[FloatArray, float]:
    """Pull noisy estimates towards their common mean by normal empirical Bayes.

    The variance between them is the method of moments of DerSimonian and Laird (1986); an estimate
    keeps the share between / (between + its variance) of its distance from the precision-weighted
    mean. Estimates are taken as independent, as those of disjoint segments nearly are.

    Parameters
    ----------
    estimates, std_errors
        Shape (estimates,). A hidden one (NaN, or None) stays NaN; one without a positive standard
        error is returned as it is and says nothing about the others.

    Returns
    -------
    tuple
        The shrunken estimates, shape (estimates,), and the variance between (0: no sign that they
        differ, and all are at the common mean).

    Raises
    ------
    DataError
        When the two differ in length.

    Examples
    --------
    >>> values, between = shrink([1.0, 3.0], [1.0, 1.0])
    >>> values.tolist(), between
    ([1.5, 2.5], 1.0)
    """
    values = np.asarray(estimates, dtype=np.float64)
    errors = np.asarray(std_errors, dtype=np.float64)
    if values.shape != errors.shape or values.ndim != 1:
        raise DataError(
            f"Shrinking needs one standard error for each estimate, but there are {values.size} "
            f"estimates and {errors.size} standard errors."
        )
    usable = np.isfinite(values) & np.isfinite(errors) & (errors > 0)
    shrunken = values.copy()
    if usable.sum() < 2:
        return shrunken, 0.0
    variance = errors[usable] ** 2
    between = between_variance(values[usable], variance)
    precision = 1 / (variance + between)
    mean = float(precision @ values[usable] / precision.sum())
    kept = between / (between + variance)
    shrunken[usable] = mean + kept * (values[usable] - mean)
    return shrunken, between


def between_variance(values: FloatArray, variances: FloatArray) -> float:
    """Variance of the truths behind noisy values (DerSimonian and Laird 1986), at least 0."""
    precision = 1 / variances
    mean = precision @ values / precision.sum()
    excess = float(precision @ (values - mean) ** 2) - (values.size - 1)
    scale = float(precision.sum() - (precision @ precision) / precision.sum())
    return max(0.0, excess / scale) if scale > 0 else 0.0


def for_whom(segment: Mapping[str, Any], *, level: float = 0.95) -> str:
    """Say for whom an effect differs, in one sentence.

    The answer rests on the joint test that all segments share one effect. Only when it rejects are
    segments named, and only those whose difference from the average stands after Holm's correction
    over the segments.

    Parameters
    ----------
    segment
        One entry of ``segments`` in result.json.
    level
        The study's level; the tests use 1 - level.

    Examples
    --------
    >>> for_whom({"segment": "weekday", "tests": {"p_value": 0.41},
    ...           "values": [{"segment_value": "Mon", "hidden": False}]})
    'No clear difference between segments of weekday (p = 0.41).'
    """
    name = segment["segment"]
    shown = [value for value in segment["values"] if not value.get("hidden")]
    p_value = (segment.get("tests") or {}).get("p_value")
    if not shown:
        return f"Every segment of {name} is too small to be shown."
    if p_value is None:
        return f"Differences between segments of {name} could not be tested."
    if p_value >= 1 - level:
        return f"No clear difference between segments of {name} ({_short(p_value)})."
    above, below = _standing_out(shown, 1 - level)
    opening = f"The effect differs between segments of {name} ({_short(p_value)})"
    if not above and not below:
        return f"{opening}, but no single segment stands out from the average."
    parts = [
        f"{side} average in {_and(names)}"
        for side, names in (("above", above), ("below", below))
        if names
    ]
    return f"{opening}: {', '.join(parts)}."


def _standing_out(values: Sequence[Mapping[str, Any]], alpha: float) -> tuple[list[str], list[str]]:
    """Names of the segments above and below average, in the order given."""
    tested = [value for value in values if value.get("difference_p") is not None]
    ordered = sorted(tested, key=lambda value: float(value["difference_p"]))
    found: list[Mapping[str, Any]] = []
    for left, value in zip(range(len(ordered), 0, -1), ordered, strict=True):
        if float(value["difference_p"]) * left >= alpha:
            break
        found.append(value)
    names = {
        side: [
            str(value["segment_value"])
            for value in tested
            if value in found and (float(value["difference"]) > 0) is side
        ]
        for side in (True, False)
    }
    return names[True], names[False]


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _short(p_value: float) -> str:
    return f"p = {p_value:.2g}" if p_value >= 0.001 else "p < 0.001"
