"""Agreement of designs: estimates that claim the same effect must not differ beyond chance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from causal.base.finding import Finding, Status
from causal.data.panel import FloatArray, IntArray, Panel
from causal.estimation._estimates import Estimates, variance
from causal.estimation._features import features
from causal.estimation._fit import Fit
from causal.estimation._scores import Score, estimate
from causal.estimation._start import linear_start
from causal.evaluation._chance import FAIL_Z, WARN_Z, judge, limit, normal_size
from causal.evaluation._evaluated import Evaluated

_RANK = ("PASS", "WARN", "FAIL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two designs on one effect, both weighted to the population of the first."""

    attribute: str
    contrast: str
    outcome: str
    first: str
    second: str
    first_estimate: float
    second_estimate: float
    difference: float
    std_error: float
    z: float
    status: str | None
    compared: str
    words: str


def check(evaluated: Evaluated) -> tuple[Finding, ...]:
    """FAIL when two designs that both claim the effect differ by more than 3 standard errors.

    With many comparisons the limit is raised to keep the chance of a false alarm that of a single
    one; with few clusters a difference is as surprising as its t distribution says.
    """
    claims = [c for c in comparisons(evaluated) if c.status is not None]
    if not claims:
        return ()
    worst = max(claims, key=lambda c: (_RANK.index(c.status or "PASS"), abs(c.z), c.attribute))
    status = Status(worst.status or "PASS")
    apart = [c for c in claims if c.status != "PASS"]
    meaning = (
        f"{len(claims)} comparisons between designs that claim the same effect; "
        f"{len(apart)} differ by more than {limit(WARN_Z, len(claims)):.1f} standard errors."
    )
    if apart:
        meaning += (
            f" The largest: '{worst.attribute}' on {worst.outcome}, {worst.second} against "
            f"{worst.first}, {abs(worst.z):.1f} standard errors."
        )
    return (
        Finding(
            name="agreement of designs",
            status=status,
            statistic=abs(worst.z),
            threshold=limit(FAIL_Z, len(claims)),
            meaning=meaning,
            remedy=""
            if status is Status.PASS
            else "One of the designs leaves something out. Trust the one that assumes less, and "
            "look for a confounder that differs between blocks.",
            columns=tuple(dict.fromkeys(c.attribute for c in apart)),
        ),
    )


def comparisons(evaluated: Evaluated) -> tuple[Comparison, ...]:
    """Compare every design with the headline one, effect by effect."""
    leading = evaluated.leading
    gaps: list[_Gap] = []
    for other in evaluated.fits:
        if other.design.name == evaluated.headline:
            continue
        mapped = _mapped(leading, other, evaluated.panel)
        gaps.extend(_gaps(leading, other, mapped))
    judged = sum(gap.judged for gap in gaps)
    return tuple(_comparison(leading, gap, judged) for gap in gaps)


def _key(score: Score) -> tuple[str, str, str]:
    return score.label.attribute, score.label.contrast, score.label.outcome


def _mapped(leading: Fit, other: Fit, panel: Panel) -> Estimates:
    """The other design's estimates, weighted to the headline's population."""
    by_key = {_key(score): score for score in leading.scores}
    scores = tuple(
        _reweighted(score, by_key[_key(score)], leading, other, panel)
        if _key(score) in by_key
        else score
        for score in other.scores
    )
    return estimate(scores, panel)


def _reweighted(score: Score, target: Score, leading: Fit, other: Fit, panel: Panel) -> Score:
    """Multiply a score's sums so that the population is that of the headline design.

    A within design weights blocks by how much the attribute varies in them. Another within design
    takes over those block weights. A modelled one takes their mean given the columns it holds
    fixed: only weights that are functions of those columns leave its assumptions as they are.
    """
    own = score.high[:, 1] if score.low is None else score.weight
    if not leading.design.within_block or panel.block is None or not (own > 0).any():
        return score
    factor = _block_factor(panel.block, target, score, own)
    if not other.design.within_block:
        held = other.design.adjustment[score.label.attribute]
        if not held:
            return score
        factor = _given_held(panel, held, score, factor, own)
    return replace(
        score,
        high=score.high * factor[:, None],
        low=None if score.low is None else score.low * factor[:, None],
        base=score.base * factor[:, None],
        pull=score.pull * factor,
    )


