"""``schedule: single``: a change at one date against its own course and a blend of others."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from causal.base.catalog import members
from causal.base.finding import Finding, Status
from causal.base.kept import Kept
from causal.content.wording import human, several
from causal.data.cells.cells import Cells
from causal.data.cells.launch import Launch, launch_of
from causal.data.cells.switches import period_called
from causal.design.rollout import Rollout
from causal.design.rollout_request import DONORS
from causal.diagnostics._tail import holm
from causal.diagnostics.single._made import Control, Made, Method
from causal.workflow._log import Log

if TYPE_CHECKING:
    from causal.estimation.rollout._launched import Launched
    from causal.estimation.rollout.series import Series
    from causal.estimation.rollout.synthetic import Synthetic
    from causal.reporting.rollout._content import Answer

Content = dict[str, Any]


def findings_of(study: Rollout, cells: Cells) -> tuple[Finding, ...]:
    """What can be said of the launch and the donors before anything is estimated."""
    return _checked(_made(study, cells, _launch(study, cells)))


def answer_of(study: Rollout, cells: Cells, workers: int, log: Log, kept: Kept) -> Answer:  # noqa: ARG001
    """Estimate, check, say."""
    from causal.policy.single import said_of
    from causal.reporting.rollout._content import Answer, outcome_content
    from causal.reporting.rollout._launched import own_content

    launch = _launch(study, cells)
    made = _made(study, cells, launch)
    log.say("estimating", 0.2)
    found = [_estimated(study, cells, launch, each.name) for each in study.outcomes]
    controls = [_estimated(study, cells, launch, each.name) for each in study.negative_controls]
    findings = _checked(
        replace(made, looked=tuple(each.looked for each in found), controls=_controls(controls))
    )
    shared = study.pool == "shared" and not launch.apart
    effects, rows = _effects(study, made, found, findings, shared=shared)
    first = found[0]
    baselines = {each.outcome: float(each.observed[: launch.before].mean()) for each in found}
    ranked = first.synthetic is not None and len(first.synthetic.placebos) > 0
    unsaid = study.pool is None and not launch.apart
    told = said_of(
        outcome_content(cells, study.outcomes[0], baselines),
        blended=rows[0].get("synthetic"),
        course=rows[0].get("series"),
        rank=float(first.synthetic.p_rank[0]) if first.synthetic and ranked else None,
        least=first.synthetic.p_least if first.synthetic and ranked else None,
        donors=len(first.donors),
        rollout=human(study.study.replace("-", " ")),
        entities=made.entities,
        condition=f", if {made.entities} do not share a pool" if unsaid else "",
        findings=[asdict(each) for each in findings],
        level=study.settings.level,
    )
    return Answer(
        own=own_content(study, cells, launch, made, found),
        effects=effects,
        said=told,
        findings=findings,
        baselines=baselines,
    )


def _launch(study: Rollout, cells: Cells) -> Launch:
    return launch_of(cells, None if study.single.donors is None else DONORS)


def _made(study: Rollout, cells: Cells, launch: Launch) -> Made:
    whole = np.isfinite(cells.y[study.outcomes[0].name]).all(axis=1)
    names = np.array(cells.entities, dtype=object)
    return Made(
        entities=several(human(study.entity)),
        periods=several(period_called(cells, study.period, study.every)),
        treated=tuple(str(name) for name in names[launch.treated]),
        launch=cells.periods[launch.before],
        before=launch.before,
        after=len(cells.periods) - launch.before,
        asked=study.single.methods,
        donors=int((launch.donors & whole).sum()),
        season=study.single.season,
        holes=tuple(str(name) for name in names[launch.donors & ~whole]),
        reached=launch.reached,
        between=cells.between,
        always=cells.always,
        pool=study.pool,
        apart=launch.apart,
        level=study.settings.level,
    )


def _checked(made: Made) -> tuple[Finding, ...]:
    return tuple(
        finding
        for member in members("causal.diagnostics.single").values()
        for finding in member.check(made)
    )


def _estimated(study: Rollout, cells: Cells, launch: Launch, outcome: str) -> Launched:
    from causal.estimation.rollout._launched import launched
    from causal.estimation.rollout._named import Named

    treated = [name for name, own in zip(cells.entities, launch.treated, strict=True) if own]
    named = Named(
        rollout=study.study, outcome=outcome, population=", ".join(treated[:3]) or "nobody"
    )
    return launched(
        cells,
        launch,
        named,
        season=study.single.season,
        methods=study.single.methods,
        seed=study.settings.seed,
    )


def _controls(found: list[Launched]) -> tuple[Control, ...]:
    """Effects on outcomes that cannot have moved, adjusted over all (Holm)."""
    from scipy.stats import t as student

    rows: list[tuple[str, Method, float, float, float]] = []
    for each in found:
        for method, own in _methods(each):
            if own is None or own.estimates.refusal[0] or not own.estimates.std_errors[0] > 0:
                continue
            value, error = float(own.estimates.values[0]), float(own.estimates.std_errors[0])
            p = float(2 * student.sf(abs(value / error), own.estimates.df[0]))
            rows.append((each.outcome, method, value, error, p))
    adjusted = holm(np.array([p for *_, p in rows])) if rows else np.zeros(0)
    return tuple(
        Control(outcome=outcome, method=method, value=value, std_error=error, p_adjusted=float(p))
        for (outcome, method, value, error, _), p in zip(rows, adjusted, strict=True)
    )


def _effects(
    study: Rollout,
    made: Made,
    found: list[Launched],
    findings: tuple[Finding, ...],
    *,
    shared: bool,
) -> tuple[list[Content], list[dict[Method, Content]]]:
    """Rows of the tidy table, and of each outcome the leading one by each method."""
    from causal.estimation.rollout._launched import nothing
    from causal.estimation.rollout._named import Named
    from causal.reporting.rollout._rows import rows_of

    effects: list[Content] = []
    leading: list[dict[Method, Content]] = []
    shown = _stopped(findings) or (f"{made.entities} in the blend share its pool" if shared else "")
    for each in found:
        refused = dict(each.looked.refused)
        first: dict[Method, Content] = {}
        for method, own in _methods(each):
            if method not in made.asked:
                continue
            named = Named(rollout=study.study, outcome=each.outcome)
            whole = own.estimates if own else nothing(named, method, refused[method])
            first_of, rest = np.arange(1), np.arange(1, len(whole))
            why = _failed(findings, each.outcome, method)
            rows = [
                row
                for part, family in ((first_of, method), (rest, f"{method}, further"))
                if part.size
                for row in rows_of(
                    study,
                    whole.select(part),
                    f"{family} of {each.outcome}",
                    why=why,
                    shown=shown if method == "synthetic" else "",
                )
            ]
            for row in rows:
                if row["estimator"] == "plain difference" and not row["why"]:
                    row["identification"], row["verdict"] = "descriptive", None
            effects += rows
            first[method] = rows[0]
        leading.append(first)
    return effects, leading


def _methods(found: Launched) -> tuple[tuple[Method, Series | Synthetic | None], ...]:
    return ("synthetic", found.synthetic), ("series", found.series)


def _failed(findings: tuple[Finding, ...], outcome: str, method: Method) -> str:
    """The failed check that takes one method's effect on one outcome off the page."""
    for each in findings:
        if each.status is not Status.FAIL or each.blocks != "design":
            continue
        if each.name == "pre-fit" and method == "synthetic" and outcome in each.columns:
            return "the check of pre-fit failed"
        if f"{method} of {outcome}" in each.designs:
            return f"the check of {each.name} failed"
    return ""


def _stopped(findings: tuple[Finding, ...]) -> str:
    named = [each.name for each in findings if each.status is Status.FAIL and each.blocks == "page"]
    return f"the check of {named[0]} failed" if named else ""
