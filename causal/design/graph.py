"""The causal graph of a study: descendants, and backdoor sets where DoWhy says there is one."""

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
    """Find observed columns that block every backdoor path (Pearl 2009, sec. 3.3).

    DoWhy says whether there is such a set. Which one it names depends on the order of hashes, so
    the set is found anew: the observed ancestors of attribute and outcome are one (van der Zander,
    Liskiewicz, Textor 2014), and names leave it, those that move the attribute alone first, while
    the rest still blocks. The effect itself is added as an edge: it opens no backdoor path, and DoWhy gives no set where
    the graph has no way from the attribute to the outcome.

    Returns
    -------
    tuple of str or None
        Sorted names, empty when nothing needs holding fixed; None when no observed set does it.
    """
    nodes = {attribute, outcome, *(node for edge in edges for node in edge)}
    with boundary("DoWhy", "identifying the effect from the graph"):
        import networkx as nx
        from dowhy.causal_identifier import EstimandType, identify_effect_auto

        estimand = identify_effect_auto(
            nx.DiGraph([*edges, (attribute, outcome)]),
            [attribute],
            [outcome],
            [name for name in sorted(nodes) if name in {attribute, outcome, *observed}],
            EstimandType.NONPARAMETRIC_ATE,
        )
    if not _identified(estimand):
        return None
    return _least_set(edges, attribute, outcome, observed)


def _least_set(
    edges: Edges, attribute: str, outcome: str, observed: tuple[str, ...]
) -> tuple[str, ...] | None:
    """A set of observed ancestors of which none can be left out; sorted, None when none blocks."""
    backwards = tuple((effect, cause) for cause, effect in edges)
    others = tuple(edge for edge in backwards if edge[1] != attribute)
    causes = descendants(backwards, attribute) | descendants(backwards, outcome)
    of_outcome = descendants(others, outcome)
    later = descendants(edges, attribute)
    held = sorted((causes & set(observed)) - later - {attribute, outcome})
    if not blocks_backdoors(edges, attribute, outcome, tuple(held)):
        return None
    for name in sorted(held, key=lambda name: (name in of_outcome, name)):
        rest = tuple(other for other in held if other != name)
        if blocks_backdoors(edges, attribute, outcome, rest):
            held.remove(name)
    return tuple(held)


def blocks_backdoors(edges: Edges, attribute: str, outcome: str, held: tuple[str, ...]) -> bool:
    """Whether holding these fixed leaves no open backdoor path (d-separation; Pearl 2009, 1.2.3).

    >>> edges = (("u", "a"), ("u", "m"), ("v", "m"), ("v", "y"))
    >>> blocks_backdoors(edges, "a", "y", ()), blocks_backdoors(edges, "a", "y", ("m",))
    (True, False)
    """
    import networkx as nx

    without = nx.DiGraph([edge for edge in edges if edge[0] != attribute])
    without.add_nodes_from((attribute, outcome))
    return bool(nx.is_d_separator(without, {attribute}, {outcome}, set(held) & set(without)))


def _identified(estimand: object) -> bool:
    estimands = getattr(estimand, "estimands", {})
    return bool(estimands.get("backdoor")) or bool(estimands.get("general_adjustment"))
