"""What must hold between the parts of the study of a rollout: each broken rule by its key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from causal.design.rules import Broken, repeats, slug

if TYPE_CHECKING:
    from causal.design.rollout import Rollout

_ALONE = ("entity", "period", "adopted", "treated")


def broken_rules(study: Rollout) -> tuple[Broken, ...]:
    """Every rule the study breaks, in the order of its keys."""
    rules = (slug, _schedule, _columns, _outcomes, _covariates, _spillover, _carry)
    return tuple(broken for rule in rules for broken in rule(study))


def _schedule(study: Rollout) -> Iterator[Broken]:
    switched = study.schedule == "switchback"
    needed, other = ("treated", "adopted") if switched else ("adopted", "treated")
    if getattr(study, needed) is None:
        meant = "a column that is 1 where the cell is on" if switched else "the period of adoption"
        yield Broken(needed, f"is missing: 'schedule: {study.schedule}' needs {meant}.")
    if getattr(study, other) is not None:
        fits = "switchback" if other == "treated" else "staggered"
        yield Broken(
            other, f"is for 'schedule: {fits}', and this is '{study.schedule}'. Leave one out."
        )
    if not switched and "carry" in study.model_fields_set:
        yield Broken("carry", f"is for 'schedule: switchback', and this is '{study.schedule}'.")
    if study.schedule != "single" and "single" in study.model_fields_set:
        yield Broken("single", f"is for 'schedule: single', and this is '{study.schedule}'.")
    if study.schedule == "single" and study.assignment == "randomized":
        yield Broken(
            "assignment", "is 'randomized', and one date of 'schedule: single' is not drawn by lot."
        )


def _columns(study: Rollout) -> Iterator[Broken]:
    """What says which cell a row is of, and when it is treated, says nothing else."""
    named = {key: getattr(study, key) for key in _ALONE if getattr(study, key) is not None}
    first: dict[str, str] = {}
    for key, column in named.items():
        if column in first:
            yield Broken(key, f"is '{column}', as {first[column]} is. Name another column.")
        first.setdefault(column, key)
    for role, key, column in study.named_columns():
        whose = role in ("cluster", "party") and first.get(column) == "entity"
        if key not in _ALONE and column in first and not whose:
            yield Broken(key, f"is '{column}', which is the {first[column]} already.")
    for i, column, place in repeats(study.analysis.neighbours):
        yield Broken(
            f"analysis.neighbours[{i}]",
            f"is '{column}', as analysis.neighbours[{place}] is. Keep one.",
        )


def _outcomes(study: Rollout) -> Iterator[Broken]:
    names: dict[str, str] = {}
    for key, outcomes in (
        ("outcomes", study.outcomes),
        ("negative_controls", study.negative_controls),
    ):
        for i, outcome in enumerate(outcomes):
            if outcome.name in names:
                yield Broken(
                    f"{key}[{i}].name",
                    f"is '{outcome.name}', as {names[outcome.name]}.name is. Give each its own "
                    "name, or keep one.",
                )
            names.setdefault(outcome.name, f"{key}[{i}]")
            if outcome.is_ratio and outcome.numerator == outcome.denominator:
                yield Broken(
                    f"{key}[{i}].denominator",
                    f"is '{outcome.denominator}', as the numerator is: the ratio is always 1.",
                )


def _covariates(study: Rollout) -> Iterator[Broken]:
    for i, column, place in repeats(study.covariates):
        yield Broken(f"covariates[{i}]", f"is '{column}', as covariates[{place}] is. Keep one.")
    measured = {column for outcome in study.outcomes for column in outcome.columns}
    for i, column in enumerate(study.covariates):
        if column in measured:
            yield Broken(
                f"covariates[{i}]",
                f"is '{column}', which an outcome is made of: what is measured cannot explain its "
                "own trend.",
            )
    if study.covariates and study.schedule != "staggered":
        yield Broken(
            "covariates", f"are for 'schedule: staggered', and this is '{study.schedule}'."
        )


def _spillover(study: Rollout) -> Iterator[Broken]:
    if study.spillover is not None and study.analysis.neighbours:
        yield Broken(
            "spillover",
            "gives the share of treated neighbours, and analysis.neighbours has it counted. Keep "
            "one.",
        )
    if study.schedule == "switchback" and (study.spillover or study.analysis.neighbours):
        key = "spillover" if study.spillover else "analysis.neighbours"
        yield Broken(key, "is for adoption that stays, and this is 'schedule: switchback'.")


def _carry(study: Rollout) -> Iterator[Broken]:
    carry = study.carry
    if carry.washout and "periods" in carry.model_fields_set and carry.periods:
        yield Broken(
            "carry.washout",
            f"is {carry.washout}, and carry.periods is {carry.periods}. Leave periods out after a "
            "switch, or let them act on: one or the other.",
        )
    if isinstance(carry.probability, float) and not 0 < carry.probability < 1:
        yield Broken(
            "carry.probability",
            f"is {carry.probability:g}. It is the probability of being on, between 0 and 1.",
        )
