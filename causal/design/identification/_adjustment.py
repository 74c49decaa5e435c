"""Which columns are held fixed for which attribute, and why each column is in or out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from causal.base.errors import DesignError, listing, nearest
from causal.content.attribute import Attribute
from causal.data.panel import Panel
from causal.design.study import Study

Adjustment = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a column is held fixed, or is not."""

    column: str
    role: str
    used: bool
    why: str


def adjustment(study: Study, panel: Panel) -> tuple[Adjustment, Mapping[str, str]]:
    """Find the columns held fixed for each attribute, and the attributes with no valid set.

    A total effect holds fixed confounders, modifiers and the other attributes decided no later
    than the attribute; never mediators, columns after the outcome or, when a graph is given,
    anything that descends from the attribute. With a graph the confounders are those of the
    backdoor sets that DoWhy finds for the outcomes; other attributes are held fixed unless that
    would open a path. An attribute, or outcomes, that the graph does not name are an error.

    Raises
    ------
    DesignError
        For a bad control, by name with the reason.
    """
    refuse_bad_controls(study)
    if study.graph:
        return _by_graph(study, panel)
    fixed = tuple(dict.fromkeys((*study.confounders, *study.modifiers)))
    return {
        a.name: _ordered(panel, a, (*fixed, *_no_later(study, a))) for a in study.attributes
    }, {}


def refuse_bad_controls(study: Study) -> None:
    """Refuse columns that an attribute or the outcome may have moved, by name."""
    outcomes = {column for outcome in study.outcomes for column in outcome.columns}
    for name in dict.fromkeys((*study.confounders, *study.modifiers)):
        role = "confounder" if name in study.confounders else "modifier"
        for owners, words in (
            (
                study.mediators,
                "a mediator: the attribute moves it, so holding it fixed removes part of the effect",
            ),
            (study.post_outcome, "declared to come after the outcome"),
            (outcomes, "part of an outcome"),
        ):
            if name in owners:
                raise DesignError(
                    f"Column '{name}' cannot be a {role}: it is {words}. Remove it from {role}s."
                )


def _no_later(study: Study, attribute: Attribute) -> tuple[str, ...]:
    return tuple(
        other.name
        for other in study.attributes
        if other.name != attribute.name and other.tier <= attribute.tier
    )


def _ordered(panel: Panel, attribute: Attribute, names: tuple[str, ...]) -> tuple[str, ...]:
    """Names in the panel's order without the attribute itself and without constants."""
    wanted = set(names) - {attribute.name}
    return tuple(name for name in panel.columns if name in wanted)


def _by_graph(study: Study, panel: Panel) -> tuple[Adjustment, Mapping[str, str]]:
    from causal.design import graph

    found: dict[str, tuple[str, ...]] = {}
    refused: dict[str, str] = {}
    observed = tuple(dict.fromkeys((*study.confounders, *study.modifiers)))
    _refuse_missing_nodes(study)
    for attribute in study.attributes:
        later = graph.descendants(study.graph, attribute.name)
        bad = [name for name in observed if name in later]
        if bad:
            raise DesignError(
                f"In the graph {listing(bad)} descends from the attribute '{attribute.name}', so "
                "it is no confounder of it: holding it fixed would remove part of the effect. "
                "Remove it from confounders and modifiers, or list it under mediators."
            )
        others = tuple(n for n in _no_later(study, attribute) if n not in later)
        held = _backdoor(study, attribute.name, observed, others)
        if held is None:
            refused[attribute.name] = (
                "by the graph no set of the observed columns blocks every backdoor path"
            )
        found[attribute.name] = _ordered(panel, attribute, others if held is None else held)
    return found, refused


def _backdoor(
    study: Study, attribute: str, observed: tuple[str, ...], others: tuple[str, ...]
) -> tuple[str, ...] | None:
    """Columns that block the backdoor paths to every outcome, with the other attributes if they may."""
    from causal.design import graph

    outcomes = graph.outcome_nodes(study)
    sets = [
        graph.backdoor_set(study.graph, attribute, outcome, (*observed, *others))
        for outcome in outcomes
    ]
    needed = tuple(dict.fromkeys(name for each in sets for name in each or ()))
    for held in ((*needed, *others), needed):
        if None not in sets and all(
            graph.blocks_backdoors(study.graph, attribute, outcome, held) for outcome in outcomes
        ):
            return held
    return None


def _refuse_missing_nodes(study: Study) -> None:
    """A graph that does not name an attribute or an outcome says nothing of its effect."""
    nodes = {node for edge in study.graph for node in edge}
    asked: list[tuple[str, tuple[str, ...], str]] = [
        (a.name, (a.name,), "attribute") for a in study.attributes
    ]
    asked += [(o.name, (o.name, *o.columns), "outcome") for o in study.outcomes]
    for name, names, role in asked:
        if nodes.isdisjoint(names):
            raise DesignError(
                f"graph: the {role} '{name}' is not in the graph, so nothing says what must be held "
                f"fixed for it.{nearest(name, sorted(nodes))} Add its edges, or remove the graph."
            )


def reasons(study: Study, held: Adjustment) -> tuple[Reason, ...]:
    """Say for every column of the study whether it is held fixed, and why."""
    used = {name for names in held.values() for name in names}
    said: dict[str, Reason] = {}

    def say(names: tuple[str, ...], role: str, inside: str, outside: str) -> None:
        for name in names:
            if name not in said:
                why = inside if name in used else outside
                said[name] = Reason(column=name, role=role, used=name in used, why=why)

    not_needed = "the graph does not need it to block a backdoor path"
    say(
        tuple(a.name for a in study.attributes),
        "attribute",
        "another attribute, decided no later: held as observed for the others",
        "an attribute; no other attribute is decided with or after it",
    )
    say(
        study.confounders,
        "confounder",
        "fixed before the attribute and may move the outcome",
        not_needed,
    )
    say(
        study.modifiers,
        "modifier",
        "fixed before the attribute: held fixed, and effects are shown by it",
        not_needed,
    )
    say(
        study.mediators,
        "mediator",
        "",
        "the attribute moves it: holding it fixed would remove part of the effect",
    )
    say(
        study.negative_controls,
        "negative control",
        "",
        "an outcome the attribute cannot have moved; used as a check",
    )
    say(study.post_outcome, "post-outcome", "", "it comes after the outcome: refused everywhere")
    say(study.block, "block", "", "rows are compared within it by the within design")
    say(
        study.cluster,
        "cluster",
        "",
        "the independent source of variation: used for the uncertainty",
    )
    return tuple(said.values())
