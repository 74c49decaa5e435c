"""The effects table: intervals, verdicts and refusals of every design, whole and by segment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from causal.base.finding import Finding, Status
from causal.data.panel import Panel
from causal.design.study import Study
from causal.estimation._contrasts import calendar
from causal.estimation._estimates import Estimates
from causal.estimation._fit import Fit
from causal.estimation._inference import Inference, differences_from_average, infer, inside_margin
from causal.estimation._scores import Segments
from causal.evaluation._evaluated import Evaluated
from causal.evaluation._privacy import hidden_cells

Row = dict[str, object]
PERIOD = "calendar period"
NUMBERS = (
    "estimate", "std_error", "ci_low", "ci_high", "simultaneous_low", "simultaneous_high",
    "p_value", "p_adjusted", "baseline", "relative", "relative_low", "relative_high",
)  # fmt: skip
SEGMENT_NUMBERS = (
    "estimate", "std_error", "ci_low", "ci_high", "simultaneous_low", "simultaneous_high", "units",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Stops:
    """What failed checks stop: everything on the page, or a design's effects by name."""

    page: tuple[str, ...]
    rows: tuple[Finding, ...]

    @staticmethod
    def of(findings: Sequence[Finding]) -> Stops:
        """Read the stops off the findings that failed."""
        failed = [f for f in findings if f.status is Status.FAIL]
        return Stops(
            page=tuple(f.name for f in failed if f.blocks == "page"),
            rows=tuple(f for f in failed if f.blocks == "design"),
        )

    def reason(self, design: str, attribute: str) -> str:
        """Why an effect of a design must not be printed, or nothing."""
        for finding in self.rows:
            if finding.designs and design not in finding.designs:
                continue
            if finding.attributes and attribute not in finding.attributes:
                continue
            return f"{finding.name}: {finding.meaning}"
        return ""


def effect_rows(evaluated: Evaluated, cuts: tuple[Segments, ...], stops: Stops) -> list[Row]:
    """One row for each attribute, contrast, outcome, design and segment."""
    rows: list[Row] = []
    for fit in evaluated.fits:
        whole = _family(evaluated.study, fit.whole, f"{fit.design.name}", stops)
        rows.extend(whole)
        for each in (cut for cut in cuts if cut.name != PERIOD):
            chosen = _of_segment(fit, each.name)
            if chosen is None:
                continue
            name = f"{fit.design.name}/{each.name}"
            reasons = _hidden(evaluated.study, evaluated.panel, fit, each)
            rows.extend(_family(evaluated.study, chosen, name, stops, reasons))
    return rows


def _of_segment(fit: Fit, name: str) -> Estimates | None:
    if fit.segmented is None:
        return None
    index = [i for i, label in enumerate(fit.segmented.labels) if label.segment == name]
    return fit.segmented.select(np.array(index, dtype=np.int64)) if index else None


def _hidden(study: Study, panel: Panel, fit: Fit, cut: Segments) -> dict[str, str]:
    inside = fit.design.mask(panel.rows)
    cells = [np.flatnonzero(inside & (cut.codes == code)) for code in range(len(cut.levels))]
    return dict(zip(cut.levels, hidden_cells(study, panel, cells), strict=True))


def _family(
    study: Study,
    estimates: Estimates,
    family: str,
    stops: Stops,
    hidden: dict[str, str] | None = None,
) -> list[Row]:
    settings = study.settings
    reasons = [_why(estimates, i, stops, hidden or {}) for i in range(len(estimates))]
    usable = np.array([i for i, reason in enumerate(reasons) if not reason], dtype=np.int64)
    chosen = estimates.select(usable)
    inference = infer(
        chosen,
        level=settings.level,
        multiplicity=settings.multiplicity,
        seed=settings.seed,
        family=family,
    )
    ruled_out = _ruled_out(study, chosen, inference)
    position = {int(i): j for j, i in enumerate(usable)}
    rows = []
    for i, reason in enumerate(reasons):
        numbers: Row = dict.fromkeys(NUMBERS)
        verdict: str | None = "not estimable"
        if i in position:
            numbers = _numbers(chosen, inference, position[i])
            verdict = _verdict(study, chosen, inference, ruled_out, position[i])
        rows.append(_row(estimates, i, reason, stops, numbers, verdict))
    return rows


def _why(estimates: Estimates, i: int, stops: Stops, hidden: dict[str, str]) -> str:
    label = estimates.labels[i]
    if label.segment_value is not None and hidden.get(label.segment_value):
        return hidden[label.segment_value]
    return estimates.refusal[i] or stops.reason(label.design, label.attribute)


def _numbers(estimates: Estimates, inference: Inference, j: int) -> Row:
    return {
        "estimate": float(estimates.values[j]),
        "baseline": float(estimates.baseline[j]),
        **{
            name: float(getattr(inference, name)[j])
            for name in NUMBERS
            if name not in ("estimate", "baseline")
        },
    }


