"""A ratio of sums as one number for each unit."""

from __future__ import annotations

import numpy as np

from causal.data.panel import FloatArray, IntArray


def linearised(value: FloatArray, below: FloatArray, arm: IntArray) -> FloatArray:
    """Numbers whose mean in an arm is its ratio, and whose variance is that of the delta method.

    A unit of arm a has R_a + (numerator - R_a denominator) / mean denominator of a: what it adds to
    the ratio (Deng, Knoblich, Lu 2018), by how much it counts in it.

    Parameters
    ----------
    value, below
        Numerator and denominator of each unit, shape (n,).
    arm
        Arm of each unit, shape (n,).

    Returns
    -------
    array
        Shape (n,); NaN in an arm whose denominators add up to nothing.

    Examples
    --------
    >>> linearised(np.array([1.0, 3.0]), np.array([4.0, 4.0]), np.array([0, 0])).tolist()
    [0.25, 0.75]
    """
    found = np.full(value.size, np.nan)
    for own in np.unique(arm):
        rows = arm == own
        size = float(below[rows].mean())
        if size != 0:
            ratio = float(value[rows].mean()) / size
            found[rows] = ratio + (value[rows] - ratio * below[rows]) / size
    return found
