"""What planted runs say together: bias, coverage, false alarms, power, the smallest effect found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from causal.data.panel import FloatArray
from causal.evaluation._recovery import (
    MULTIPLES,
    POWER,
    Key,
    Recovered,
    Seen,
    expected_smallest,
)

_FEWEST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share of runs with its Monte Carlo error; None without runs."""

    value: float | None
    error: float | None
    runs: int

    @staticmethod
    def of(hits: Sequence[bool]) -> Share:
        """Count, with the error of a share (at least that of half a hit).

        >>> Share.of([True, True, False, True]).value
        0.75
        """
        n = len(hits)
        if not n:
            return Share(value=None, error=None, runs=0)
        p = sum(hits) / n
        kept = min(max(p, 0.5 / n), 1 - 0.5 / n)
        return Share(value=p, error=float(np.sqrt(kept * (1 - kept) / n)), runs=n)


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """How often an effect of a size was found in runs that planted it, and how often expected."""

    multiple: float
    size: float
    found: Share
    expected: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """One effect over all runs; numbers are in the units of the outcome.

    ``smallest`` is the effect found four times in five, from standard errors and t quantiles;
    ``smallest_seen`` the same read off the runs, with its Monte Carlo interval; ``smallest_told``
    the one to go by. ``gap`` is what naive and headline estimate differ by in the table itself,
    ``naive_bias`` in the planted worlds. ``noise`` is the mean standard error over that in the
    table, in runs without effect.
    """

    key: Key
    estimand: str
    baseline: float | None
    runs: int
    abstained: Share
    reasons: tuple[tuple[str, int], ...]
    bias: float | None
    bias_error: float | None
    std_error: float | None
    spread: float | None
    naive_bias: float | None
    naive_bias_error: float | None
    gap: float | None
    noise: float | None
    coverage: Share
    simultaneous: Share
    false_alarms: Share
    ruled_out: Share
    powers: tuple[Power, ...]
    smallest: float | None
    smallest_seen: float | None
    smallest_ends: tuple[float | None, float | None]
    smallest_told: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Shares over whole runs: every effect covered at once, and any false alarm at all."""

    covered: Share
    alarmed: Share


def summarise(
    runs: Sequence[tuple[Recovered, ...]], table: Sequence[Seen]
) -> tuple[tuple[Calibrated, ...], Family]:
    """Summarise runs by effect, and over the family of all effects.

    Parameters
    ----------
    runs
        What :func:`recover` gave, run by run.
    table
        What the study's own table says of the same effects.
    """
    return tuple(_effect(own, runs) for own in table), _family(runs)


def _effect(own: Seen, runs: Sequence[tuple[Recovered, ...]]) -> Calibrated:
    mine = [each for run in runs for each in run if each.seen.key == own.key]
    told = [each for each in mine if not each.seen.why]
    nulls = [each for each in mine if each.multiple == 0]
    error = np.array([each.seen.estimate - each.truth for each in told])
    se = np.array([each.seen.std_error for each in told])
    naive = np.array([each.seen.naive - each.truth for each in mine])
    naive = naive[np.isfinite(naive)]
    seen, ends = _smallest_seen(mine)
    smallest = _mean([expected_smallest(each.seen) for each in told])
    gap = own.naive - own.estimate
    quiet = np.array([each.seen.std_error for each in told if each.multiple == 0])
    return Calibrated(
        key=own.key,
        estimand=own.estimand,
        baseline=_finite(own.baseline),
        runs=len(mine),
        abstained=Share.of([bool(each.seen.why) for each in mine]),
        reasons=_reasons(mine),
        bias=_mean(error),
        bias_error=_error(error),
        std_error=_mean(se),
        spread=float(error.std(ddof=1)) if error.size > 1 else None,
        naive_bias=_mean(naive),
        naive_bias_error=_error(naive),
        gap=_finite(gap),
        noise=_finite(float(quiet.mean()) / own.std_error)
        if quiet.size and own.std_error > 0
        else None,
        coverage=Share.of([each.seen.ci[0] <= each.truth <= each.seen.ci[1] for each in told]),
        simultaneous=Share.of([_inside(each) for each in told]),
        false_alarms=Share.of([each.seen.clear for each in nulls]),
        ruled_out=Share.of([each.seen.ruled_out for each in nulls]),
        powers=_powers(mine),
        smallest=smallest,
        smallest_seen=seen,
        smallest_ends=ends,
        smallest_told=_told(smallest, seen, ends),
    )


def _inside(each: Recovered) -> bool:
    return each.seen.simultaneous[0] <= each.truth <= each.seen.simultaneous[1]


def _told(
    smallest: float | None, seen: float | None, ends: tuple[float | None, float | None]
) -> float | None:
    """By standard errors, unless the runs say it takes more."""
    if smallest is None or ends[0] is None or smallest >= ends[0]:
        return smallest
    return seen if seen is not None else ends[0]


def _smallest_seen(
    mine: Sequence[Recovered],
) -> tuple[float | None, tuple[float | None, float | None]]:
    """The effect found in four runs of five, and the ends of its 95% Monte Carlo interval.

    A run finds an effect when it exceeds half its interval less its error, whatever was planted,
    so every run tells; one that abstains finds nothing.
    """
    from scipy.stats import binom

    needed = np.sort(
        [
            np.inf if each.seen.why else each.seen.half - (each.seen.estimate - each.truth)
            for each in mine
        ]
    )
    n = needed.size
    if n < _FEWEST:
        return None, (None, None)
    low, high = (int(binom.ppf(q, n, POWER)) for q in (0.025, 0.975))
    at = needed[min(n - 1, int(np.ceil(POWER * n)) - 1)]
    return _finite(at), (_finite(needed[max(low - 1, 0)]), _finite(needed[min(high, n - 1)]))


def _powers(mine: Sequence[Recovered]) -> tuple[Power, ...]:
    """Power at each planted size, direct, beside what the t distribution expects."""
    found = []
    for multiple in sorted(set(MULTIPLES) - {0.0}):
        own = [each for each in mine if each.multiple == multiple]
        if own:
            expected = [_chance_found(each) for each in own if not each.seen.why]
            found.append(
                Power(
                    multiple=multiple,
                    size=float(np.mean([each.truth for each in own])),
                    found=Share.of([each.seen.clear and each.seen.estimate > 0 for each in own]),
                    expected=_mean(expected),
                )
            )
    return tuple(found)


def _chance_found(each: Recovered) -> float:
    from scipy.stats import t as student

    seen = each.seen
    return float(student.sf((seen.half - each.truth) / seen.std_error, seen.df))


def _family(runs: Sequence[tuple[Recovered, ...]]) -> Family:
    answered = [[each for each in run if not each.seen.why] for run in runs]
    return Family(
        covered=Share.of([all(_inside(each) for each in run) for run in answered if run]),
        alarmed=Share.of(
            [
                any(each.seen.clear for each in run)
                for run, whole in zip(answered, runs, strict=True)
                if whole and whole[0].multiple == 0
            ]
        ),
    )


def _reasons(mine: Sequence[Recovered]) -> tuple[tuple[str, int], ...]:
    counts: dict[str, int] = {}
    for each in mine:
        if each.seen.why:
            counts[each.seen.why] = counts.get(each.seen.why, 0) + 1
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _mean(values: Sequence[float] | FloatArray) -> float | None:
    return float(np.mean(values)) if len(values) else None


def _error(values: FloatArray) -> float | None:
    return float(values.std(ddof=1) / np.sqrt(values.size)) if values.size > 1 else None


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
