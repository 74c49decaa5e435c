"""Asymptotic confidence sequences: intervals that hold at every look at once.

Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas (2024, Annals of Statistics 52(6), theorem 2.2): the
normal mixture boundary, tuned to be narrowest at the planned number of units and frozen there.
"""

from __future__ import annotations

import numpy as np

from causal.data.panel import FloatArray


def tuning(alpha: float) -> float:
    """The mixture's variance, times the planned units, that is narrowest when they are reached.

    Exact: -W(-alpha^2 / e) - 1 with the lower branch of Lambert's function.

    >>> round(tuning(0.05), 5)
    8.21197
    """
    from scipy.special import lambertw

    return float(-lambertw(-(alpha**2) / np.e, k=-1).real - 1)


def multiplier(information: FloatArray, alpha: float, tuned: float) -> FloatArray:
    """Standard errors that an interval reaches to either side.

    Parameters
    ----------
    information
        Units of randomisation with completed windows over those planned, any shape; may pass 1.
    alpha
        One less the level.
    tuned
        From :func:`tuning`, frozen with the plan.

    Examples
    --------
    >>> from scipy.stats import norm
    >>> wide = multiplier(np.array([0.1, 1.0]), 0.05, tuning(0.05)) / norm.isf(0.025)
    >>> wide.round(4).tolist()
    [1.9507, 1.5486]
    """
    t = np.asarray(information, dtype=float) * tuned
    with np.errstate(all="ignore"):
        reach = np.sqrt(2 * (t + 1) / t * np.log(np.sqrt(t + 1) / alpha))
    return np.asarray(np.where(t > 0, reach, np.inf))


def p_value(statistic: FloatArray, information: FloatArray, tuned: float) -> FloatArray:
    """The smallest alpha whose interval leaves out zero, with the tuning as it was frozen.

    Parameters
    ----------
    statistic
        Estimates over their standard errors.
    information
        As in :func:`multiplier`.
    tuned
        As in :func:`multiplier`.
    """
    t = np.asarray(information, dtype=float) * tuned
    with np.errstate(all="ignore"):
        p = np.sqrt(t + 1) * np.exp(-(np.asarray(statistic) ** 2) * t / (2 * (t + 1)))
    return np.asarray(np.minimum(np.where(t > 0, p, 1.0), 1.0))
