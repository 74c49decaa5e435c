"""Is a split the planned one: by chi-square, exactly where counts are small, and at every look."""

from __future__ import annotations

from math import comb

import numpy as np

from causal.base.streams import stream
from causal.data.panel import FloatArray, IntArray
from causal.diagnostics._split import SMALL, chances, divisions
from causal.diagnostics._tail import tail
from causal.diagnostics.experiment._looks import UNPLANNED

ENUMERATED = 200_000
DRAWS = 99_999
_SAME = 1 + 1e-7


def pearson(observed: IntArray, shares: FloatArray) -> float:
    """Chi-square of the counts of arms against their planned shares, both (arms,).

    >>> round(pearson(np.array([1000, 1100]), np.array([0.5, 0.5])), 4)
    4.7619
    """
    expected = shares * observed.sum()
    return float(((observed - expected) ** 2 / expected).sum())


def split_p(observed: IntArray, shares: FloatArray, seed: int) -> float:
    """P-value of a split: chi-square, exact where an expected count is under 5.

    Parameters
    ----------
    observed, shares
        Counts, and planned shares that are all positive and add to 1, both (arms,).
    seed
        For an exact p-value that has too many divisions to list.
    """
    if observed.sum() == 0 or observed.size < 2:
        return 1.0
    if (shares * observed.sum()).min() < SMALL:
        return exact_p(observed, shares, seed)
    return float(tail(np.array(pearson(observed, shares)), np.array(observed.size - 1.0)))


def exact_p(observed: IntArray, shares: FloatArray, seed: int) -> float:
    """Chance of a division at most as likely as this one (exact multinomial test).

    Every division is listed where there are at most 200,000; else 99,999 draws of a named stream.

    >>> round(exact_p(np.array([3, 0, 1]), np.array([0.5, 0.25, 0.25]), 1), 6)
    0.8125
    """
    n, arms = int(observed.sum()), observed.size
    own = float(chances(observed[None, :], shares)[0])
    if comb(n + arms - 1, arms - 1) <= ENUMERATED:
        chance = chances(divisions(n, arms), shares)
        return min(1.0, float(chance[chance <= own * _SAME].sum()))
    order = np.argsort(shares, kind="stable")
    draws = stream(seed, "exact split", n, arms).multinomial(n, shares[order], size=DRAWS)
    as_likely = chances(draws, shares[order]) <= own * _SAME
    return float((1 + as_likely.sum()) / (DRAWS + 1))


def log_bayes_factor(observed: IntArray, shares: FloatArray, prior: float = UNPLANNED) -> float:
    """Log of how much likelier the counts are under any split than under the planned one.

    Other splits are Dirichlet around the plan. It may be looked at after every unit: it exceeds
    1 / alpha ever with a chance of at most alpha under the plan (Lindon, Malek 2022, "Anytime-valid
    inference for multinomial count data").

    Parameters
    ----------
    observed, shares
        Counts and planned shares, both (arms,).
    prior
        Sum of the Dirichlet's parameters, fixed before the experiment.

    Examples
    --------
    >>> round(log_bayes_factor(np.array([1000, 1100]), np.array([0.5, 0.5])), 5)
    0.31795
    """
    from scipy.special import gammaln

    own = prior * shares
    whole = gammaln(prior) - gammaln(prior + observed.sum())
    parts = gammaln(own + observed) - gammaln(own) - observed * np.log(shares)
    return float(whole + parts.sum())


def anytime_p(observed: IntArray, shares: FloatArray, prior: float = UNPLANNED) -> float:
    """P-value that may be looked at after every unit: one over the Bayes factor, at most 1."""
    return float(np.exp(min(0.0, -log_bayes_factor(observed, shares, prior))))
