"""From what the split of a move made to the content of its page and of result.json."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from causal.base.finding import Finding, Status
from causal.content.outcome import Outcome
from causal.data.movement.sums import Periods, SegmentSums
from causal.data.sources._connection import without_password
from causal.design.movement import Movement
from causal.estimation._estimates import Estimates
from causal.estimation._inference import Inference, infer
from causal.estimation.movement._attribution import Attribution
from causal.estimation.movement.cells import Apart
from causal.estimation.movement.mix import mix_rate
from causal.estimation.movement.shipped import Claimed
from causal.policy.movement import said
from causal.reporting._content import ordered, published_text, study_hash, versions

Content = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parts:
    """What a run made of a move, stage by stage; ``cut`` is as it may be shown."""

    study: Movement
    periods: Periods
    cut: tuple[SegmentSums, ...]
    findings: tuple[Finding, ...]
    apart: tuple[Apart, ...]
    shares: Attribution | None = None
    claimed: tuple[Claimed, ...] = ()


def content(parts: Parts) -> Content:
    """Put everything the page shows together, in full precision."""
    study, periods = parts.study, parts.periods
    findings = [asdict(finding) for finding in ordered(parts.findings)]
    stopped = any(each.status is Status.FAIL and each.blocks == "page" for each in parts.findings)
    effects: list[Content] = []
    moves = [_move(study, sums, effects, stopped=stopped) for sums in periods.whole]
    mechanisms = _mechanisms(parts, effects, stopped=stopped) if parts.shares is not None else []
    mix = [_mix(study, sums, effects) for sums in parts.cut]
    outcomes = [
        _outcome(outcome, move, sums)
        for outcome, move, sums in zip(study.outcomes, moves, periods.whole, strict=True)
    ]
    first = said(outcomes[0], moves[0], mechanisms, findings, study.settings.level, mix)
    return {
        "schema": 1,
        "study": _study(study),
        "data": _data(study, periods),
        "versions": versions(),
        "outcomes": outcomes,
        "attributes": [],
        "findings": findings,
        "effects": effects,
        "move": moves,
        "mechanisms": mechanisms,
        "form": None if parts.shares is None else parts.shares.form,
        "fits": None if parts.shares is None else parts.shares.fits,
        "shipped": [each.model_dump() for each in study.shipped],
        "mix": mix,
        "cells": [asdict(each) for each in parts.apart[: study.analysis.cells]],
        "cells_looked_at": len(parts.apart),
        "sql": [{"name": name, "text": text} for name, text in periods.sql],
        "decision": {
            "word": None,
            "title": first.title,
            "subtitle": first.subtitle,
            "state": first.state,
            "greyed": first.greyed,
            "reason": first.reason,
        },
    }


def _study(study: Movement) -> Content:
    return {
        "name": study.study,
        "kind": study.kind,
        "question": study.question,
        "file": study.path.name if study.path else None,
        "text": published_text(study),
        "hash": study_hash(study),
        "before": study.before,
        "after": study.after,
        "cluster": list(study.cluster),
        "graph": [list(edge) for edge in study.mechanisms],
        "order": [*study.order, study.outcomes[0].name] if study.mechanisms else [],
        "interaction": study.analysis.interaction,
        "level": study.settings.level,
        "seed": study.settings.seed,
        "folds": study.settings.folds if study.mechanisms else None,
    }


def _data(study: Movement, periods: Periods) -> Content:
    source = periods.provenance
    return {
        "source": without_password(study.data.source),
        "fingerprint": source.fingerprint,
        "rows_read": source.rows_read,
        "rows": sum(periods.rows),
        "before": periods.rows[0],
        "after": periods.rows[1],
        "dropped": [asdict(each) for each in source.dropped],
        "columns": [],
        "notes": [],
    }


def _outcome(outcome: Outcome, move: Content, sums: SegmentSums) -> Content:
    kind = "ratio" if outcome.is_ratio else "mean"
    if sums.binary:
        kind = "proportion"
    return {
        "name": outcome.name,
        "role": outcome.role.value,
        "goal": outcome.goal.value,
        "margin": outcome.margin,
        "kind": kind,
        "baseline": move["before"],
        "units": int(sums.rows.sum()),
        "unit_words": outcome.denominator or "rows",
        "column": outcome.column,
        "numerator": outcome.numerator,
        "denominator": outcome.denominator,
    }


def _move(study: Movement, sums: SegmentSums, effects: list[Content], *, stopped: bool) -> Content:
    whole = mix_rate(sums)
    last = np.array([len(whole) - 1])
    rows = _rows(study, whole.select(last), f"move of {sums.outcome}", effects)
    before, after = (float(each) for each in sums.means)
    row = rows[0]
    clear = row["ci_low"] is not None and not row["ci_low"] <= 0 <= row["ci_high"]
    if clear and not stopped:
        row["verdict"] = "raises" if row["estimate"] > 0 else "lowers"
    return {
        "outcome": sums.outcome,
        "before": before,
        "after": after,
        "difference": after - before,
        "std_error": row["std_error"],
        "low": row["ci_low"],
        "high": row["ci_high"],
        "p_value": row["p_value"],
        "clusters": list(sums.clusters),
    }


def _mix(study: Movement, sums: SegmentSums, effects: list[Content]) -> Content:
    """One way of cutting one outcome."""
    estimates = mix_rate(sums, interaction=study.analysis.interaction)
    name = " x ".join(sums.columns)
    rows = _rows(study, estimates, f"mix of {sums.outcome} by {name}", effects, sums)
    segments = len(sums.values)
    parts = (len(estimates) - 1) // (segments + 1)
    named = [str(estimates.labels[k * segments].segment) for k in range(parts)]
    share = sums.bottom / sums.bottom.sum(axis=1, keepdims=True)
    rate = np.divide(
        sums.top, sums.bottom, out=np.full(sums.top.shape, np.nan), where=sums.bottom > 0
    )
    return {
        "outcome": sums.outcome,
        "columns": list(sums.columns),
        "other": sums.other,
        "hidden": sums.hidden,
        "parts": named,
        "segments": [
            {
                "values": list(value),
                "rows": [int(each) for each in sums.rows[:, s]],
                "share": [float(each) for each in share[:, s]],
                "level": [float(each) for each in rate[:, s]],
                **{part: _shown(rows[k * segments + s]) for k, part in enumerate(named)},
            }
            for s, value in enumerate(sums.values)
        ],
        "totals": {part: _shown(rows[parts * segments + k]) for k, part in enumerate(named)},
    }


def _shown(row: Content) -> Content:
    return {
        "value": row["estimate"],
        "low": row["ci_low"],
        "high": row["ci_high"],
        "simultaneous_low": row["simultaneous_low"],
        "simultaneous_high": row["simultaneous_high"],
    }


def _mechanisms(parts: Parts, effects: list[Content], *, stopped: bool) -> list[Content]:
    found, study = parts.shares, parts.study
    if found is None:
        return []
    rows = _rows(study, found.estimates, "mechanisms", effects)
    claimed = {each.node: each for each in parts.claimed}
    made = []
    for at, (node, row) in enumerate(zip(found.nodes, rows, strict=True)):
        low, high = row["simultaneous_low"], row["simultaneous_high"]
        clear = low is not None and not low <= 0 <= high and not stopped
        if clear:
            row["verdict"] = "raises" if row["estimate"] > 0 else "lowers"
        own = claimed.get(node)
        rest = own if own and own.claims and not row["why"] else None
        made.append(
            {
                "node": node,
                "nodes": list(found.groups[at]),
                "parents": _parents(study, found.groups[at]),
                "share": row["estimate"],
                "std_error": row["std_error"],
                "low": row["ci_low"],
                "high": row["ci_high"],
                "simultaneous_low": low,
                "simultaneous_high": high,
                "clear": clear,
                "monte_carlo": None if found.monte_carlo is None else float(found.monte_carlo[at]),
                "claims": [asdict(each) for each in own.claims] if own else [],
                "claimed": own.claimed if own and own.claims else None,
                "unexplained": rest.unexplained if rest else None,
                "unexplained_low": rest.low if rest else None,
                "unexplained_high": rest.high if rest else None,
                "why": row["why"],
            }
        )
    return made


def _parents(study: Movement, nodes: Sequence[str]) -> list[str]:
    named = dict.fromkeys(parent for node in nodes for parent in study.parents(node))
    return [parent for parent in named if parent not in nodes]


def _rows(
    study: Movement,
    estimates: Estimates,
    family: str,
    effects: list[Content],
    sums: SegmentSums | None = None,
) -> list[Content]:
    """Rows of the tidy table, added to ``effects``."""
    settings = study.settings
    read = infer(
        estimates,
        level=settings.level,
        multiplicity="simultaneous",
        seed=settings.seed,
        family=family,
    )
    rows = [_row(estimates, read, at, sums) for at in range(len(estimates))]
    effects += rows
    return rows


def _row(estimates: Estimates, read: Inference, at: int, sums: SegmentSums | None) -> Content:
    label, size, why = estimates.labels[at], estimates.sizes[at], estimates.refusal[at]
    value = label.segment_value
    if sums is not None and value is not None:
        value = ", ".join(sums.values[int(value)])

    def number(array: Any) -> float | None:
        found = float(array[at])
        return found if np.isfinite(found) and not why else None

    return {
        **{
            key: getattr(label, key)
            for key in (
                "attribute",
                "contrast",
                "outcome",
                "estimand",
                "path",
                "design",
                "estimator",
            )
        },
        "population": label.population,
        "segment": label.segment,
        "segment_value": value,
        "estimate": number(estimates.values),
        "std_error": number(read.std_error),
        "ci_low": number(read.ci_low),
        "ci_high": number(read.ci_high),
        "simultaneous_low": number(read.simultaneous_low),
        "simultaneous_high": number(read.simultaneous_high),
        "p_value": number(read.p_value),
        "p_adjusted": number(read.p_adjusted),
        "baseline": number(estimates.baseline),
        "relative": None,
        "relative_low": None,
        "relative_high": None,
        "units": size.units,
        "clusters": size.clusters,
        "treated": None,
        "effective_units": size.effective_units,
        "identification": "not estimable" if why else label.identification,
        "verdict": None,
        "why": why or None,
    }
