"""What planted runs say together: bias, coverage, false alarms, power, the smallest effect found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from causal.base.finding import Finding, Status
from causal.data.panel import FloatArray
from causal.evaluation._chance import FAIL_Z, WARN_Z, limit, normal_size
from causal.evaluation._recovery import (
    MULTIPLES,
    POWER,
    Key,
    Recovered,
    Seen,
    expected_smallest,
)

GRACE = 0.02  # coverage may fall so far below the level before it counts as failed
MOST_ABSTAINED = 0.05
LARGEST_BIAS = 0.25  # in standard errors; half of one costs three points of coverage
LEAST_GAP = 0.5
NOISE = (0.8, 1.25)
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


def judged(
    effects: Sequence[Calibrated], family: Family, *, level: float, multiplicity: str
) -> tuple[Finding, ...]:
    """Say in words what held and what did not; each bound allows for Monte Carlo error."""
    found = [
        _coverage(effects, level),
        _together(family, level) if multiplicity == "simultaneous" else None,
        _alarms(effects, family, level, multiplicity),
        _bias(effects),
        _abstained(effects),
        _confounding(effects),
        _noise(effects),
    ]
    return tuple(each for each in found if each is not None)


def _coverage(effects: Sequence[Calibrated], level: float) -> Finding | None:
    shares = [e.coverage for e in effects if e.coverage.value is not None]
    if not shares:
        return None
    depths = [_below(share, level) for share in shares]
    worst = int(np.argmax([warn for warn, _ in depths]))
    fails = max(fail for _, fail in depths) > limit(FAIL_Z, len(depths))
    warns = max(warn for warn, _ in depths) > limit(WARN_Z, len(depths))
    mean = float(np.mean([share.value for share in shares]))
    low = [e for e in effects if e.coverage.value is not None][worst]
    return Finding(
        name="coverage of planted effects",
        status=Status.FAIL if fails else Status.WARN if warns else Status.PASS,
        statistic=mean,
        threshold=level,
        meaning=f"{_percent(level)} intervals held the planted effect in {_percent(mean)} of runs; "
        f"the lowest, '{low.key[0]}' on {low.key[2]}, in {_share(low.coverage)}.",
        remedy="The intervals are too narrow for this table, or their centre is off. Look at what "
        "the rows share: declare the creator, test or user as cluster; then look at the bias."
        if fails or warns
        else "",
    )


def _below(share: Share, level: float) -> tuple[float, float]:
    """How many Monte Carlo errors a share lies below the level, and below the level less grace."""
    value, n = share.value or 0.0, share.runs
    least = level - GRACE
    return (
        (level - value) / float(np.sqrt(level * (1 - level) / n)),
        (least - value) / float(np.sqrt(least * (1 - least) / n)),
    )


def _together(family: Family, level: float) -> Finding | None:
    if family.covered.value is None:
        return None
    warn, fail = _below(family.covered, level)
    status = Status.FAIL if fail > FAIL_Z else Status.WARN if warn > WARN_Z else Status.PASS
    return Finding(
        name="coverage of all planted effects at once",
        status=status,
        statistic=family.covered.value,
        threshold=level,
        meaning="The intervals that are to hold for all comparisons at once did in "
        f"{_share(family.covered)}.",
        remedy="" if status is Status.PASS else "Read verdicts with more doubt than they state.",
    )


def _alarms(
    effects: Sequence[Calibrated], family: Family, level: float, multiplicity: str
) -> Finding | None:
    """False alarms: of any effect when the family is to be controlled, else of each."""
    whole = multiplicity in ("simultaneous", "holm")
    shares = [family.alarmed] if whole else [e.false_alarms for e in effects]
    shares = [share for share in shares if share.value is not None]
    if not shares:
        return None
    depths = [_below(_complement(share), level) for share in shares]
    fails = max(fail for _, fail in depths) > limit(FAIL_Z, len(depths))
    warns = max(warn for warn, _ in depths) > limit(WARN_Z, len(depths))
    worst = shares[int(np.argmax([warn for warn, _ in depths]))]
    what = "any effect" if whole else "an effect"
    return Finding(
        name="false alarms",
        status=Status.FAIL if fails else Status.WARN if warns else Status.PASS,
        statistic=worst.value,
        threshold=1 - level,
        meaning=f"Where nothing was planted, {what} was called clear in {_share(worst)}; "
        f"{_percent(1 - level)} is allowed.",
        remedy="Do not act on a single clear effect of this study before it is repeated."
        if fails or warns
        else "",
    )


def _complement(share: Share) -> Share:
    return Share(value=1 - (share.value or 0.0), error=share.error, runs=share.runs)


def _bias(effects: Sequence[Calibrated]) -> Finding | None:
    known = [e for e in effects if e.bias is not None and e.std_error and e.bias_error is not None]
    if not known:
        return None
    sizes = [abs(e.bias or 0.0) / (e.std_error or 1.0) for e in known]
    sure = [
        (abs(e.bias or 0.0) - LARGEST_BIAS * (e.std_error or 0.0))
        / max(e.bias_error or 0.0, 1e-300)
        for e in known
    ]
    worst = int(np.argmax(sure))
    fails = sure[worst] > limit(FAIL_Z, len(known)) and sizes[worst] > 2 * LARGEST_BIAS
    warns = sure[worst] > limit(WARN_Z, len(known))
    largest = known[worst]
    return Finding(
        name="bias of planted effects",
        status=Status.FAIL if fails else Status.WARN if warns else Status.PASS,
        statistic=sizes[worst],
        threshold=LARGEST_BIAS,
        meaning=f"The largest bias, of '{largest.key[0]}' on {largest.key[2]}, is "
        f"{sizes[worst]:.2f} standard errors (Monte Carlo error "
        f"{(largest.bias_error or 0.0) / (largest.std_error or 1.0):.2f}).",
        remedy="What is held fixed is not adjusted for well enough in a table of this size. "
        "Prefer a design within blocks, or fewer and coarser confounders."
        if fails or warns
        else "",
    )


def _beyond(e: Calibrated) -> float:
    """How many Monte Carlo errors a bias lies beyond the largest that is allowed."""
    beyond = abs(e.bias or 0.0) - LARGEST_BIAS * (e.std_error or 0.0)
    told = e.coverage.runs
    return normal_size(max(beyond, 0.0) / max(e.bias_error or 0.0, 1e-300), told - 1)


def _abstained(effects: Sequence[Calibrated]) -> Finding | None:
    known = [e for e in effects if e.abstained.value is not None]
    if not known:
        return None
    often = [e for e in known if (e.abstained.value or 0.0) > MOST_ABSTAINED]
    mean = float(np.mean([e.abstained.value or 0.0 for e in known]))
    names = ", ".join(dict.fromkeys(f"'{e.key[0]}'" for e in often))
    return Finding(
        name="abstention",
        status=Status.FAIL
        if all(e.abstained.value == 1 for e in known)
        else Status.WARN
        if often
        else Status.PASS,
        statistic=mean,
        threshold=MOST_ABSTAINED,
        meaning=f"No number was printed in {_percent(mean)} of cases."
        + (f" More than {_percent(MOST_ABSTAINED)}: {names}." if often else ""),
        remedy="Those attributes need more rows with and without them, or better overlap."
        if often
        else "",
    )


def _confounding(effects: Sequence[Calibrated]) -> Finding | None:
    """Whether the planted worlds confound as strongly as the table seems to."""
    known = [
        (e, e.gap, e.naive_bias)
        for e in effects
        if e.gap is not None
        and e.naive_bias is not None
        and e.std_error
        and abs(e.gap) > 3 * e.std_error
    ]
    if not known:
        return None
    ratio = float(
        sum(np.sign(gap) * bias / (e.std_error or 1.0) for e, gap, bias in known)
        / sum(abs(gap) / (e.std_error or 1.0) for e, gap, _ in known)
    )
    weak = ratio < LEAST_GAP
    return Finding(
        name="confounding in the planted worlds",
        status=Status.WARN if weak else Status.PASS,
        statistic=ratio,
        threshold=LEAST_GAP,
        meaning="In the planted worlds the naive difference is off by "
        f"{_percent(ratio)} of what naive and adjusted estimates differ by in the table.",
        remedy="The worlds are easier than the table: read bias and coverage as best cases."
        if weak
        else "",
    )


def _noise(effects: Sequence[Calibrated]) -> Finding | None:
    known = [e.noise for e in effects if e.noise is not None]
    if not known:
        return None
    ratio = float(np.exp(np.mean(np.log(known))))
    off = not NOISE[0] <= ratio <= NOISE[1]
    return Finding(
        name="noise of the planted worlds",
        status=Status.WARN if off else Status.PASS,
        statistic=ratio,
        threshold=NOISE[0] if ratio < 1 else NOISE[1],
        meaning=f"Standard errors in the planted worlds are {_percent(ratio)} of those in the "
        "table, on average.",
        remedy="The worlds are "
        + ("quieter" if ratio < 1 else "noisier")
        + " than the table; scale the smallest effects by it."
        if off
        else "",
    )


def _percent(value: float) -> str:
    text = f"{100 * value:.1f}"
    return f"{text.removesuffix('.0')}%"


def _share(share: Share) -> str:
    return f"{_percent(share.value or 0.0)} of {share.runs} runs (\u00b1{_percent(share.error or 0.0)})"


def _mean(values: Sequence[float] | FloatArray) -> float | None:
    return float(np.mean(values)) if len(values) else None


def _error(values: FloatArray) -> float | None:
    return float(values.std(ddof=1) / np.sqrt(values.size)) if values.size > 1 else None


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
