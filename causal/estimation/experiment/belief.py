"""A comparison read with a prior: for display, never part of a verdict."""

from __future__ import annotations

from dataclasses import dataclass

from causal.content.outcome import Goal
from causal.estimation.experiment.comparisons import Comparison
from causal.estimation.experiment.shrinkage import posterior


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """A normal belief in a relative effect after the data.

    Attributes
    ----------
    prior_sd
        Standard deviation of relative effects around zero that was believed before.
    mean, sd, low, high
        Of the effect over the control's level, and the central interval of the study's level.
    chance_better
        Chance that the effect is on the good side of zero.
    expected_loss
        What is lost on average by taking the arm, over the control's level: harm where it harms,
        nothing where it helps.
    """

    metric: str
    arm: str
    prior_sd: float
    mean: float
    sd: float
    low: float
    high: float
    chance_better: float
    expected_loss: float


def belief(comparison: Comparison, *, relative_sd: float, level: float) -> Belief | None:
    """What to believe of a relative effect, from a normal prior around zero.

    The control's level is taken as known: it is the scale of the prior.

    Parameters
    ----------
    comparison
        One that may be read; None is given for others, and where the control's level is zero.
    relative_sd
        How large relative effects usually are.
    level
        Of the interval.
    """
    from scipy.stats import norm

    scale = abs(comparison.control)
    if comparison.refusal or not scale > 0 or not comparison.std_error > 0:
        return None
    sign = 1.0 if comparison.goal is Goal.INCREASE else -1.0
    found = posterior(
        sign * comparison.effect.value / scale, comparison.std_error / scale, prior_sd=relative_sd
    )
    mean, reach = sign * found.mean, float(norm.isf((1 - level) / 2)) * found.sd
    return Belief(
        metric=comparison.metric,
        arm=comparison.arm,
        prior_sd=relative_sd,
        mean=mean,
        sd=found.sd,
        low=mean - reach,
        high=mean + reach,
        chance_better=found.chance_better,
        expected_loss=found.expected_loss,
    )
