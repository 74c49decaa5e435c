"""Everything estimated for one design: scores, headline estimates, segments and second opinions."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from causal.base.kept import Kept
from causal.content.attribute import Kind
from causal.data.panel import Panel
from causal.design.design import Design
from causal.design.study import Study
from causal.estimation._boosting import Boosting
from causal.estimation._contrasts import Contrast
from causal.estimation._estimates import Estimates, Label
from causal.estimation._estimator import Setting
from causal.estimation._nuisances import Nuisances, learn
from causal.estimation._overlap import Overlap, overlap
from causal.estimation._scores import Score, Segments, estimate
from causal.estimation.aipw import AIPW
from causal.estimation.difference_in_means import DifferenceInMeans
from causal.estimation.inverse_weighting import InverseWeighting
from causal.estimation.partially_linear import PartiallyLinear
from causal.estimation.within_block import WithinBlock


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
class Fit:
    """The estimates of one design.

    ``scores`` are the headline scores over all rows of the design, ``whole`` their estimates;
    ``segmented`` the estimates of every segment. ``others`` are other estimators' estimates of the
    same estimand. ``overlaps`` is by attribute; an attribute whose overlap is poor has ATO as
    estimand, in ``estimands``.
    """

    design: Design
    setting: Setting
    scores: tuple[Score, ...]
    whole: Estimates
    segmented: Estimates | None
    others: tuple[Estimates, ...]
    overlaps: dict[str, Overlap]
    estimands: dict[str, str]

    @property
    def nuisances(self) -> Nuisances | None:
        """The nuisance models, for a design that has them."""
        return self.setting.nuisances


def fit_design(
    study: Study,
    panel: Panel,
    design: Design,
    *,
    cuts: tuple[Segments, ...] = (),
    boosting: Boosting | None = None,
    workers: int = 1,
    second_opinions: bool = True,
    kept: Kept | None = None,
) -> Fit:
    """Fit one design: its nuisances once, then every estimate from their scores.

    ``kept`` holds the nuisances of an interrupted run.
    """
    modelled = design.name != "naive" and not design.within_block
    nuisances = None
    if modelled:
        nuisances = (kept or Kept()).part(
            f"nuisances of {design.name}",
            lambda: learn(study, panel, design, boosting or Boosting(), workers),
        )
    setting = Setting(study=study, panel=panel, design=design, nuisances=nuisances)
    overlaps = overlaps_of(setting) if modelled else {}
    estimands = _estimands(study, overlaps)
    scores = _refused(setting) + _judged(_scores(setting, estimands, cuts), overlaps)
    whole = tuple(score for score in scores if score.segments is None)
    parts = tuple(score for score in scores if score.segments is not None)
    others = _second_opinions(setting, estimands) if modelled and second_opinions else ()
    return Fit(
        design=design,
        setting=setting,
        scores=whole,
        whole=estimate(whole, panel),
        segmented=estimate(parts, panel) if parts else None,
        others=tuple(estimate(own, panel) for own in others if own),
        overlaps=overlaps,
        estimands=estimands,
    )


@np.errstate(divide="ignore", invalid="ignore")
def _scores(
    setting: Setting, estimands: dict[str, str], cuts: tuple[Segments, ...]
) -> tuple[Score, ...]:
    if setting.design.name == "naive":
        return DifferenceInMeans().scores(setting, cuts)
    if setting.design.within_block:
        return WithinBlock().scores(setting, cuts)
    wanted = setting.study.settings.estimators[:1]
    binary = wanted == ("partially_linear",)
    levels = (
        InverseWeighting(estimands=estimands)
        if wanted == ("inverse_weighting",)
        else AIPW(estimands=estimands)
    )
    slopes = PartiallyLinear(binary=binary).scores(setting, cuts)
    answered = {(score.label.attribute, score.label.outcome) for score in slopes}
    both = slopes + tuple(
        score
        for score in levels.scores(setting, cuts)
        if (score.label.attribute, score.label.outcome) not in answered
    )
    names = [attribute.name for attribute in setting.study.attributes]
    return tuple(sorted(both, key=lambda score: names.index(score.label.attribute)))


@np.errstate(divide="ignore", invalid="ignore")
def _second_opinions(setting: Setting, estimands: dict[str, str]) -> tuple[tuple[Score, ...], ...]:
    """The same populations by other estimators: weights alone, and residual on residual."""
    overlapping = dict.fromkeys(estimands, "ATO")
    return (
        AIPW(estimands=estimands).scores(setting),
        InverseWeighting(estimands=estimands).scores(setting),
        AIPW(estimands=overlapping).scores(setting),
        PartiallyLinear(binary=True).scores(setting),
    )


def overlaps_of(setting: Setting) -> dict[str, Overlap]:
    """Overlap of every attribute the design models, the worst over its weightings."""
    found: dict[str, Overlap] = {}
    nuisances = setting.nuisances
    if nuisances is None:
        return found
    for (attribute, _), e in sorted(nuisances.propensity.items()):
        codes = setting.panel.columns[attribute].values[nuisances.rows]
        known = ~np.isnan(codes)
        own = overlap(codes[known], e[known], np.ones(int(known.sum())))
        if attribute not in found or own.share < found[attribute].share:
            found[attribute] = own
    for (attribute, _), expected in sorted(nuisances.expected.items()):
        a = setting.panel.columns[attribute].values[nuisances.rows]
        known = ~np.isnan(a)
        residual = a[known] - expected[known]
        explained = 1 - float(np.var(residual)) / max(float(np.var(a[known])), 1e-300)
        found[attribute] = Overlap(share=1.0, effective=1.0, auc=max(explained, 0.0))
    return found


def _estimands(study: Study, overlaps: dict[str, Overlap]) -> dict[str, str]:
    """ATO, in words, where overlap is poor; what was asked for elsewhere."""
    return {
        attribute.name: "ATO"
        if attribute.name in overlaps and overlaps[attribute.name].poor
        else attribute.estimand
        for attribute in study.attributes
    }


def _judged(scores: tuple[Score, ...], overlaps: dict[str, Overlap]) -> tuple[Score, ...]:
    judged = []
    for score in scores:
        own = overlaps.get(score.label.attribute)
        refusal = own.refusal if own is not None else ""
        population = score.label.population
        if own is not None and score.label.estimand == "ATO":
            population = f"{population}, weighted to where both levels were possible (overlap)"
        label = replace(score.label, population=population)
        judged.append(replace(score, label=label, refusal=score.refusal or refusal))
    return tuple(judged)


def _refused(setting: Setting) -> tuple[Score, ...]:
    """Rows without numbers for attributes the design cannot answer."""
    empty = np.zeros((0, 2))
    none = np.zeros(0)
    return tuple(
        Score(
            label=_refused_label(setting, attribute.name, contrast, outcome.name),
            rows=np.zeros(0, dtype=np.int64),
            high=empty,
            low=None,
            base=empty,
            treated=None,
            pull=none,
            weight=none,
            refusal=setting.design.refused[attribute.name],
        )
        for attribute in setting.study.attributes
        if attribute.name in setting.design.refused and setting.design.name != "naive"
        for contrast in setting.contrasts(attribute)
        for outcome in setting.study.outcomes
    )


def _refused_label(setting: Setting, attribute: str, contrast: Contrast, outcome: str) -> Label:
    continuous = setting.panel.columns[attribute].kind is Kind.CONTINUOUS
    return Label(
        attribute=attribute,
        contrast=contrast.label,
        outcome=outcome,
        estimand="slope" if continuous else "ATE",
        design=setting.design.name,
        estimator="none",
        population=setting.design.population,
        identification="not estimable",
    )
