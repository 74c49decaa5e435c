"""What a winner is worth: effects corrected for having been selected, and with a prior."""

from __future__ import annotations

from dataclasses import dataclass

from causal.base.errors import DesignError

REACH = 40.0


def corrected(value: float, error: float, critical: float) -> float:
    """Median-unbiased effect given that it passed the bar (Zhong, Prentice 2008, Biostatistics).

    The effect under which an estimate that passed would be below the one at hand in half of the
    cases. An estimate that did not pass is given back.

    Parameters
    ----------
    value, error
        Estimate and standard error.
    critical
        Standard errors an estimate had to be from zero.

    Examples
    --------
    >>> round(corrected(2.5, 1.0, 1.96), 3), corrected(1.0, 1.0, 1.96)
    (1.543, 1.0)
    """
    from scipy.optimize import brentq

    z = value / error
    if abs(z) <= critical:
        return value

    def above_half(mean: float) -> float:
        return _share_below(abs(z), mean, critical) - 0.5

    return float(brentq(above_half, -REACH, abs(z) + 1)) * error * (1.0 if z > 0 else -1.0)


def _share_below(z: float, mean: float, critical: float) -> float:
    """P(Z < z) given |Z| > critical, of a normal Z with a mean, in logs so that tails are kept."""
    import numpy as np
    from scipy.stats import norm

    over = norm.logsf(critical - mean)
    under = norm.logcdf(-critical - mean)
    passed = np.logaddexp(over, under)
    return float(1 - np.exp(norm.logsf(z - mean) - passed))


@dataclass(frozen=True, slots=True, kw_only=True)
class Posterior:
    """A normal belief after the data; never part of a verdict."""

    mean: float
    sd: float
    chance_better: float
    expected_loss: float


def posterior(value: float, error: float, *, prior_sd: float) -> Posterior:
    """Belief in an effect whose sign is that of good, from a normal prior around zero.

    Parameters
    ----------
    value, error
        Estimate and standard error, turned so that above zero is good.
    prior_sd
        How large effects usually are.

    Raises
    ------
    DesignError
        When ``prior_sd`` is not above zero.

    Examples
    --------
    >>> found = posterior(1.0, 1.0, prior_sd=1.0)
    >>> found.mean, round(found.sd, 4), round(found.chance_better, 4)
    (0.5, 0.7071, 0.7602)
    """
    from scipy.stats import norm

    if not prior_sd > 0:
        raise DesignError(
            f"A prior's standard deviation is {prior_sd}. Give one above zero, such as 0.05 of the "
            "control's level."
        )
    share = prior_sd**2 / (prior_sd**2 + error**2)
    mean, sd = share * value, share**0.5 * error
    z = mean / sd
    return Posterior(
        mean=mean,
        sd=sd,
        chance_better=float(norm.cdf(z)),
        expected_loss=float(sd * norm.pdf(z) - mean * norm.sf(z)),
    )
