"""Is a split the planned one: by chi-square, exactly where counts are small, and at every look."""

from __future__ import annotations

from math import comb

import numpy as np

from causal.data.panel import FloatArray, IntArray
from causal.diagnostics._split import SMALL, chances, divisions
from causal.diagnostics._tail import tail
from causal.diagnostics.experiment._looks import UNPLANNED

ENUMERATED = 200_000
LARGE = 1_000.0
DOUBTED = 0.05
_SAME = 1 + 1e-7


def pearson(observed: IntArray, shares: FloatArray) -> float:
    """Chi-square of the counts of arms against their planned shares, both (arms,).

    >>> round(pearson(np.array([1000, 1100]), np.array([0.5, 0.5])), 4)
    4.7619
    """
    expected = shares * observed.sum()
    return float(((observed - expected) ** 2 / expected).sum())


def split_p(observed: IntArray, shares: FloatArray) -> float:
    """P-value of a split, exact where counts are small.

    The exact multinomial test where an expected count is under 5. Else the chi-square; but far in
    its tail, where one of many tests is decided, an arm with 14 expected units has up to five times
    the chance it says. So a p under .05 with fewer than 1,000 expected in an arm is exact too: arms
    are taken off one by one from the smallest, each by a binomial test against those left.

    Parameters
    ----------
    observed, shares
        Counts, and planned shares that are all positive and add to 1, both (arms,).
    """
    n, arms = int(observed.sum()), observed.size
    if n == 0 or arms < 2:
        return 1.0
    least = float(shares.min()) * n
    if least < SMALL and comb(n + arms - 1, arms - 1) <= ENUMERATED:
        return exact_p(observed, shares)
    p = float(tail(np.array(pearson(observed, shares)), np.array(arms - 1.0)))
    if least < SMALL or (least < LARGE and p < DOUBTED):
        return peeled_p(observed, shares)
    return p


def exact_p(observed: IntArray, shares: FloatArray) -> float:
    """Chance of a division at most as likely as this one (exact multinomial test).

    >>> round(exact_p(np.array([3, 0, 1]), np.array([0.5, 0.25, 0.25])), 6)
    0.8125
    """
    chance = chances(divisions(int(observed.sum()), observed.size), shares)
    own = float(chances(observed[None, :], shares)[0])
    return min(1.0, float(chance[chance <= own * _SAME].sum()))


def peeled_p(observed: IntArray, shares: FloatArray) -> float:
    """Binomial tests of each arm against the larger ones, as one p-value.

    Given how many are left, the tests are independent, so the chi-squares their exact p-values stand
    for add up; being discrete they make it a little too large, never too small.
    """
    from scipy.stats import binomtest

    order = np.argsort(shares, kind="stable")
    counts, planned = observed[order], shares[order]
    p = [
        binomtest(int(counts[at]), int(counts[at:].sum()), min(1.0, share)).pvalue
        for at, share in enumerate(planned[:-1] / np.cumsum(planned[::-1])[::-1][:-1])
        if counts[at:].sum()
    ]
    return summed_p(np.array(p, dtype=float))


def summed_p(p: FloatArray) -> float:
    """One p-value of independent tests with a degree of freedom each, by the sum of chi-squares."""
    from scipy.special import chdtri

    if p.size < 2:
        return float(p.min(initial=1.0))
    chi = np.asarray(chdtri(np.ones(p.size), np.clip(p, 1e-300, 1.0)))
    return float(tail(np.array(chi.sum()), np.array(float(p.size))))


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
