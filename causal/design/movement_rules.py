"""What must hold between the parts of the study of a move: each broken rule by its key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from causal.base.errors import listing, nearest
from causal.design.rules import Broken, repeats, slug

if TYPE_CHECKING:
    from causal.design.movement import Movement

MOST_NODES = 30
MOST_SHAPLEY = 10


def broken_rules(study: Movement) -> tuple[Broken, ...]:
    """Every rule the study breaks, in the order of its keys."""
    rules = (slug, _something, _ways, _outcomes, _segments, _mechanisms, _shipped, _form)
    return tuple(broken for rule in rules for broken in rule(study))


def _something(study: Movement) -> Iterator[Broken]:
    if not study.segments and not study.mechanisms:
        yield Broken(
            "segments",
            "is empty, and so is mechanisms: there is nothing to split the move by. Name columns to "
            "cut rows by, as in 'segments: [market, topic]', or edges of a causal graph.",
        )
    if study.before.strip() == study.after.strip():
        yield Broken("after", "is the same predicate as before. Name two periods.")


def _ways(study: Movement) -> Iterator[Broken]:
    if len(study.cluster) > 2:
        yield Broken("cluster", f"names {len(study.cluster)} columns. Allowed: one or two.")
    for i, name, first in repeats(study.cluster):
        yield Broken(f"cluster[{i}]", f"is '{name}', as cluster[{first}] is. Keep one.")


def _outcomes(study: Movement) -> Iterator[Broken]:
    for i, name, first in repeats(each.name for each in study.outcomes):
        yield Broken(
            f"outcomes[{i}].name",
            f"is '{name}', as outcomes[{first}].name is. Give each its own name, or keep one.",
        )
    for i, outcome in enumerate(study.outcomes):
        if outcome.is_ratio and outcome.numerator == outcome.denominator:
            yield Broken(
                f"outcomes[{i}].denominator",
                f"is '{outcome.denominator}', as the numerator is: the ratio is always 1.",
            )


def _segments(study: Movement) -> Iterator[Broken]:
    seen: dict[tuple[str, ...], int] = {}
    measured = {column for outcome in study.outcomes for column in outcome.columns}
    for i, segment in enumerate(study.segments):
        for j, name, first in repeats(segment):
            yield Broken(f"segments[{i}][{j}]", f"is '{name}', as place {first} of it. Keep one.")
        again = seen.setdefault(tuple(sorted(segment)), i)
        if again != i:
            yield Broken(f"segments[{i}]", f"cuts rows as segments[{again}] does. Keep one.")
        for name in segment:
            if name in measured:
                yield Broken(
                    f"segments[{i}]",
                    f"names '{name}', which an outcome is made of: rows cannot be cut by what is "
                    "measured.",
                )


def _mechanisms(study: Movement) -> Iterator[Broken]:
    if not study.mechanisms:
        return
    outcome = study.outcomes[0].name
    nodes = {node for edge in study.mechanisms for node in edge}
    if outcome not in nodes:
        yield Broken(
            "mechanisms",
            f"have no node '{outcome}', the first outcome.{nearest(outcome, sorted(nodes))} End the "
            f"graph there, for instance [topic, {outcome}].",
        )
    for i, (cause, effect) in enumerate(study.mechanisms):
        if cause == effect:
            yield Broken(f"mechanisms[{i}]", f"is an edge from '{cause}' to itself.")
        elif cause == outcome:
            yield Broken(
                f"mechanisms[{i}]",
                f"starts at '{outcome}', the outcome, which comes last. Turn it round, or leave it "
                "out.",
            )
    left = nodes - {outcome} - set(study.order)
    if left and outcome not in {cause for cause, _ in study.mechanisms}:
        yield Broken(
            "mechanisms",
            f"run in a circle through {listing(sorted(left))}. A cause must come before its effects.",
        )
    if len(nodes) > MOST_NODES:
        yield Broken("mechanisms", f"have {len(nodes)} nodes. Allowed: at most {MOST_NODES}.")
    taken = {column: "the outcome" for each in study.outcomes for column in each.columns}
    taken |= dict.fromkeys(study.cluster, "a cluster") | dict.fromkeys(study.unit, "the unit")
    for node in sorted(nodes - {outcome}):
        if node in taken:
            yield Broken("mechanisms", f"have a node '{node}', which is {taken[node]} already.")


def _shipped(study: Movement) -> Iterator[Broken]:
    nodes = (*study.order, study.outcomes[0].name)
    for i, each in enumerate(study.shipped):
        if not study.mechanisms:
            yield Broken(
                f"shipped[{i}].node",
                "needs mechanisms: a shipped effect is a part of the mechanism it acts on.",
            )
        elif each.node not in nodes:
            yield Broken(
                f"shipped[{i}].node",
                f"is '{each.node}', which is no node.{nearest(each.node, nodes)} The nodes are "
                f"{listing(nodes)}.",
            )
    for i, name, first in repeats(each.name for each in study.shipped):
        yield Broken(f"shipped[{i}].name", f"is '{name}', as shipped[{first}].name is.")


def _form(study: Movement) -> Iterator[Broken]:
    nodes = len(study.order) + 1
    if study.analysis.form == "shapley" and nodes > MOST_SHAPLEY:
        yield Broken(
            "analysis.form",
            f"is 'shapley' with {nodes} nodes, which is 2^{nodes} coalitions. Allowed up to "
            f"{MOST_SHAPLEY}: use 'order', or 'sampled'.",
        )
