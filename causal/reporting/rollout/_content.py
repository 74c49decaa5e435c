"""From what a rollout made to the content of its page and of result.json."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from causal.base.finding import Finding
from causal.content.outcome import Outcome
from causal.content.wording import human
from causal.data.cells.cells import Cells
from causal.data.sources._connection import without_password
from causal.design.rollout import Rollout
from causal.policy.rollout import unreadable
from causal.policy.said import Said
from causal.reporting._content import ordered, published_text, study_hash, versions

Content = dict[str, Any]
_NUMBERS = (
    "estimate", "std_error", "ci_low", "ci_high", "simultaneous_low", "simultaneous_high", "p_value",
    "p_adjusted", "baseline", "relative", "relative_low", "relative_high", "df",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer:
    """What one schedule made of its cells.

    Attributes
    ----------
    own
        What stands in the result under the name of the schedule: plain values.
    effects
        Rows of the tidy table, as :func:`causal.reporting.rollout._rows.rows_of` makes them.
    said
        Title, subtitle and state.
    findings
        Answers of the checks of this schedule, those before estimation too.
    baselines
        By outcome, the mean without the rollout that effects are read against; those absent are the
        mean of cells that are not treated.
    """

    own: Content
    effects: list[Content]
    said: Said
    findings: tuple[Finding, ...] = ()
    baselines: Mapping[str, float] = field(default_factory=dict)


def content(study: Rollout, cells: Cells, findings: tuple[Finding, ...], answer: Answer) -> Content:
    """Put everything the page shows together, in full precision."""
    everything = ordered((*findings, *answer.findings))
    return {
        "schema": 1,
        "study": study_content(study),
        "data": _data(study, cells),
        "versions": versions(),
        "outcomes": [outcome_content(cells, each, answer.baselines) for each in study.outcomes],
        "attributes": [],
        "findings": [asdict(finding) for finding in everything],
        "effects": answer.effects,
        study.schedule: answer.own,
        "sql": [{"name": name, "text": text} for name, text in cells.sql],
        "decision": {
            "word": None,
            "title": answer.said.title,
            "subtitle": answer.said.subtitle,
            "state": answer.said.state,
            "greyed": answer.said.greyed,
            "reason": answer.said.reason,
        },
    }


def taken_off(study: Rollout, answer: Answer, stop: Finding) -> Answer:
    """The answer where a check of the cells failed that stops the page: no number, and why."""
    gone = dict.fromkeys(_NUMBERS) | {
        "identification": "not estimable",
        "verdict": "not estimable",
        "why": f"the check {stop.name} failed",
    }
    return replace(
        answer,
        effects=[{**row, **gone} for row in answer.effects],
        said=unreadable(
            study.outcomes[0].name,
            rollout=human(study.study.replace("-", " ")),
            name=stop.name,
            meaning=stop.meaning,
        ),
    )


def study_content(study: Rollout) -> Content:
    """The study as the page shows it."""
    return {
        "name": study.study,
        "kind": study.kind,
        "schedule": study.schedule,
        "question": study.question,
        "file": study.path.name if study.path else None,
        "text": published_text(study),
        "hash": study_hash(study),
        "entity": study.entity,
        "period": study.period,
        "every": study.every,
        "cluster": study.cluster,
        "block": study.block,
        "weight": study.weight,
        "pool": study.pool,
        "assignment": study.assignment,
        "covariates": list(study.covariates),
        "control": study.analysis.control,
        "anticipation": study.analysis.anticipation,
        "level": study.settings.level,
        "seed": study.settings.seed,
    }


def _data(study: Rollout, cells: Cells) -> Content:
    source = cells.provenance
    return {
        "source": without_password(study.data.source),
        "fingerprint": source.fingerprint if source else None,
        "rows_read": source.rows_read if source else None,
        "rows": int(cells.rows.sum()),
        "entities": len(cells.entities),
        "clusters": len(np.unique(cells.cluster)),
        "periods": list(cells.periods),
        "starts": cells.periods[0],
        "ends": cells.periods[-1],
        "missing": cells.missing,
        "dropped": [asdict(each) for each in cells.left_out],
        "columns": [],
        "notes": list(cells.notes),
    }


def outcome_content(cells: Cells, outcome: Outcome, baselines: Mapping[str, float]) -> Content:
    """One outcome as the page shows it."""
    y = cells.y[outcome.name]
    known = np.isfinite(y)
    share = not outcome.is_ratio and bool((y[known] >= 0).all() and (y[known] <= 1).all())
    return {
        "name": outcome.name,
        "role": outcome.role.value,
        "goal": outcome.goal.value,
        "margin": outcome.margin,
        "kind": "ratio" if outcome.is_ratio else "proportion" if share else "mean",
        "baseline": baselines.get(outcome.name, _untreated_mean(cells, y)),
        "units": int(known.sum()),
        "unit_words": "cells",
        "column": outcome.column,
        "numerator": outcome.numerator,
        "denominator": outcome.denominator,
    }


def _untreated_mean(cells: Cells, y: np.ndarray) -> float | None:
    treated = cells.treated if cells.on is None else cells.on == 1
    at = np.isfinite(y) & ~treated
    weight = np.broadcast_to(cells.weight[:, None], y.shape)[at]
    return float(np.average(y[at], weights=weight)) if at.any() else None