def _row(
    estimates: Estimates,
    i: int,
    reason: str,
    stops: Stops,
    numbers: Row,
    verdict: str | None,
) -> Row:
    label, size = estimates.labels[i], estimates.sizes[i]
    hidden = reason.startswith("hidden")
    return {
        "attribute": label.attribute,
        "contrast": label.contrast,
        "outcome": label.outcome,
        "estimand": label.estimand,
        "path": label.path,
        "design": label.design,
        "estimator": label.estimator,
        "population": label.population,
        "segment": label.segment,
        "segment_value": label.segment_value,
        **numbers,
        "units": None if hidden else size.units,
        "clusters": None if hidden else size.clusters,
        "treated": None if hidden or size.treated is None else int(size.treated),
        "effective_units": None if hidden else size.effective_units,
        "identification": "not estimable" if reason else label.identification,
        "verdict": verdict if reason or not stops.page else None,
        "why": reason or None,
    }


def _verdict(
    study: Study, estimates: Estimates, inference: Inference, ruled_out: np.ndarray, j: int
) -> str | None:
    """Read the verdict off the study's decision interval; a descriptive gap has none."""
    if estimates.labels[j].identification == "descriptive":
        return None
    if ruled_out[j]:
        return "ruled out"
    if study.settings.multiplicity in ("holm", "bh"):
        clear = bool(inference.p_adjusted[j] < 1 - study.settings.level)
    else:
        critical = inference.critical[j] * inference.std_error[j]
        clear = bool(abs(estimates.values[j]) > critical)
    if not clear:
        return "no clear effect"
    return "raises" if estimates.values[j] > 0 else "lowers"


def _ruled_out(study: Study, estimates: Estimates, inference: Inference) -> np.ndarray:
    margins = {outcome.name: outcome.margin for outcome in study.outcomes}
    margin = np.array(
        [margins.get(label.outcome) or np.nan for label in estimates.labels], dtype=float
    )
    inside = inside_margin(estimates, inference.std_error, inference.critical, margin)
    return inside & ~np.isnan(margin)


def segment_rows(evaluated: Evaluated, cuts: tuple[Segments, ...], rows: list[Row]) -> list[Row]:
    """Segments of the headline design with the difference-from-average test.

    ``shrunken`` is left empty for the interpretation stage to fill.
    """
    fit = evaluated.leading
    found: list[Row] = []
    for each in (cut for cut in cuts if cut.name != PERIOD):
        chosen = _of_segment(fit, each.name)
        if chosen is None:
            continue
        for i, label in enumerate(fit.whole.labels):
            key = (label.attribute, label.contrast, label.outcome)
            index = [
                j
                for j, own in enumerate(chosen.labels)
                if (own.attribute, own.contrast, own.outcome) == key
            ]
            own_rows = _matching(rows, key, fit.design.name, each.name)
            if index and len(own_rows) == len(index):
                found.append(_tested(fit, chosen.select(np.array(index)), i, own_rows, each.name))
    return found


def _matching(rows: list[Row], key: tuple[str, str, str], design: str, segment: str) -> list[Row]:
    return [
        row
        for row in rows
        if (row["attribute"], row["contrast"], row["outcome"]) == key
        and row["design"] == design
        and row["segment"] == segment
    ]


def _tested(fit: Fit, segments: Estimates, i: int, rows: list[Row], name: str) -> Row:
    label = fit.whole.labels[i]
    shown = np.array(
        [j for j, row in enumerate(rows) if row["estimate"] is not None], dtype=np.int64
    )
    values: list[Row] = []
    difference = error = p = np.zeros(0)
    tests: Row = {"statistic": None, "df": None, "p_value": None}
    if shown.size > 1 and not fit.whole.refusal[i]:
        chosen = segments.select(shown)
        difference, error, p, wald = differences_from_average(
            chosen, fit.whole.select(np.array([i]))
        )
        tests = {"statistic": wald.statistic, "df": wald.df, "p_value": wald.p_value}
    at = {int(j): k for k, j in enumerate(shown)}
    for j, row in enumerate(rows):
        k = at.get(j) if difference.size else None
        values.append(
            {
                "segment_value": row["segment_value"],
                **{column: row[column] for column in SEGMENT_NUMBERS},
                "difference": None if k is None else float(difference[k]),
                "difference_se": None if k is None else float(error[k]),
                "difference_p": None if k is None else float(p[k]),
                "shrunken": None,
                "hidden": str(row["why"] or "").startswith("hidden"),
            }
        )
    return {
        "attribute": label.attribute,
        "contrast": label.contrast,
        "outcome": label.outcome,
        "design": fit.design.name,
        "segment": name,
        "tests": tests,
        "values": values,
    }


def period_rows(evaluated: Evaluated, stops: Stops) -> list[Row]:
    """The headline effect by calendar period, pointwise intervals; what may not be shown is not."""
    fit, study = evaluated.leading, evaluated.study
    chosen = _of_segment(fit, PERIOD)
    cut = calendar(evaluated.panel, PERIOD)
    if chosen is None or cut is None:
        return []
    hidden = _hidden(study, evaluated.panel, fit, cut)
    inference = infer(
        chosen, level=study.settings.level, multiplicity="none", seed=0, family=PERIOD
    )
    return [
        {
            "attribute": label.attribute,
            "contrast": label.contrast,
            "outcome": label.outcome,
            "period": label.segment_value,
            "estimate": float(chosen.values[j]),
            "ci_low": float(inference.ci_low[j]),
            "ci_high": float(inference.ci_high[j]),
            "units": chosen.sizes[j].units,
        }
        for j, label in enumerate(chosen.labels)
        if not _why(chosen, j, stops, hidden)
    ]
