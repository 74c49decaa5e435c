"""Hand a staggered rollout to its checks: numbers, and how they are written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from causal.content.outcome import Goal, Role
from causal.content.wording import Scale, figure, human, scale_of, several
from causal.data.cells.cells import Cells
from causal.design.rollout import Rollout
from causal.diagnostics.rollout._made import (
    Cohort,
    Early,
    Looked,
    Made,
    Panel,
    Ramp,
    Spill,
    Trend,
    Unmoved,
    Weights,
)
from causal.estimation._estimates import Estimates
from causal.estimation.rollout.contamination import Interval
from causal.estimation.rollout.staggered import Staggered, of_one_cluster, too_young


def panel_of(study: Rollout, cells: Cells) -> Panel:
    """Who adopts when."""
    young, alone = too_young(study, cells), of_one_cluster(cells)
    entity = human(study.entity).removesuffix(" id")
    first = int(cells.cohorts.min(initial=len(cells.periods)))
    nobody = np.flatnonzero((~cells.treated & (cells.rows > 0)).sum(axis=0) == 0)
    return Panel(
        entity=entity,
        entities=several(entity),
        cohorts=tuple(
            Cohort(
                adopted=cells.periods[g],
                entities=int((cells.adopted == g).sum()),
                clusters=len(np.unique(cells.cluster[cells.adopted == g])),
                before=int(g),
                used=g not in young,
                averaged=g not in alone,
            )
            for g in cells.cohorts
        ),
        never=int(np.isinf(cells.adopted).sum()),
        control=study.analysis.control,
        alone=tuple(cells.periods[t] for t in nobody if t >= first),
        late=cells.late,
        always=cells.always,
        between=cells.between,
        minimum=study.analysis.minimum_periods,
    )


def made(
    study: Rollout,
    cells: Cells,
    looked: Sequence[Staggered],
    unmoved: Sequence[tuple[Estimates, Scale]] = (),
) -> Made:
    """Gather what the checks read.

    Parameters
    ----------
    looked
        Every outcome.
    unmoved
        Overall effects on outcomes the rollout cannot have moved, and how they are written.
    """
    return Made(
        panel=panel_of(study, cells),
        looked=tuple(_looked(study, cells, each) for each in looked),
        unmoved=tuple(_unmoved(estimates, scale) for estimates, scale in unmoved),
    )


def scale_for(cells: Cells, name: str, overall: Estimates, *, ratio: bool) -> Scale:
    """How numbers of an outcome are written."""
    y = cells.y[name]
    known = y[np.isfinite(y)]
    share = bool((known >= 0).all() and (known <= 1).all())
    outcome = {
        "name": name,
        "kind": "ratio" if ratio else "proportion" if share else "mean",
        "baseline": float(overall.baseline[0]) if np.isfinite(overall.baseline[0]) else None,
    }
    reach = 2 * float(overall.std_errors[0])
    value = float(overall.values[0])
    rows = [{"ci_low": value - reach, "ci_high": value + reach}]
    return scale_of(outcome, rows if np.isfinite(reach + value) else [])


def clear(overall: Estimates, level: float) -> bool:
    """Whether the interval of one estimate leaves zero out."""
    from scipy.stats import t

    value, error, df = float(overall.values[0]), float(overall.std_errors[0]), overall.df[0]
    if overall.refusal[0] or not error > 0 or not np.isfinite(value + df):
        return False
    return abs(value) > float(t.isf((1 - level) / 2, df)) * error


def inside(found: Staggered, level: float) -> bool:
    """Whether an interval ends before the margin: on both sides, or where a guardrail would suffer."""
    from scipy.stats import t

    overall, margin = found.overall, found.margin
    value, error, df = float(overall.values[0]), float(overall.std_errors[0]), overall.df[0]
    if margin is None or overall.refusal[0] or not error > 0 or not np.isfinite(value + df):
        return False
    reach = float(t.isf((1 - level) / 2, df)) * error
    if found.outcome.role is Role.GUARDRAIL:
        sign = 1 if found.outcome.goal is Goal.INCREASE else -1
        return sign * value - reach > -margin
    return abs(value) + reach < margin


def _looked(study: Rollout, cells: Cells, found: Staggered) -> Looked:
    name, overall = found.outcome.name, found.overall
    scale = scale_for(cells, name, overall, ratio=found.outcome.is_ratio)
    treated = np.isfinite(cells.adopted) & ~np.isin(cells.adopted, too_young(study, cells))
    empty, empty_p = _empty(cells, name)
    refused = sum("are needed" in why for why in (*found.cells.refusal, *found.event.refusal))
    return Looked(
        outcome=name,
        clear=clear(overall, study.settings.level),
        treated=len(np.unique(cells.cluster[treated])),
        compared=_compared(cells, study),
        df=float(overall.df[0]),
        refused=refused,
        trend=_trend(found, scale),
        early=tuple(
            Early(periods=each.periods, words=scale.effect(each.value), p_value=each.p_value)
            for each in found.early
            if not each.refusal and np.isfinite(each.p_value)
        ),
        spill=_spill(study, found, scale),
        weights=_weights(found, scale),
        z=None if found.apart is None else found.apart.z,
        filled_words="" if found.filled is None else scale.effect(float(found.filled.values[0])),
        covariates=bool(study.covariates),
        jump=found.jump,
        inside=inside(found, study.settings.level),
        empty=empty,
        empty_p=empty_p,
        ramp=_ramp(found, scale),
    )


def _empty(cells: Cells, outcome: str) -> tuple[float, float]:
    """Share of cells with rows but no value, and whether entities' shares differ between cohorts."""
    from scipy.stats import kruskal

    there = cells.rows > 0
    gone = there & ~np.isfinite(cells.y[outcome])
    share = gone.sum(axis=1) / np.maximum(there.sum(axis=1), 1)
    groups = [share[cells.adopted == g] for g in np.unique(cells.adopted)]
    if np.ptp(share) == 0 or len(groups) < 2:
        return float(gone.sum() / there.sum()), 1.0
    return float(gone.sum() / there.sum()), float(kruskal(*groups).pvalue)


