"""How often 95% intervals must hold the truth.

Of two-sided intervals 93 to 97% over a thousand runs; Fieller's, exact, simultaneous and sequential
ones at least 95% less two Monte Carlo errors, since they may hold more often.
"""

from __future__ import annotations

LEVEL = 0.95
BAND = (0.93, 0.97)
RUNS = 1_000
ROUNDING = 1e-9


def error(runs: int) -> float:
    """Monte Carlo error of a coverage of 95%."""
    return float((LEVEL * (1 - LEVEL) / runs) ** 0.5)


def two_sided(share: float, runs: int, *, errors: float | None = None) -> bool:
    """Whether a two-sided interval held often enough, and not too often.

    With ``errors``, or over fewer than a thousand runs (then 3), so many Monte Carlo errors count.

    >>> two_sided(0.931, 1_000), two_sided(0.975, 1_000), two_sided(0.91, 200)
    (True, False, True)
    """
    low, high = BAND
    if errors is not None or runs < RUNS:
        slack = (3.0 if errors is None else errors) * error(runs)
        low, high = LEVEL - slack, LEVEL + slack
    return low - ROUNDING <= share <= high + ROUNDING


def least(runs: int, errors: float = 2.0) -> float:
    """The smallest share that is enough where more is no fault.

    >>> round(least(1_000), 4)
    0.9362
    """
    return LEVEL - errors * error(runs)


def at_least(share: float, runs: int, *, errors: float = 2.0) -> bool:
    """Whether an interval that may hold more often than 95% held often enough.

    >>> at_least(1.0, 1_000), at_least(0.935, 1_000)
    (True, False)
    """
    return share >= least(runs, errors) - ROUNDING
