"""How well a success model predicts rows it did not see, with clustered intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.data.panel import FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One number with its clustered standard error."""

    value: float
    std_error: float


def area_under_curve(
    y: FloatArray, score: FloatArray, weight: FloatArray, clusters: tuple[IntArray, ...]
) -> Measure:
    """AUC in which a row counts weight x y as success and weight x (1 - y) as failure.

    For a 0/1 outcome this is the usual weighted AUC; for a ratio it is the AUC over its clicks and
    non-clicks. Ties count half. The standard error sums influences by cluster and takes the
    predictions as given. Shapes (rows,).
    """
    _, code = np.unique(score, return_inverse=True)
    success, failure = weight * y, weight * (1 - y)
    good, bad = np.bincount(code, weights=success), np.bincount(code, weights=failure)
    total_good, total_bad = float(good.sum()), float(bad.sum())
    below = ((np.cumsum(bad) - bad / 2) / total_bad)[code]
    above = (1 - (np.cumsum(good) - good / 2) / total_good)[code]
    value = float(success @ below) / total_good
    influence = success * (below - value) / total_good + failure * (above - value) / total_bad
    return Measure(value=value, std_error=_clustered_error(influence, clusters))


def log_loss(y: FloatArray, probability: FloatArray, weight: FloatArray) -> float:
    """Weighted mean of -[y log p + (1 - y) log(1 - p)], in nats. Shapes (rows,)."""
    p = np.clip(probability, 1e-15, 1 - 1e-15)
    return float(weight @ -(y * np.log(p) + (1 - y) * np.log1p(-p)) / weight.sum())


def explained_variance(
    y: FloatArray, predicted: FloatArray, weight: FloatArray, clusters: tuple[IntArray, ...]
) -> Measure:
    """Weighted R2 against the weighted mean of the same rows, with its clustered error."""
    mean = float(weight @ y / weight.sum())
    error, spread = weight * (y - predicted) ** 2, weight * (y - mean) ** 2
    total = float(spread.sum())
    share = float(error.sum()) / total
    influence = (share * spread - error) / total
    return Measure(value=1 - share, std_error=_clustered_error(influence, clusters))


def calibration(
    y: FloatArray, predicted: FloatArray, weight: FloatArray, bins: int = 10
) -> tuple[dict[str, float], ...]:
    """Weighted mean prediction and outcome in bins of about equal weight, lowest first."""
    order = np.argsort(predicted, kind="stable")
    total = float(weight.sum())
    reached = np.cumsum(weight[order]) - weight[order] / 2
    place = np.minimum((reached / total * bins).astype(np.int64), bins - 1)
    table = []
    for each in np.unique(place):
        rows = order[place == each]
        share = float(weight[rows].sum())
        observed = float(weight[rows] @ y[rows] / share)
        table.append(
            {
                "predicted": float(weight[rows] @ predicted[rows] / share),
                "observed": observed,
                "share": share / total,
            }
        )
    return tuple(table)


def degrees_of_freedom(clusters: tuple[IntArray, ...]) -> int:
    """The smallest number of clusters, less one."""
    return min(int(np.unique(codes).size) for codes in clusters) - 1


def _clustered_error(influence: FloatArray, clusters: tuple[IntArray, ...]) -> float:
    variance = sum(_one_way(influence, codes) for codes in clusters)
    if len(clusters) == 2:
        _, first = np.unique(clusters[0], return_inverse=True)
        _, second = np.unique(clusters[1], return_inverse=True)
        variance -= _one_way(influence, first * (int(second.max()) + 1) + second)
    return float(np.sqrt(max(variance, 0.0)))


def _one_way(influence: FloatArray, codes: IntArray) -> float:
    _, code = np.unique(codes, return_inverse=True)
    sums = np.bincount(code, weights=influence)
    groups = sums.size
    return float(sums @ sums) * groups / max(groups - 1, 1)
