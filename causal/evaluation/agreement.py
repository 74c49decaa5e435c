"""Agreement of designs: estimates that claim the same effect must not differ beyond chance."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from causal.base.finding import Finding, Status
from causal.data.panel import FloatArray, IntArray, Panel
from causal.estimation._estimates import Estimates, variance
from causal.estimation._features import features
from causal.estimation._fit import Fit
from causal.estimation._scores import Score, estimate
from causal.estimation._start import linear_start
from causal.evaluation._evaluated import Evaluated

WARN_Z = 2.0
FAIL_Z = 3.0


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
    """FAIL when two designs that both claim the effect differ by more than 3 standard errors."""
    claims = [c for c in comparisons(evaluated) if c.status is not None]
    if not claims:
        return ()
    worst = max(claims, key=lambda c: (abs(c.z), c.attribute))
    status = Status(worst.status or "PASS")
    apart = [c for c in claims if c.status != "PASS"]
    meaning = (
        f"{len(claims)} comparisons between designs that claim the same effect; "
        f"{len(apart)} differ by more than {WARN_Z:g} standard errors."
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
            threshold=FAIL_Z,
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
    found = []
    for other in evaluated.fits:
        if other.design.name == evaluated.headline:
            continue
        mapped = _mapped(leading, other, evaluated.panel)
        found.extend(_compare(leading, other, mapped))
    return tuple(found)


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
    if not leading.design.within_block or panel.block is None or not score.rows.size:
        return score
    own = score.high[:, 1] if score.low is None else score.weight
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
        leverage=score.leverage * factor**2,
    )


def _block_factor(
    block: IntArray, target: Score, score: Score, own: FloatArray
) -> FloatArray:
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


def _compare(leading: Fit, other: Fit, mapped: Estimates) -> list[Comparison]:
    position = {_key(score): i for i, score in enumerate(leading.scores)}
    pairs = [
        (position[_key(score)], j)
        for j, score in enumerate(other.scores)
        if _key(score) in position
    ]
    both = leading.design.claims and other.design.claims
    return [_one(leading, other, mapped, i, j, both=both) for i, j in pairs]


def _one(
    leading: Fit, other: Fit, mapped: Estimates, i: int, j: int, *, both: bool
) -> Comparison:
    first, second = leading.whole.values[i], mapped.values[j]
    influence = leading.whole.influence[:, [i]] - mapped.influence[:, [j]]
    error = float(np.sqrt(max(variance(influence, influence, mapped.ways)[0], 0.0)))
    z = float((second - first) / error) if error > 0 else float("nan")
    refused = bool(leading.whole.refusal[i] or mapped.refusal[j])
    status = None
    if both and not refused and np.isfinite(z):
        status = "FAIL" if abs(z) > FAIL_Z else "WARN" if abs(z) > WARN_Z else "PASS"
    label = mapped.labels[j]
    return Comparison(
        attribute=label.attribute,
        contrast=label.contrast,
        outcome=label.outcome,
        first=leading.design.name,
        second=other.design.name,
        first_estimate=float("nan") if refused else float(first),
        second_estimate=float("nan") if refused else float(second),
        difference=float("nan") if refused else float(second - first),
        std_error=float("nan") if refused else error,
        z=float("nan") if refused else z,
        status=status,
        compared=_compared(leading, other),
        words=_words(other.design.name, z, refused=refused, claims=other.design.claims),
    )


def _compared(leading: Fit, other: Fit) -> str:
    if not leading.design.within_block or other.design.name == "naive":
        return "each on its own rows"
    if other.design.within_block:
        return "each block counts as it does in the headline design"
    return "rows weighted, by what is held fixed, to be like those of the headline design"


def _words(name: str, z: float, *, refused: bool, claims: bool) -> str:
    if refused or not np.isfinite(z):
        return "not comparable"
    apart = abs(z) > WARN_Z
    if not claims:
        gap = "differs" if apart else "happens to agree"
        return f"{name} makes no claim to be the effect here; it {gap}"
    if abs(z) > FAIL_Z:
        return "the designs disagree: at least one is wrong"
    return "the designs differ more than chance usually does" if apart else "the designs agree"
