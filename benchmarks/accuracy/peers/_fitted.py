"""The pipeline of this package on one table, up to the effects: no page, no success models."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from benchmarks.accuracy.drawing import Answer, Answers, Drawn
from causal.base.errors import CausalError
from causal.base.finding import Finding, Status
from causal.data.panel import FloatArray
from causal.design.design import headline
from causal.design.study import Study
from causal.estimation._contrasts import segments
from causal.estimation._fit import Fit, fit_design
from causal.estimation._scores import Score
from causal.evaluation import balance, estimators, overlap
from causal.evaluation._effects import Row, Stops, effect_rows, segment_rows
from causal.evaluation._evaluated import Evaluated
from causal.workflow import diagnose, identify, read_panel

ROW = "row_number"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Run:
    """The headline design's fit, what the checks found, and the tables of effects."""

    fit: Fit
    findings: tuple[Finding, ...]
    effects: tuple[Row, ...]
    segments: tuple[Row, ...]


def run(drawn: Drawn) -> Run:
    """Read, identify, diagnose, estimate, check and infer, as ``causal.run`` does.

    Only the headline design is fitted, and of the checks of estimates those that may withhold a
    number or that say how good the models are.
    """
    study = Study.model_validate({"unit": ROW, **drawn.study})
    panel = read_panel(study, drawn.frame.assign(**{ROW: np.arange(len(drawn.frame))}))
    designs = identify(study, panel)
    found = diagnose(study, panel)
    name = headline(designs, randomized=study.assignment == "randomized")
    cuts = segments(panel, study.modifiers)
    design = next(each for each in designs if each.name == name)
    fit = fit_design(study, panel, design, cuts=cuts)
    evaluated = Evaluated(study=study, panel=panel, fits=(fit,), headline=name)
    checks = (overlap, balance, estimators)
    found = (*found, *(finding for each in checks for finding in each.check(evaluated)))
    effects = effect_rows(evaluated, cuts, Stops.of(found))
    parts = segment_rows(evaluated, cuts, effects)
    return Run(fit=fit, findings=found, effects=tuple(effects), segments=tuple(parts))


def answers(drawn: Drawn) -> Answers:
    """The effects of the headline design; what the product withholds is refused."""
    try:
        made = run(drawn)
    except CausalError as error:
        refused = f"refused: {error}"[:80]
        return Answers(
            rows=tuple(
                Answer(attribute=attribute, contrast=contrast, refused=refused)
                for attribute, contrast in drawn.truth
            )
        )
    stopped = Stops.of(made.findings).page
    tests: dict[tuple[object, ...], object] = {
        (part["attribute"], part["contrast"], part["segment"]): part["tests"]["p_value"]  # type: ignore[index]
        for part in made.segments
    }
    own = _truths(drawn, made.fit) if drawn.by_rows else {}
    return Answers(
        rows=tuple(
            replace(_answer(row, stopped, tests), own_truth=_own(own, row)) for row in made.effects
        ),
        noticed=_noticed(made.findings),
    )


def _truths(drawn: Drawn, fit: Fit) -> dict[tuple[str, str], float]:
    """The mean effect of the rows each score of the whole weighs, with its weights."""
    found = {}
    for score in fit.scores:
        pair = (score.label.attribute, score.label.contrast)
        if score.rows.size:
            _same_order(drawn, fit, pair[0])
            means = drawn.truth[pair]
            effect = (means.high - means.low)[score.rows]
            found[pair] = float(np.average(effect, weights=_weights(score)))
    return found


def _weights(score: Score) -> FloatArray:
    """What each row counts: a regression within blocks weighs by the squared residual."""
    if score.label.estimator == "within_block":
        return np.divide(score.pull**2, score.weight)
    return score.weight


def _own(truths: dict[tuple[str, str], float], row: Row) -> float:
    whole = not row["segment"]
    pair = (str(row["attribute"]), str(row["contrast"]))
    return truths.get(pair, float("nan")) if whole else float("nan")


def _answer(row: Row, stopped: tuple[str, ...], tests: dict[tuple[object, ...], object]) -> Answer:
    names = ("estimate", "simultaneous_low", "simultaneous_high")
    numbers = {name: _number(row[name]) for name in names}
    test = tests.get((row["attribute"], row["contrast"], row["segment"]))
    withheld = f"withheld: {stopped[0]}" if stopped else ""
    return Answer(
        attribute=str(row["attribute"]),
        contrast=str(row["contrast"]),
        estimand=str(row["estimand"]),
        segment=str(row["segment"] or ""),
        value=str(row["segment_value"] or ""),
        low=_number(row["ci_low"]),
        high=_number(row["ci_high"]),
        differs_p=_number(test),
        refused=str(row["why"] or withheld)[:80],
        **numbers,
    )


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")


def _noticed(findings: tuple[Finding, ...]) -> str:
    """The worst that balance and the agreement of estimators said."""
    said = {f.status for f in findings if f.name in ("balance", "agreement of estimators")}
    return next((s.value for s in (Status.FAIL, Status.WARN) if s in said), "")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Known:
    """Out-of-fold predictions of this package for one binary attribute; arrays of shape (rows,)."""

    low: FloatArray
    high: FloatArray
    propensity: FloatArray


@lru_cache(maxsize=1)
def _shared(drawn: Drawn) -> Run:
    return run(drawn)


def known(drawn: Drawn, attribute: str) -> Known:
    """Predictions of the outcome at both levels, and of the attribute, row by row of the table.

    The panel is sorted by unit, which numbers the rows of the table.
    """
    fit = _shared(drawn).fit
    nuisances = fit.nuisances
    if nuisances is None:
        raise ValueError("this design has no nuisance models")
    _same_order(drawn, fit, attribute)
    outcome = fit.setting.study.outcomes[0].name
    f = nuisances.outcome[(attribute, outcome)].value
    e = nuisances.propensity[(attribute, outcome)]
    return Known(low=f[:, 0], high=f[:, 1], propensity=e[:, 1])


def _same_order(drawn: Drawn, fit: Fit, attribute: str) -> None:
    column = fit.setting.panel.columns[attribute].values
    if not np.array_equal(column, drawn.frame[attribute].to_numpy(float)):
        raise ValueError("the panel is not in the order of the table")
