"""What a mean or a ratio is worth in each arm, and how it moves with the means."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from causal.data.moments.collected import Part
from causal.data.panel import FloatArray


def part_of(columns: Sequence[str], part: Part, means: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Values, and gradients by the means (the delta method).

    Parameters
    ----------
    columns
        Names of the k columns.
    part
        A mean or a ratio.
    means
        Of each arm, shape (A, k).

    Returns
    -------
    tuple
        Values, shape (A,), and gradients, (A, k).

    Examples
    --------
    >>> value, slope = part_of(
    ...     ("y", "d"), Part(numerator="y", denominator="d"), np.array([[6.0, 2.0]])
    ... )
    >>> value.tolist(), slope.tolist()
    ([3.0], [[0.5, -1.5]])
    """
    top = list(columns).index(part.numerator)
    slope = np.zeros_like(means)
    if part.denominator is None:
        slope[:, top] = 1.0
        return means[:, top], slope
    below = list(columns).index(part.denominator)
    with np.errstate(all="ignore"):
        value = means[:, top] / means[:, below]
        slope[:, top] = 1 / means[:, below]
        slope[:, below] = -value / means[:, below]
    return value, slope
