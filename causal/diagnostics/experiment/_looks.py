"""P-values that may be looked at again and again while units arrive."""

from __future__ import annotations

import math

from causal.diagnostics._tail import GATE

UNPLANNED = 10_000.0


def concentration(planned_units: int | None, df: int) -> float:
    """How close to the plan a break is thought to be, in units' worth of data.

    What makes a mixture over breaks in ``df`` dimensions sharpest at the .001 level when the
    planned units are reached; 10,000 without a plan.

    >>> round(16_690 / concentration(16_690, 1), 1)
    16.7
    """
    if planned_units is None:
        return UNPLANNED
    wanted, ratio = 2 * math.log(1 / GATE) / df, 1.0
    for _ in range(60):
        ratio = wanted + math.log1p(ratio)
    return max(1.0, planned_units / ratio)


def at_looks(p: float, df: int, units: int, planned_units: int | None) -> float:
    """Turn the p-value of a test of ``df`` means into one that holds at every look.

    The p-value's chi-square W is set against a normal mixture over breaks worth C units: one over
    the Bayes factor, (1 + n/C)^(df/2) exp(-W n / (2 (n + C))) (Robbins 1970; in large samples,
    Waudby-Smith et al. 2024). Its chance to be under alpha ever is at most alpha.

    >>> at_looks(1e-9, 1, 10_000, 10_000) < 1e-6 < at_looks(1e-4, 1, 10_000, 10_000)
    True
    """
    from scipy.special import chdtri

    prior = concentration(planned_units, df)
    chi = float(chdtri(df, min(max(p, 1e-300), 1.0)))
    log = df / 2 * math.log1p(units / prior) - chi / 2 * units / (units + prior)
    return math.exp(min(0.0, log))
