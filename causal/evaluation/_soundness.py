"""Whether a calibration holds: its checks, in words; each allows for Monte Carlo error."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from causal.base.finding import Finding, Status
from causal.evaluation._calibrated import Calibrated, Family, Share
from causal.evaluation._chance import FAIL_Z, WARN_Z, limit, normal_size

GRACE = 0.02  # coverage may fall so far below the level before it counts as failed
MOST_ABSTAINED = 0.05
LARGEST_BIAS = 0.25  # in standard errors; half of one costs three points of coverage
LEAST_GAP = 0.5
NOISE = (0.8, 1.25)


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
