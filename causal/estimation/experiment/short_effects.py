"""Effects on several metrics with the joint covariance of their errors, relative or absolute."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from causal.data.moments.collected import Reading
from causal.data.moments.moments import Moments
from causal.estimation._estimates import Estimates
from causal.estimation.experiment._functionals import Functionals, covariance, stacked
from causal.estimation.experiment.effects import Asked, common, effects, without_error
from causal.estimation.experiment.levels import levels
from causal.estimation.experiment.projection import Short

SURE = 5.0
"""Standard errors the control's level is from zero for an effect to be relative to it."""


def short_effects(
    moments: Moments, readings: Sequence[Reading], asked: Asked, *, relative: bool
) -> tuple[Short, ...]:
    """Effects of every arm on these metrics, one vector an arm.

    A relative effect is r = t / c - 1; its error is that of (t - (1 + r) c) / c (delta method).

    Parameters
    ----------
    moments
        Control first; products of all columns of the readings are known.
    readings
        Of the metrics, in the order that is wanted.
    relative
        Whether effects are over the control's level.
    """
    usable = common(moments)
    of = stacked([levels(usable, each, asked.adjustment) for each in readings])
    like = effects(moments, readings, asked)
    return tuple(
        _of_arm(usable, of, like, at, arm, relative=relative)
        for at, arm in enumerate(moments.arms[1:], start=1)
    )


def _of_arm(
    usable: Moments, of: Functionals, like: Estimates, at: int, arm: str, *, relative: bool
) -> Short:
    arms = len(usable.arms)
    count = len(of) // arms
    control, treated = of.values[::arms], of.values[at::arms]
    why = _refusal(like, list(range(at - 1, len(like), arms - 1)))
    if relative and not why:
        why = _without_level(usable, of, like)
    if why:
        return Short(
            arm=arm,
            effects=np.full(count, np.nan),
            covariance=np.full((count, count), np.nan),
            refusal=why,
        )
    scale, times = (control, treated / control) if relative else (1.0, 1.0)
    rows = np.arange(count)
    weights = np.zeros((count, len(of)))
    weights[rows, rows * arms] = -times / scale
    weights[rows, rows * arms + at] = 1 / scale
    return Short(
        arm=arm,
        effects=(treated - control) / scale,
        covariance=covariance(of.combined(weights), usable),
    )


def _refusal(like: Estimates, places: list[int]) -> str:
    """Why one of the effects may not be read, or nothing."""
    for place in places:
        why = like.refusal[place] or without_error(like, place)
        if why:
            return f"{like.labels[place].outcome}: {why}"
    return ""


def _without_level(usable: Moments, of: Functionals, like: Estimates) -> str:
    """Why effects cannot be relative, or nothing."""
    arms = len(usable.arms)
    errors = np.sqrt(np.maximum(np.diag(covariance(of, usable))[::arms], 0.0))
    unsure = np.flatnonzero(np.abs(of.values[::arms]) <= SURE * errors)
    if not unsure.size:
        return ""
    name = like.labels[int(unsure[0]) * (arms - 1)].outcome
    return f"the control's level of {name} is too near zero for an effect relative to it"
