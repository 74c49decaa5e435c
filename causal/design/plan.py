"""The locked plan: what was agreed of an experiment, its hash, and what a later study departs from."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causal.base.errors import StudyError

if TYPE_CHECKING:
    from causal.design.experiment import Experiment

SCHEMA = 1
_KEYS = (
    "unit", "cluster", "block", "rows", "exposed_at", "time", "side", "arms",
    "covariates", "outcomes", "modifiers", "analysis",
)  # fmt: skip
_READ = ("query", "derive", "where")
_LATER = ("demand", "totals", "sequential")


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """A locked plan, as it lies beside its study.

    Attributes
    ----------
    file
        Name of the file.
    hash
        SHA-256 of the plan's canonical text.
    plan
        What was agreed: key to value, as :func:`agreed` gives it.
    precision
        What was planned to be found, metric by metric.
    outcomes_seen
        Whether outcomes by arm were in the table when the plan was locked.
    """

    file: str
    hash: str
    plan: Mapping[str, Any]
    precision: tuple[Mapping[str, Any], ...]
    outcomes_seen: bool


def agreed(experiment: Experiment) -> dict[str, Any]:
    """What a verdict hangs on and what is fixed before: every key with its value, defaults too.

    Where the table lies is not part of it, nor is what is only known later: the last day, totals of
    everybody, and demand measured during the experiment. Outcomes and covariates go by their names, so their order
    does not matter.

    Examples
    --------
    >>> from causal.design.experiment import Experiment
    >>> asked = Experiment.model_validate({
    ...     "study": "s", "kind": "experiment", "data": {"source": "t.csv"}, "unit": "id",
    ...     "arms": {"column": "arm", "control": "A"},
    ...     "outcomes": [{"name": "y", "column": "clicks"}],
    ... })
    >>> agreed(asked)["outcomes"]
    {'y': {'aggregate': 'sum', 'column': 'clicks', 'goal': 'increase', 'role': 'success'}}
    """
    told = experiment.model_dump(mode="json", by_alias=True)
    made = {key: told[key] for key in _KEYS}
    made["data"] = {key: told["data"][key] for key in _READ}
    made["settings"] = {"level": told["settings"]["level"]}
    made["outcomes"] = {each["name"]: {**each, "name": None} for each in told["outcomes"]}
    made["covariates"] = {
        each["name"]: each["for"] or "every outcome" for each in told["covariates"]
    }
    made["analysis"] = {k: v for k, v in told["analysis"].items() if k not in _LATER}
    made["analysis"]["pool"] = experiment.pool
    kept = _without_empty(made)
    return kept if isinstance(kept, dict) else {}


def canonical(plan: Mapping[str, Any]) -> str:
    """The one text of a plan: keys sorted, nothing between them.

    >>> canonical({"unit": "user", "arms": {"control": "A"}})
    '{"arms":{"control":"A"},"unit":"user"}'
    """
    return json.dumps(plan, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def plan_hash(plan: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical text."""
    return sha256(canonical(plan).encode()).hexdigest()


def plan_file(experiment: Experiment) -> Path:
    """Where the locked plan of a study lies: ``<study file>.plan.json``, beside it.

    Raises
    ------
    StudyError
        When the study was not read from a file.
    """
    if experiment.path is None:
        raise StudyError(
            "plan: a locked plan lies beside the study file, and this study was not read from one. "
            "Read it from its file, or leave 'plan' out."
        )
    return experiment.path.with_name(f"{experiment.path.name}.plan.json")


def lock(
    experiment: Experiment,
    precision: Sequence[Mapping[str, Any]],
    *,
    outcomes_seen: bool,
) -> Locked:
    """Write the plan beside the study file; a plan that is there already and says the same is kept.

    Parameters
    ----------
    precision
        What is planned to be found, as it is to be shown beside what is found.
    outcomes_seen
        Whether outcomes by arm are in the table already.

    Raises
    ------
    StudyError
        When another plan is there, or the study was not read from a file.
    """
    file = plan_file(experiment)
    if file.exists():
        found = locked(experiment)
        differing = differences(found.plan, agreed(experiment))
        if differing:
            raise StudyError(
                f"plan: {file.name} was locked before and says something else: "
                f"{'; '.join(differing[:5])}. A locked plan is not overwritten: put the study "
                "back, or keep the deviations; they are listed on the page."
            )
        return found
    plan = agreed(experiment)
    made = {
        "schema": SCHEMA,
        "hash": plan_hash(plan),
        "plan": plan,
        "precision": list(precision),
        "outcomes_seen": outcomes_seen,
    }
    _write(file, json.dumps(made, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    return locked(experiment)


def locked(experiment: Experiment) -> Locked:
    """Read the locked plan of a study.

    Raises
    ------
    StudyError
        When there is none, or it was changed after it was locked.
    """
    file = plan_file(experiment)
    if not file.is_file():
        raise StudyError(
            f"plan: the study says 'plan: locked', and there is no {file.name} beside it. "
            f"Run `causal plan {experiment.path} --lock` before outcomes are read, or leave "
            "'plan' out."
        )
    try:
        told = json.loads(file.read_text("utf-8"))
        found = Locked(
            file=file.name,
            hash=str(told["hash"]),
            plan=dict(told["plan"]),
            precision=tuple(dict(each) for each in told["precision"]),
            outcomes_seen=bool(told["outcomes_seen"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise StudyError(
            f"plan: {file.name} is no locked plan ({type(error).__name__}). Put back the file that "
            "`causal plan --lock` wrote."
        ) from error
    if plan_hash(found.plan) != found.hash:
        raise StudyError(
            f"plan: {file.name} was changed after it was locked: its content does not have its "
            "hash. Put back the file that `causal plan --lock` wrote; changes of plan belong in "
            "the study file, where they are listed as deviations."
        )
    return found


def deviations(experiment: Experiment) -> tuple[str, ...]:
    """What a study does other than its locked plan says: which key, from what to what.

    A study without ``plan: locked`` deviates from nothing.

    Raises
    ------
    StudyError
        When the plan is not there or was changed.
    """
    if experiment.plan is None:
        return ()
    return differences(locked(experiment).plan, agreed(experiment))


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """Where two plans differ, in words, in the order of the keys.

    >>> differences({"a": {"b": 1, "c": [1]}}, {"a": {"b": 2}, "d": "x"})
    ('a.b was 1 and is 2', 'a.c was [1] and is not given', 'd was not given and is x')
    """
    before, after = dict(_flat(old)), dict(_flat(new))
    return tuple(
        f"{key} was {_said(before, key)} and is {_said(after, key)}"
        for key in sorted({*before, *after})
        if canonical({"": before.get(key)}) != canonical({"": after.get(key)})
    )


def _flat(value: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for key, own in value.items():
        place = f"{path}.{key}" if path else key
        if isinstance(own, Mapping):
            yield from _flat(own, place)
        else:
            yield place, own


def _said(values: Mapping[str, Any], key: str) -> str:
    if key not in values:
        return "not given"
    value = values[key]
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _without_empty(value: Any) -> Any:
    """Leave out what is not given, so that a key written as empty is a key not written."""
    if isinstance(value, Mapping):
        kept = {key: _without_empty(value[key]) for key in sorted(value)}
        return {key: own for key, own in kept.items() if own is not None and own not in ([], {})}
    if isinstance(value, list):
        return [_without_empty(each) for each in value]
    return value


def _write(file: Path, text: str) -> None:
    """Write a file whole or not at all."""
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="")
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
