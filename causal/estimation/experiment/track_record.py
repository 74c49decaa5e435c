"""The record of projections: each past experiment projected from the others, against what it measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from causal.content.outcome import Goal
from causal.data.panel import FloatArray
from causal.data.past import Past
from causal.estimation.experiment._predicted import measured_effect, true_effect
from causal.estimation.experiment.past_effects import Draws


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One past arm, projected from experiments that are not its own.

    Attributes
    ----------
    measured, std_error, low, high
        The long-term effect as it was measured, and its interval.
    projected, projected_low, projected_high
        Of the true effect.
    clear
        1 where the measured interval leaves zero out on the good side, -1 on the bad one, else 0.
    called
        The same of the projected interval.
    held
        Whether what was measured lies where the projection with the measurement's own error has it.
    """

    experiment: str
    arm: str
    measured: float
    std_error: float
    low: float
    high: float
    projected: float
    projected_low: float
    projected_high: float
    clear: int
    called: int
    held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """So many of so many."""

    hits: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Slope:
    """How much of what was projected above the past's average was measured; 1 is right."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """How projections of past arms would have done, each from experiments that are not its own.

    Attributes
    ----------
    experiments, rows
        How many experiments (or programmes), and every arm.
    signs
        Arms with a clear long-term effect whose projected sign was the same.
    commoner
        For how many of these always guessing the commoner sign is right.
    signs_by_chance
        Chance to do as well when each guess is right as often as that one; None without a clear
        effect.
    recall
        Arms with a clear gain in the long run that were called a gain.
    precision
        Arms that were called a gain and had a clear one.
    wrong
        Arms that were called a gain and had a clear loss.
    losses
        Arms with a clear loss in the long run that were called a loss.
    held
        Arms whose measured effect lies in the interval with the measurement's own error.
    slope
        None where projections do not differ.
    """

    experiments: int
    rows: tuple[Tried, ...]
    signs: Count
    commoner: int
    signs_by_chance: float | None
    recall: Count
    precision: Count
    wrong: Count
    losses: Count
    held: Count
    slope: Slope | None


def track_record(past: Past, without: Sequence[Draws], *, goal: Goal, level: float) -> Record:
    """Project every past arm from experiments that are not its own.

    Parameters
    ----------
    past
        The long-term metric last.
    without
        What is learned without each group.
    goal, level
        Which way is good, and the level of the intervals.
    """
    good = 1 if goal is Goal.INCREASE else -1
    rows = tuple(_tried(past, row, without, good, level) for row in range(len(past.arms)))
    clear = [each for each in rows if each.clear]
    agreed = sum(np.sign(each.projected) * good == each.clear for each in clear)
    gains = sum(each.clear > 0 for each in clear)
    commoner = max(gains, len(clear) - gains)
    called = [each for each in rows if each.called > 0]
    return Record(
        experiments=past.groups,
        rows=rows,
        signs=Count(hits=int(agreed), of=len(clear)),
        commoner=commoner,
        signs_by_chance=_by_chance(int(agreed), len(clear), commoner),
        recall=_count(each.called > 0 for each in clear if each.clear > 0),
        precision=_count(each.clear > 0 for each in called),
        wrong=_count(each.clear < 0 for each in called),
        losses=_count(each.called < 0 for each in clear if each.clear < 0),
        held=_count(each.held for each in rows),
        slope=_slope(past, without, level),
    )


def _count(given: Iterable[bool]) -> Count:
    listed = list(given)
    return Count(hits=sum(listed), of=len(listed))


def _by_chance(hits: int, of: int, commoner: int) -> float | None:
    from scipy.stats import binom

    return float(binom.sf(hits - 1, of, commoner / of)) if of else None


def _tried(past: Past, row: int, without: Sequence[Draws], good: int, level: float) -> Tried:
    from scipy.stats import norm

    draws, effects, error = without[past.group[row]], past.effects[row], past.covariance[row]
    found = true_effect(draws, effects[:-1], error[:-1, :-1])
    measured, own = float(effects[-1]), float(np.sqrt(error[-1, -1]))
    reach = float(norm.isf((1 - level) / 2)) * own
    low, high = found.interval(level)
    place = measured_effect(draws, effects[:-1], error).below(measured)
    return Tried(
        experiment=past.experiments[row],
        arm=past.arms[row],
        measured=measured,
        std_error=own,
        low=measured - reach,
        high=measured + reach,
        projected=found.mean,
        projected_low=low,
        projected_high=high,
        clear=good * _side(measured - reach, measured + reach),
        called=good * _side(low, high),
        held=(1 - level) / 2 <= place <= (1 + level) / 2,
    )


def _side(low: float, high: float) -> int:
    return int(low > 0) - int(high < 0)


def _slope(past: Past, without: Sequence[Draws], level: float) -> Slope | None:
    """Least squares of what was measured on what was projected, both less the others' average.

    The measured effect is noisy, which makes the slope no smaller, only less sure; noise that it
    shares with the short-term effects is taken off. Through zero, since the average that is taken
    off is that of the others. Errors are clustered by group, jackknife-like (Bell, McCaffrey 2002).
    """
    from scipy.stats import t as student

    x, y, weight = (np.array(each) for each in zip(*_centred(past, without), strict=True))
    groups = past.groups
    total = float(weight @ x**2)
    if not total > 0 or np.ptp(x) <= 1e-9 * np.abs(y).max():
        return None
    value = float(weight @ (x * y)) / total
    left = y - value * x
    scores = np.bincount(past.group, weight * x * left, minlength=groups)
    lever = np.bincount(past.group, weight * x**2, minlength=groups) / total
    error = float(np.sqrt(((scores / np.maximum(1 - lever, 1e-6)) ** 2).sum())) / total
    reach = float(student.isf((1 - level) / 2, groups - 1)) * error
    return Slope(value=value, low=value - reach, high=value + reach)


def _centred(past: Past, without: Sequence[Draws]) -> list[tuple[float, float, float]]:
    """Of each arm what was projected and measured above the others' average, and its weight."""
    found = []
    for row, group in enumerate(past.group):
        draws, effects, error = without[group], past.effects[row], past.covariance[row]
        average = float(draws.weight @ draws.mean[-1])
        mean = true_effect(draws, effects[:-1], error[:-1, :-1]).mean
        common = measured_effect(draws, effects[:-1], error)
        y = float(effects[-1]) - (common.mean - mean) - average
        spread: FloatArray = draws.weight @ common.sds**2
        found.append((mean - average, y, float(1 / spread)))
    return found