def _compared(cells: Cells, study: Rollout) -> int:
    """Clusters that stand as untreated at the first adoption."""
    never = np.isinf(cells.adopted)
    if study.analysis.control == "never":
        return len(np.unique(cells.cluster[never]))
    later = cells.adopted > cells.cohorts.min(initial=len(cells.periods))
    return len(np.unique(cells.cluster[later]))


def _trend(found: Staggered, scale: Scale) -> Trend | None:
    drift = found.drift
    if drift.joint is None or not np.isfinite(drift.joint.p_value):
        return None
    power = drift.power
    return Trend(
        periods=int(drift.joint.df[0]),
        statistic=drift.joint.statistic,
        p_value=drift.joint.p_value,
        found=None if power is None else power.slope_50,
        found_words="" if power is None else _fine(power.slope_50, scale),
        over=drift.reach,
        share=drift.share,
        of_margin=found.of_margin,
        breakdown=drift.overall.breakdown,
    )


def _fine(number: float, scale: Scale) -> str:
    """A size that may be much smaller than effects are."""
    return f"{figure(abs(number) * scale.factor, 2)} {scale.unit}".rstrip()


def _spill(study: Rollout, found: Staggered, scale: Scale) -> Spill:
    spill = found.spill
    return Spill(
        state=spill.state,
        variation=spill.variation,
        slope=_between(spill.gamma, scale),
        correction=_between(spill.correction, scale),
        mean_share=spill.mean_share,
        declared=study.pool == "separate",
        shared=study.pool == "shared",
    )


def _between(each: Interval | None, scale: Scale) -> str:
    """A value with its interval, in words."""
    if each is None or not np.isfinite(each.value):
        return ""
    if not np.isfinite(each.low + each.high):
        return f"{scale.effect(each.value)} (its error is not known)"
    return f"{scale.effect(each.value)} ({scale.interval(each.low, each.high)})"


def _weights(found: Staggered, scale: Scale) -> Weights | None:
    regression, value = found.regression, float(found.overall.values[0])
    if regression is None or not np.isfinite(value) or found.overall.refusal[0]:
        return None
    return Weights(
        words=scale.effect(regression.value),
        effect_words=scale.effect(value),
        negative_sum=regression.negative_sum,
        negative_share=regression.negative_share,
        turned=bool(regression.value * value < 0) and abs(regression.value) > 2 * regression.error,
    )


def _ramp(found: Staggered, scale: Scale) -> Ramp | None:
    at = {e: place for place, e in enumerate(found.events) if not found.event.refusal[place]}
    later = [float(found.event.values[at[e]]) for e in at if e > 0]
    if 0 not in at or not later:
        return None
    first, rest = float(found.event.values[at[0]]), float(np.mean(later))
    if not np.isfinite(first + rest) or rest == 0:
        return None
    return Ramp(share=first / rest, first=scale.effect(first), later=scale.effect(rest))


def _unmoved(estimates: Estimates, scale: Scale) -> Unmoved:
    from scipy.stats import t

    value, error = float(estimates.values[0]), float(estimates.std_errors[0])
    known: Any = error > 0 and np.isfinite(value) and not estimates.refusal[0]
    p = 2 * float(t.sf(abs(value) / error, estimates.df[0])) if known else float("nan")
    return Unmoved(outcome=estimates.labels[0].outcome, words=scale.effect(value), p_value=p)
