"""Before an experiment starts: what it will be able to find, in how many units and days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from causal.base.errors import DataError, StudyError
from causal.base.workers import available_cores
from causal.content.outcome import Role
from causal.data.moments.collected import Collected
from causal.design.before_experiment import Before
from causal.design.experiment import Experiment
from causal.design.reading import Asked, asked
from causal.design.two_sided import TwoSided
from causal.workflow.experiments import asked_of

if TYPE_CHECKING:
    import pandas as pd

    from causal.estimation.experiment.decided import Rules
    from causal.estimation.experiment.foreseen import Foreseen, Plan

WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Planning:
    """A plan: ``content`` for machines, ``text`` in words."""

    content: Mapping[str, Any]

    @property
    def text(self) -> str:
        """A table and what it means, for a terminal."""
        from causal.reporting.experiment._plan_words import plan_words

        return plan_words(self.content)


def plan(
    study: Asked,
    *,
    table: pd.DataFrame | None = None,
    workers: int | None = None,
    lock: bool = False,
) -> Planning:
    """Say what an experiment can find: smallest effects, units and days, from what was before it.

    Outcomes are read off their values before (``before``), or off the table's own when it is of an
    earlier period; once there are arms, off the control arm.

    Parameters
    ----------
    study
        An experiment or its file; its table may have no arms yet.
    table
        A frame to use in place of the study's source; it is not changed.
    workers
        Parts read at a time, by default the cores; the numbers do not depend on it.
    lock
        Write the plan beside the study file, for ``plan: locked``.

    Raises
    ------
    CausalError
        When the study or the data cannot be used, or another plan was locked before.
    """
    from threadpoolctl import threadpool_limits

    from causal.data.moments.values_there import tables_there, values_there
    from causal.design.before_experiment import before_experiment
    from causal.design.experiment_request import experiment_request
    from causal.design.plan import lock as write
    from causal.reporting._result import rounded

    study = asked(study)
    if isinstance(study, TwoSided):
        raise StudyError(
            "arms: an experiment on users and creators at once cannot be planned in this version. "
            "Plan each side as an experiment of its own: 'unit' and 'arms: {column, control}'."
        )
    if not isinstance(study, Experiment):
        raise StudyError(
            f"kind: '{study.kind}' is not planned. A plan is for a study of 'kind: experiment'; "
            "`causal calibrate` says what a study of attributes can find."
        )
    with threadpool_limits(limits=1):
        request = tables_there(experiment_request(study))
        before = before_experiment(study, request, values_there(request, frame=table))
        made = _content(study, before, table, workers or available_cores())
    content: dict[str, Any] = rounded(made)
    if lock:
        kept = write(study, content["metrics"], outcomes_seen=before.split)
        content["locked"] = {"file": kept.file, "hash": kept.hash}
    return Planning(content=content)


def _content(
    study: Experiment, before: Before, table: pd.DataFrame | None, workers: int
) -> dict[str, Any]:
    from causal.data.moments.collect import collect

    if before.request is None:
        told = "; ".join(f"'{name}': {why}" for name, why in before.refused.items())
        raise DataError(f"outcomes: none can be planned. {told}.")
    found = collect(before.request, frame=table, workers=workers)
    agreed = _agreed(study, before, found)
    rows = _foreseen(study, before, found, agreed, table)
    metrics = [_metric(study, before, each, found) for each in rows]
    metrics += [_refused(study, name, why) for name, why in before.refused.items()]
    order = [metric.name for metric in study.outcomes]
    metrics.sort(key=lambda each: order.index(each["metric"]))
    days = found.counts.days
    return {
        "schema": 1,
        "study": study.study,
        "unit": study.unit,
        "cluster": study.cluster,
        "read_from": "the control arm" if before.split else "units before the experiment",
        "shares": {"control": agreed.shares[0], "smallest treatment": agreed.shares[1]},
        "treatments": agreed.treatments,
        "planned_units": study.analysis.planned_units,
        "units": agreed.units,
        "units_seen": int(found.counts.randomized.sum()),
        "units_per_cluster": _size(study, found),
        "days_seen": len(days.values) if days is not None else None,
        "level": study.settings.level,
        "power": study.analysis.power,
        "procedure": study.analysis.interval,
        "pool": study.pool,
        "adjustment": study.analysis.adjustment,
        "metrics": metrics,
        **_needed(study, metrics),
        "locked": None,
    }


def _agreed(study: Experiment, before: Before, found: Collected) -> Plan:
    from causal.estimation.experiment.foreseen import Plan

    shares = dict(study.arms.shares)
    if not shares and before.split:
        shares = dict(zip(found.counts.arms, map(float, found.counts.shares), strict=True))
    left_out = (study.arms.control, study.analysis.holdout)
    treated = [share for arm, share in shares.items() if arm not in left_out and share > 0]
    planned = study.analysis.planned_units
    return Plan(
        rules=_rules(study),
        power=study.analysis.power,
        shares=(shares.get(study.arms.control, 0.5), min(treated, default=0.5)),
        treatments=max(len(treated), 1),
        units=float(planned or found.counts.randomized.sum()),
        adjustment=asked_of(study).adjustment,
        smallest=study.analysis.smallest,
    )


def _rules(study: Experiment) -> Rules:
    """The procedure with every look that is planned."""
    from causal.estimation.experiment.boundaries import Spending
    from causal.estimation.experiment.decided import Procedure, Rules

    return Rules(
        procedure=Procedure(study.analysis.interval),
        level=study.settings.level,
        seed=study.settings.seed,
        looks=study.analysis.looks or (1.0,),
        spending=Spending(study.analysis.spending),
    )


def _foreseen(
    study: Experiment,
    before: Before,
    found: Collected,
    agreed: Plan,
    table: pd.DataFrame | None,
) -> tuple[Foreseen, ...]:
    """What is foreseen of each metric; with clusters also what these cost, from units alone."""
    from causal.data.moments.collect import collect
    from causal.estimation.experiment.foreseen import design_effects, foresee

    rows = foresee(found.moments, found.readings, study.outcomes, agreed)
    if study.cluster is None or before.request is None:
        return rows
    alone = collect(replace(before.request, cluster=None), frame=table)
    grown = design_effects(found.moments, found.readings, alone.moments, alone.readings)
    return tuple(replace(each, design_effect=grown.get(each.metric)) for each in rows)


def _metric(study: Experiment, before: Before, each: Foreseen, found: Collected) -> dict[str, Any]:
    from causal.estimation.experiment.foreseen import days_of

    metric = next(own for own in study.outcomes if own.name == each.metric)
    days, beyond = None, False
    if each.units is not None:
        days, beyond = days_of(each.units, found.counts.days)
    window = metric.days or 0
    return {
        **asdict(each),
        "role": each.role.value,
        "before": before.twins.get(each.metric),
        "days": None if days is None else days + window,
        "beyond_record": beyond,
    }


def _refused(study: Experiment, name: str, why: str) -> dict[str, Any]:
    from causal.estimation.experiment.foreseen import Foreseen

    metric = next(own for own in study.outcomes if own.name == name)
    empty = asdict(Foreseen(metric=name, role=metric.role, level=0.0, why=why))
    more = {"role": metric.role.value, "before": None, "days": None, "beyond_record": False}
    return {**empty, "level": None, **more}


def _needed(study: Experiment, metrics: list[dict[str, Any]]) -> dict[str, Any]:
    """The most that any metric asks for; days are full weeks, and at least the fewest planned."""
    wanted = [each for each in metrics if each["units"] is not None]
    days = [each["days"] for each in wanted]
    least = study.analysis.minimum_days
    whole = None
    if days and None not in days:
        whole = max(*days, least, 1)
        if study.analysis.full_weeks:
            whole = -(-whole // WEEK) * WEEK
    most = max(wanted, key=lambda each: each["units"], default=None)
    without = [
        each["metric"]
        for each in metrics
        if each["role"] == Role.SUCCESS.value and each["wanted"] is None and not each["why"]
    ]
    return {
        "units_needed": None if most is None else most["units"],
        "needed_for": None if most is None else most["metric"],
        "days_needed": whole,
        "without_smallest": without,
    }


def _size(study: Experiment, found: Collected) -> float | None:
    if study.cluster is None:
        return None
    return float(found.moments.units[0].sum() / found.moments.n[0].sum())
