"""``schedule: switchback``: what being on does at once, in all and afterwards, and its checks."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from causal.base.catalog import members
from causal.base.finding import Finding, Status
from causal.base.kept import Kept
from causal.content.outcome import Outcome
from causal.content.wording import human, several
from causal.data.cells.cells import Cells
from causal.data.cells.switches import chances, drawn_together, period_called, switched
from causal.design.rollout import Rollout
from causal.diagnostics.switchback._made import Made, Zero
from causal.workflow._log import Log

if TYPE_CHECKING:
    from causal.estimation._estimates import Estimates
    from causal.reporting.rollout._content import Answer

MOST_CELLS = 100_000
DRAWS, FEWER_DRAWS = 999, 199


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Found:
    """What was estimated of one outcome."""

    outcome: Outcome
    whole: Estimates
    lags: Estimates
    before: Estimates
    chance: float | None = None


def findings_of(study: Rollout, cells: Cells) -> tuple[Finding, ...]:
    """What can be said of the draws before anything is estimated."""
    return _checked(_made(study, cells))


def answer_of(study: Rollout, cells: Cells, workers: int, log: Log, kept: Kept) -> Answer:  # noqa: ARG001
    """Estimate, check, say."""
    from causal.policy.switchback import said_of
    from causal.reporting.rollout._content import Answer, outcome_content

    made = _made(study, cells)
    drawn = _is_drawn(_checked(made))
    log.say("estimating", 0.2)
    found = [
        _estimated(study, cells, outcome, made, drawn=drawn and outcome in study.outcomes)
        for outcome in (*study.outcomes, *study.negative_controls)
    ]
    findings = _checked(replace(made, tests=_tests(study, cells, found)))
    answered = found[: len(study.outcomes)]
    effects = _effects(study, answered, findings)
    baselines = {each.outcome.name: float(each.whole.baseline[0]) for each in answered}
    first = outcome_content(cells, study.outcomes[0], baselines)
    lead = next(row for row in effects if row["estimand"] == "total")
    return Answer(
        own=_own(study, cells, made, answered),
        effects=effects,
        said=said_of(
            first,
            lead,
            within=f"{study.carry.lags + 1} {made.period}" if study.carry.lags else "",
            entities=made.entity,
            pool=study.pool,
            chance=found[0].chance,
            findings=[asdict(each) for each in findings],
            level=study.settings.level,
        ),
        findings=findings,
        baselines=baselines,
    )


def _made(study: Rollout, cells: Cells) -> Made:
    clusters = int(np.unique(cells.cluster).size)
    return Made(
        cells=cells,
        entity=several(human(study.entity)),
        period=several(period_called(cells, study.period, study.every)),
        periods=study.carry.lags,
        washout=study.carry.washout,
        chance=chances(cells, study.carry.probability),
        together=drawn_together(cells, study.carry.block_of),
        clusters=clusters,
        pool=study.pool,
    )


def _checked(made: Made) -> tuple[Finding, ...]:
    return tuple(
        finding
        for member in members("causal.diagnostics.switchback").values()
        for finding in member.check(made)
    )


def _is_drawn(findings: tuple[Finding, ...]) -> bool:
    """Whether drawing anew does what was done."""
    return all(each.status is Status.PASS for each in findings if each.name == "assignment")


def _estimated(
    study: Rollout, cells: Cells, outcome: Outcome, made: Made, *, drawn: bool
) -> _Found:
    from causal.estimation.rollout._named import Named
    from causal.estimation.rollout._switching import switched_of
    from causal.estimation.rollout.switchback import ahead, by_chance, by_lag, switchback

    named = Named(rollout=study.study, outcome=outcome.name, population=f"all {made.entity}")
    each = switched_of(
        cells,
        outcome.name,
        periods=made.periods,
        washout=made.washout,
        weighted=study.weight is not None,
    )
    whole = switchback(each, named)
    chance = None
    if drawn and not whole.refusal[0]:
        chance = by_chance(
            each,
            made.chance,
            together=made.together,
            draws=DRAWS if cells.rows.size <= MOST_CELLS else FEWER_DRAWS,
            seed=study.settings.seed,
        )
    return _Found(
        outcome=outcome,
        whole=whole,
        lags=by_lag(each, named),
        before=ahead(each, named),
        chance=chance,
    )


def _tests(study: Rollout, cells: Cells, found: list[_Found]) -> tuple[Zero, ...]:
    from causal.estimation.rollout._named import Named
    from causal.estimation.rollout._switching import sizes_of, values_of, zeros_of
    from causal.estimation.rollout.switchback import AHEAD, NEXT, TOTAL, switchback

    count = len(study.outcomes)
    answered, controls = found[:count], found[count:]
    sizes, known = [], []
    reach = {"periods": study.carry.lags, "washout": study.carry.washout}
    for each in answered:
        name = each.outcome.name
        named = Named(rollout=study.study, outcome=name)
        if (size := sizes_of(cells, name, **reach)) is not None:
            sizes.append((each.outcome.denominator or "rows", switchback(size, named)))
        if (there := values_of(cells, name, **reach)) is not None:
            known.append((name, switchback(there, named)))
    longer = [] if study.carry.washout else [(each.outcome.name, each.whole) for each in answered]
    return (
        *zeros_of("next", longer, NEXT),
        *zeros_of("before", [(each.outcome.name, each.before) for each in answered], AHEAD),
        *zeros_of("size", sizes, TOTAL),
        *zeros_of("value", known, TOTAL),
        *zeros_of("control", [(each.outcome.name, each.whole) for each in controls], TOTAL),
    )


def _effects(
    study: Rollout, found: list[_Found], findings: tuple[Finding, ...]
) -> list[dict[str, Any]]:
    """Totals of all outcomes as one family, then what each consists of."""
    from causal.estimation._estimates import stack
    from causal.estimation.rollout.switchback import CARRY, IMMEDIATE, TOTAL
    from causal.reporting.rollout._rows import rows_of

    why = _failed(findings, "design")
    shown = _failed(findings, "page")
    totals = stack([_only(each.whole, TOTAL) for each in found])
    rows = rows_of(study, totals, "switchback", why=why, shown=shown)
    for each in found:
        parts = _only(each.whole, IMMEDIATE, CARRY)
        if len(parts) and study.carry.lags:
            rows += rows_of(study, parts, f"parts of {each.outcome.name}", why=why, shown=shown)
    return rows


def _only(estimates: Estimates, *estimands: str) -> Estimates:
    at = [k for k, label in enumerate(estimates.labels) if label.estimand in estimands]
    return estimates.select(np.array(at, dtype=np.int64))


def _failed(findings: tuple[Finding, ...], blocks: str) -> str:
    named = [each.name for each in findings if each.status is Status.FAIL and each.blocks == blocks]
    return f"the check of {' and of '.join(dict.fromkeys(named))} failed" if named else ""


def _own(study: Rollout, cells: Cells, made: Made, found: list[_Found]) -> dict[str, Any]:
    """What stands in the result under ``switchback``."""
    counts = switched(cells)
    on = cells.on if cells.on is not None else np.full(cells.rows.shape, np.nan)
    return {
        "periods": made.periods,
        "washout": made.washout,
        "entities_called": made.entity,
        "periods_called": made.period,
        "period_called": period_called(cells, study.period, study.every),
        "clusters": made.clusters,
        "share_on": float(np.nanmean(on)),
        "switches": [int(each) for each in counts],
        "outcomes": [_of_outcome(study, each) for each in found],
    }


def _of_outcome(study: Rollout, found: _Found) -> dict[str, Any]:
    from causal.estimation._inference import infer
    from causal.estimation.rollout.switchback import NEXT

    settings = study.settings

    def read(estimates: Estimates, family: str) -> list[dict[str, float | None]]:
        made = infer(
            estimates,
            level=settings.level,
            multiplicity=settings.multiplicity,
            seed=settings.seed,
            family=family,
        )
        return [
            {
                "value": _number(estimates.values[k]),
                "std_error": _number(made.std_error[k]),
                "low": _number(made.ci_low[k]),
                "high": _number(made.ci_high[k]),
                "simultaneous_low": _number(made.simultaneous_low[k]),
                "simultaneous_high": _number(made.simultaneous_high[k]),
            }
            for k in range(len(estimates))
        ]

    longer = _only(found.whole, NEXT)
    lags = read(found.lags, f"lags of {found.outcome.name}")
    return {
        "outcome": found.outcome.name,
        "off": _number(found.whole.baseline[0]),
        "cells": found.whole.sizes[0].units,
        "lags": [{"lag": k, **row} for k, row in enumerate(lags)],
        "before": read(found.before, f"before of {found.outcome.name}")[0],
        "next": read(longer, f"next of {found.outcome.name}")[0] if len(longer) else None,
        "p_drawn_anew": found.chance,
    }


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