def _block_factor(block: IntArray, target: Score, score: Score, own: FloatArray) -> FloatArray:
    """How much more each row's block counts for the target than for the score, shape (n,)."""
    groups = int(block.max()) + 1
    wanted = np.bincount(block[target.rows], weights=target.high[:, 1], minlength=groups)
    has = np.bincount(block[score.rows], weights=own, minlength=groups)
    return np.divide(wanted, has, out=np.zeros(groups), where=has > 0)[block[score.rows]]


def _given_held(
    panel: Panel, held: tuple[str, ...], score: Score, factor: FloatArray, own: FloatArray
) -> FloatArray:
    """Mean of the factor given the columns held fixed, by weighted ridge, shape (n,)."""
    used = np.zeros(panel.rows, dtype=bool)
    used[score.rows] = True
    order = np.argsort(np.argsort(score.rows, kind="stable"), kind="stable")
    terms = features(panel, held, used).terms[order]
    weight = np.maximum(own, 0.0)
    return np.maximum(linear_start(terms, factor, weight).predict(terms), 0.0)


class _Gap(NamedTuple):
    """Estimate i of the headline against estimate j of another design."""

    other: Fit
    mapped: Estimates
    i: int
    j: int
    z: float
    std_error: float
    size: float
    refused: bool
    judged: bool


def _gaps(leading: Fit, other: Fit, mapped: Estimates) -> list[_Gap]:
    position = {_key(score): i for i, score in enumerate(leading.scores)}
    pairs = [
        (position[_key(score)], j)
        for j, score in enumerate(other.scores)
        if _key(score) in position
    ]
    return [_gap(leading, other, mapped, i, j) for i, j in pairs]


def _gap(leading: Fit, other: Fit, mapped: Estimates, i: int, j: int) -> _Gap:
    influence = leading.whole.influence[:, [i]] - mapped.influence[:, [j]]
    error = float(np.sqrt(max(variance(influence, influence, mapped.ways)[0], 0.0)))
    apart = float(mapped.values[j] - leading.whole.values[i])
    z = apart / error if error > 0 else float("nan")
    refused = bool(leading.whole.refusal[i] or mapped.refusal[j])
    known = not refused and bool(np.isfinite(z))
    df = float(min(leading.whole.df[i], mapped.df[j])) if known else float("nan")
    return _Gap(
        other=other,
        mapped=mapped,
        i=i,
        j=j,
        z=z,
        std_error=error,
        size=normal_size(z, df) if known else float("nan"),
        refused=refused,
        judged=known and leading.design.claims and other.design.claims,
    )


def _comparison(leading: Fit, gap: _Gap, comparisons: int) -> Comparison:
    other, refused = gap.other, gap.refused
    first, second = leading.whole.values[gap.i], gap.mapped.values[gap.j]
    status = judge(gap.size, comparisons) if gap.judged else None
    label = gap.mapped.labels[gap.j]
    return Comparison(
        attribute=label.attribute,
        contrast=label.contrast,
        outcome=label.outcome,
        first=leading.design.name,
        second=other.design.name,
        first_estimate=float("nan") if refused else float(first),
        second_estimate=float("nan") if refused else float(second),
        difference=float("nan") if refused else float(second - first),
        std_error=float("nan") if refused else gap.std_error,
        z=float("nan") if refused else gap.z,
        status=None if status is None else status.value,
        compared=_compared(leading, other),
        words=_words(other.design.name, gap, status),
    )


def _compared(leading: Fit, other: Fit) -> str:
    if not leading.design.within_block or other.design.name == "naive":
        return "each on its own rows"
    if other.design.within_block:
        return "each block counts as it does in the headline design"
    return "rows weighted, by what is held fixed, to be like those of the headline design"


def _words(name: str, gap: _Gap, status: Status | None) -> str:
    if gap.refused or not np.isfinite(gap.z):
        return "not comparable"
    if status is None:
        verb = "differs" if gap.size > WARN_Z else "happens to agree"
        return f"{name} makes no claim to be the effect here; it {verb}"
    if status is Status.FAIL:
        return "the designs disagree: at least one is wrong"
    if status is Status.WARN:
        return "the designs differ more than chance usually does"
    return "the designs agree"
