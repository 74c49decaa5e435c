"""A long-term effect projected from short-term ones, as past experiments relate them.

For display, never part of a verdict: a projection is a hint.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from causal.content.outcome import Goal
from causal.data.panel import FloatArray
from causal.data.past import Past
from causal.estimation.experiment._predicted import true_effect, unlikely, weights
from causal.estimation.experiment.past_effects import Draws, learn
from causal.estimation.experiment.track_record import Record, track_record

FEWEST = 10
"""Fewest past experiments; and four for each metric, the long-term one too."""
NOISE = 0.05
"""A spread of effects is more than noise when chance alone would show it less often than this."""
FAR = 0.001
"""An experiment is far from past ones when fewer than this share of such would be farther."""

ROUNDING = 1e-6
"""A part of their variance that errors do not share, so that none is known exactly from others."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Short:
    """Effects of one arm on the metrics it is projected from, shape (q,), with their covariance.

    ``refusal`` says why there are none.
    """

    arm: str
    effects: FloatArray
    covariance: FloatArray
    refusal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Projected:
    """The true long-term effect of one arm as projected, with its interval; or why not."""

    arm: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    refusal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Projection:
    """What the past says of a long-term effect, and how well it said it before.

    Attributes
    ----------
    metrics
        Short-term ones, then the long-term one.
    average
        Mean of the true long-term effects of past experiments: what is projected without a signal.
    weights
        What an effect of one on each short-term metric adds, measured as well as in the first arm.
    arms, record
        The projection of each arm, and its record on past experiments; none where it is refused.
    refusal
        Why nothing can be learned from the past; empty when it can.
    """

    metrics: tuple[str, ...]
    goal: Goal
    average: float | None = None
    weights: tuple[float, ...] = ()
    arms: tuple[Projected, ...] = ()
    record: Record | None = None
    refusal: str = ""


def projection(
    past: Past, shorts: Sequence[Short], *, goal: Goal, level: float, seed: int, record: bool = True
) -> Projection:
    """Project a long-term effect of every arm, and look how past projections would have done.

    Parameters
    ----------
    past
        The long-term metric last.
    shorts
        Effects of the arms on the other metrics, in the same scale.
    goal
        Which way is good for the long-term metric.
    level
        Of the intervals.
    seed
        Of the draws.
    record
        Whether past experiments are projected too.
    """
    refusal = _too_little(past)
    if refusal:
        return Projection(metrics=past.metrics, goal=goal, refusal=refusal)
    learned = learn(past.effects, past.covariance, past.group, seed=seed, left_out=record)
    draws = learned.whole
    usable = [each for each in shorts if not each.refusal]
    return Projection(
        metrics=past.metrics,
        goal=goal,
        average=float(draws.weight @ draws.mean[-1]),
        weights=tuple(weights(draws, usable[0].covariance).tolist()) if usable else (),
        arms=tuple(_projected(past, draws, each, level) for each in shorts),
        record=track_record(past, learned.without, goal=goal, level=level) if record else None,
    )


def _projected(past: Past, draws: Draws, short: Short, level: float) -> Projected:
    refusal = short.refusal or _far(past, draws, short)
    if refusal:
        return Projected(arm=short.arm, refusal=refusal)
    found = true_effect(draws, short.effects, short.covariance)
    low, high = found.interval(level)
    return Projected(arm=short.arm, value=found.mean, low=low, high=high)


def _too_little(past: Past) -> str:
    """Why nothing can be learned, or nothing."""
    needed = max(FEWEST, 4 * len(past.metrics))
    if past.groups < needed:
        return (
            f"{past.groups} past experiments have every metric; at least {needed} are needed to "
            "learn how they go together"
        )
    for columns, what in (
        ([len(past.metrics) - 1], past.metrics[-1]),
        (list(range(len(past.metrics) - 1)), " and ".join(past.metrics[:-1])),
    ):
        if spread_by_chance(past, columns) >= NOISE:
            return (
                f"the effects of past experiments on {what} differ no more than their errors "
                "would make them, so there is nothing to learn from"
            )
    return ""


def spread_by_chance(past: Past, columns: Sequence[int]) -> float:
    """Chance of effects this far apart if true effects were all the same (Cochran 1954), a p-value.

    Arms of a group are averaged first, as if their errors were one.
    """
    from scipy.stats import chi2

    groups, q = past.groups, len(columns)
    share = np.zeros((groups, past.group.size))
    share[past.group, np.arange(past.group.size)] = 1 / np.bincount(past.group)[past.group]
    effects = share @ past.effects[:, columns]
    errors = np.tensordot(share, past.covariance[:, columns][:, :, columns], axes=1)
    own = np.einsum("gii->gi", errors)[:, :, None] * np.eye(q)
    precision = np.linalg.inv(errors + ROUNDING * own)
    middle = np.linalg.solve(precision.sum(axis=0), np.einsum("gij,gj->i", precision, effects))
    away = effects - middle
    statistic = float(np.einsum("gi,gij,gj->", away, precision, away))
    return float(chi2.sf(statistic, q * (groups - 1)))


def _far(past: Past, draws: Draws, short: Short) -> str:
    """Why an arm lies too far from past experiments, or nothing."""
    if unlikely(draws, short.effects, short.covariance) >= FAR:
        return ""
    names = " and ".join(past.metrics[:-1])
    return (
        f"its effects on {names} are far from those of every past experiment, and what lies "
        "beyond the past is not projected"
    )
