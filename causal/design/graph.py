"""The causal graph of a study: descendants, and backdoor sets found by DoWhy."""

from __future__ import annotations

from functools import cache

from causal.base.boundary import boundary
from causal.design.study import Study

Edges = tuple[tuple[str, str], ...]


def descendants(edges: Edges, node: str) -> frozenset[str]:
    """Everything a node may move.

    >>> sorted(descendants((("a", "b"), ("b", "c"), ("x", "a")), "a"))
    ['b', 'c']
    """
    found: set[str] = set()
    frontier = [node]
    while frontier:
        here = frontier.pop()
        for cause, effect in edges:
            if cause == here and effect not in found:
                found.add(effect)
                frontier.append(effect)
    return frozenset(found)


def outcome_nodes(study: Study) -> tuple[str, ...]:
    """The nodes that stand for the outcomes: by outcome name, else by a column of it."""
    nodes = {node for edge in study.graph for node in edge}
    found = []
    for outcome in study.outcomes:
        names = [name for name in (outcome.name, *outcome.columns) if name in nodes]
        if names:
            found.append(names[0])
    return tuple(dict.fromkeys(found))


@cache
def backdoor_set(
    edges: Edges, attribute: str, outcome: str, observed: tuple[str, ...]
) -> tuple[str, ...] | None:
    """Find observed columns that block every backdoor path (Pearl 2009, sec. 3.3), by DoWhy.

    Returns
    -------
    tuple of str or None
        Sorted names, empty when nothing needs holding fixed; None when no observed set does it.
    """
    nodes = {node for edge in edges for node in edge}
    if attribute not in nodes or outcome not in nodes:
        return ()
    with boundary("DoWhy", "identifying the effect from the graph"):
        import networkx as nx
        from dowhy.causal_identifier import EstimandType, identify_effect_auto

        estimand = identify_effect_auto(
            nx.DiGraph(edges),
            [attribute],
            [outcome],
            [name for name in sorted(nodes) if name in {attribute, outcome, *observed}],
            EstimandType.NONPARAMETRIC_ATE,
        )
        found = estimand.get_adjustment_set("backdoor") if _identified(estimand) else None
    return None if found is None else tuple(sorted(found))


def _identified(estimand: object) -> bool:
    estimands = getattr(estimand, "estimands", {})
    return bool(estimands.get("backdoor")) or bool(estimands.get("general_adjustment"))
