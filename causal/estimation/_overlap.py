"""Overlap: for how much of the data both levels of an attribute were possible."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.data.panel import FloatArray

LEAST_SHARE = 0.10
FULL_SHARE = 0.95
LEAST_EFFECTIVE = 0.10
LARGEST_AUC = 0.98
RELATIVE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """How well rows with and without an attribute can be compared.

    ``share`` is the share of rows at which every level is at least a tenth as likely as it is over
    all; ``effective`` the smallest ratio of effective to actual rows over the levels; ``auc`` how
    well the columns held fixed tell a binary attribute (R-squared for a continuous one).
    """

    share: float
    effective: float
    auc: float

    @property
    def refusal(self) -> str:
        """Why no effect may be printed, or nothing."""
        if self.auc > LARGEST_AUC:
            return f"not estimable: what is held fixed predicts the attribute (AUC {self.auc:.3f})"
        if self.share < LEAST_SHARE:
            return f"not estimable: overlap {100 * self.share:.0f}%"
        return ""

    @property
    def poor(self) -> bool:
        """Whether only the overlap population (ATO) can be answered for."""
        return self.share < FULL_SHARE or self.effective < LEAST_EFFECTIVE


def overlap(codes: FloatArray, e: FloatArray, weight: FloatArray) -> Overlap:
    """Measure overlap of an attribute with levels.

    Parameters
    ----------
    codes
        Level of each row, shape (n,), without NaN.
    e
        Probability of each level, shape (n, levels).
    weight
        What a row counts, shape (n,).
    """
    levels = e.shape[1]
    prevalence = np.array([np.average(codes == level, weights=weight) for level in range(levels)])
    floor = e / np.maximum(prevalence, 1e-12)
    share = float(np.average(floor.min(axis=1) >= RELATIVE, weights=weight))
    ratios = []
    for level in range(levels):
        rows = codes == level
        if rows.any():
            w = weight[rows] / np.maximum(e[rows, level], 1e-12)
            ratios.append(w.sum() ** 2 / np.sum(w**2) / _effective(weight[rows]))
    auc = max(area(codes == level, e[:, level]) for level in range(levels))
    return Overlap(share=share, effective=float(min(ratios, default=0.0)), auc=auc)


def area(positive: np.ndarray, score: FloatArray) -> float:
    """Area under the ROC curve by ranks; 0.5 when one class is empty."""
    from scipy.stats import rankdata

    ones = int(positive.sum())
    zeros = positive.size - ones
    if not ones or not zeros:
        return 0.5
    ranks = rankdata(score)
    return float((ranks[positive].sum() - ones * (ones + 1) / 2) / (ones * zeros))


def _effective(weight: FloatArray) -> float:
    return float(weight.sum() ** 2 / np.sum(weight**2))
