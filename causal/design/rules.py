"""What must hold between the parts of a study, whatever the data: each broken rule by its key."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from causal.base.catalog import names
from causal.base.errors import listing, nearest
from causal.content.attribute import Attribute, Kind
from causal.design.paths_rules import path_rules
from causal.design.roles import named_columns

if TYPE_CHECKING:
    from causal.design._common import CommonStudy
    from causal.design.study import Study


class Broken(NamedTuple):
    """A rule that a study breaks: at which key, and in words that follow the key."""

    key: str
    words: str


class BrokenRulesError(ValueError):
    """A study breaks rules; ``broken`` lists them all."""

    def __init__(self, broken: tuple[Broken, ...]) -> None:
        super().__init__(" ".join(f"{key} {words}" for key, words in broken))
        self.broken = broken


def broken_rules(study: Study) -> tuple[Broken, ...]:
    """Every rule the study breaks, in the order of its keys."""
    rules = (
        slug,
        _repeated_columns,
        _ways_of_clustering,
        _attributes,
        _repeated_names,
        _known_propensity,
        _margins,
        _roles_given_twice,
        _post_outcome_refused,
        _graph,
        _known_estimators,
        _paths,
    )
    return tuple(broken for rule in rules for broken in rule(study))


def slug(study: CommonStudy) -> Iterator[Broken]:
    """Refuse a name that no folder can have."""
    name = study.study
    plain = re.fullmatch(r"[^\W_](?:[\w.-]*[\w-])?", name) is not None
    if plain and ".." not in name and name.casefold().split(".")[0] not in _RESERVED:
        return
    better = re.sub(r"[^\w]+", "-", name).strip("-_") or "headline-style"
    better = f"{better}-study" if better.casefold() in _RESERVED else better
    yield Broken(
        "study",
        f"is {name!r}, which cannot name the output folder. Use letters, digits, '-', '_' and "
        f"'.', starting with a letter or digit: for instance '{better}'.",
    )


_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{i}" for port in ("com", "lpt") for i in range(1, 10))]
)
_LISTS = (
    "unit", "cluster", "block", "confounders", "modifiers", "mediators", "negative_controls",
    "post_outcome",
)  # fmt: skip


def repeats(values: Iterable[str]) -> Iterator[tuple[int, str, int]]:
    """Each value that was there before: its place, itself, and the first place."""
    first: dict[str, int] = {}
    for i, value in enumerate(values):
        if value in first:
            yield i, value, first[value]
        first.setdefault(value, i)


def _repeated_columns(study: Study) -> Iterator[Broken]:
    for key in _LISTS:
        for i, column, first in repeats(getattr(study, key)):
            yield Broken(f"{key}[{i}]", f"is '{column}', as {key}[{first}] is. Keep one.")


def _ways_of_clustering(study: Study) -> Iterator[Broken]:
    if len(study.cluster) > 2:
        yield Broken(
            "cluster",
            f"names {len(study.cluster)} columns ({listing(study.cluster)}). "
            "Name one column, or two for two-way clusters.",
        )


def _repeated_names(study: Study) -> Iterator[Broken]:
    for key in ("attributes", "outcomes"):
        for i, name, first in repeats(each.name for each in getattr(study, key)):
            yield Broken(
                f"{key}[{i}].name",
                f"is '{name}', as {key}[{first}].name is. Give each its own name, or keep one.",
            )
        for i, each in enumerate(getattr(study, key)):
            if not each.name.strip():
                yield Broken(f"{key}[{i}].name", "is empty. Give it a name.")


def _attributes(study: Study) -> Iterator[Broken]:
    for i, attribute in enumerate(study.attributes):
        for key, words in _attribute(attribute):
            yield Broken(f"attributes[{i}]{key}", words)


def _attribute(attribute: Attribute) -> Iterator[Broken]:
    kind, contrast = attribute.kind, attribute.contrast
    if contrast is not None:
        if not all(math.isfinite(end) for end in contrast):
            yield Broken(".contrast", f"is {list(contrast)}. Both ends must be finite numbers.")
        elif contrast[0] == contrast[1]:
            yield Broken(
                ".contrast", f"is {list(contrast)}: both ends are equal, so nothing is compared."
            )
        if kind not in (None, Kind.CONTINUOUS):
            yield Broken(
                ".contrast",
                f"is given, but kind is '{kind}'. Only a continuous attribute has a contrast; "
                "a categorical one has a reference.",
            )
        if attribute.reference is not None:
            yield Broken(
                ".reference",
                "and contrast are both given. A continuous attribute has a contrast, "
                "a binary or categorical one a reference.",
            )
    if isinstance(attribute.reference, list | dict):
        yield Broken(".reference", f"is {attribute.reference!r}. Give one level.")
    if kind == Kind.CONTINUOUS:
        yield from _continuous(attribute)


def _continuous(attribute: Attribute) -> Iterator[Broken]:
    if attribute.reference is not None and attribute.contrast is None:
        yield Broken(
            ".reference",
            f"is {attribute.reference!r}, but kind is 'continuous'. "
            "Give 'contrast: [from, to]' instead.",
        )
    if attribute.propensity is not None:
        yield Broken(
            ".propensity",
            "is given, but kind is 'continuous'. Only binary and categorical attributes have "
            "assignment probabilities; remove it.",
        )
    if attribute.estimand != "ATE":
        yield Broken(
            ".estimand",
            f"is '{attribute.estimand}', but kind is 'continuous', whose estimand is the slope. "
            "Remove it.",
        )


def _known_propensity(study: Study) -> Iterator[Broken]:
    for i, attribute in enumerate(study.attributes):
        known = attribute.propensity
        if known in ("", {}) or (isinstance(known, dict) and not all(known.values())):
            yield Broken(f"attributes[{i}].propensity", "is empty. Name a column, or remove it.")
        if isinstance(known, str) and attribute.kind == Kind.CATEGORICAL:
            yield Broken(
                f"attributes[{i}].propensity",
                f"is '{known}', but kind is 'categorical'. Name a column for each level: "
                "{level: column, ...}.",
            )
    if study.propensity is None:
        return
    if len(study.attributes) > 1:
        yield Broken(
            "propensity",
            f"is '{study.propensity}', but there are {len(study.attributes)} attributes. Give "
            f"each its own: {{name: {study.attributes[0].name}, propensity: {study.propensity}}}.",
        )
    elif study.attributes[0].propensity is not None:
        yield Broken("propensity", "and attributes[0].propensity are both given. Keep one.")
    elif study.attributes[0].kind not in (None, Kind.BINARY):
        yield Broken(
            "propensity",
            f"is '{study.propensity}', but attributes[0].kind is '{study.attributes[0].kind}'. "
            "One probability column serves a binary attribute only.",
        )


def _margins(study: Study) -> Iterator[Broken]:
    for i, outcome in enumerate(study.outcomes):
        if outcome.margin is not None and not math.isfinite(outcome.margin):
            yield Broken(f"outcomes[{i}].margin", f"is {outcome.margin}. Give a finite number.")
        if any(not column.strip() for column in outcome.columns):
            yield Broken(f"outcomes[{i}]", "has an empty column name. Name a column.")
        if outcome.is_ratio and outcome.numerator == outcome.denominator:
            yield Broken(
                f"outcomes[{i}].denominator",
                f"is '{outcome.denominator}', as the numerator is: the ratio is always 1.",
            )


_ONE_ONLY = {
    "attribute": "an attribute",
    "outcome": "an outcome",
    "confounder": "a confounder",
    "mediator": "a mediator",
    "negative_control": "a negative control",
    "post_outcome": "after the outcome",
}


def _roles_given_twice(study: Study) -> Iterator[Broken]:
    given: dict[str, dict[str, str]] = {}
    for role, key, column in named_columns(study):
        if role in _ONE_ONLY and not key.endswith(".denominator"):
            given.setdefault(column, {}).setdefault(role, key)
    for column, roles in given.items():
        if len(roles) > 1:
            words = " and ".join(f"{_ONE_ONLY[role]} ({key})" for role, key in roles.items())
            yield Broken(
                list(roles.values())[-1],
                f"is '{column}', which has two roles: {words}. "
                "A column has one of these roles; remove it from the others.",
            )
    if "attribute" in given.get(study.exploration or "", {}):
        yield Broken(
            "exploration",
            f"is '{study.exploration}', which is an attribute. It marks the rows whose exposure "
            "was randomised, so it cannot be one.",
        )


_USES = ("modifier", "block", "weight", "exploration", "propensity", "count", "shares")


def _post_outcome_refused(study: Study) -> Iterator[Broken]:
    outcomes = [each.column or each.numerator for each in study.outcomes]
    for role, key, column in named_columns(study):
        if role in _USES and column in study.post_outcome:
            listed = "listed in post_outcome"
        elif role in ("modifier", "block") and column in outcomes:
            listed = "an outcome"
        else:
            continue
        yield Broken(
            key,
            f"is '{column}', which is {listed}. What is known only with or after the outcome "
            "cannot shape the comparison; remove it here.",
        )


def _graph(study: Study) -> Iterator[Broken]:
    for i, (start, end) in enumerate(study.graph):
        if start == end:
            yield Broken(f"graph[{i}]", f"leads from '{start}' to itself. Remove it.")
    for i, edge, first in repeats(f"{a} -> {b}" for a, b in study.graph):
        yield Broken(f"graph[{i}]", f"is {edge}, as graph[{first}] is. Keep one.")
    cycle = _cycle(study.graph)
    if cycle:
        yield Broken(
            "graph",
            f"runs in a circle: {' -> '.join(cycle)}. Causes come before effects; "
            "remove or turn one of these edges.",
        )


def _cycle(edges: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Name the nodes of one circle, first again at the end; () when there is none."""
    after: dict[str, list[str]] = {}
    for start, end in edges:
        if start != end:
            after.setdefault(start, []).append(end)
    done: set[str] = set()
    for root, ends in after.items():
        path: list[str] = [root]
        open_ends = [iter(ends)]
        while path:
            step = next((each for each in open_ends[-1] if each not in done), None)
            if step is None:
                done.add(path.pop())
                open_ends.pop()
            elif step in path:
                return (*path[path.index(step) :], step)
            else:
                path.append(step)
                open_ends.append(iter(after.get(step, ())))
    return ()


def _known_estimators(study: Study) -> Iterator[Broken]:
    if not study.settings.estimators:
        return
    known = names("causal.estimation")
    for i, name in enumerate(study.settings.estimators):
        if name not in known:
            yield Broken(
                f"settings.estimators[{i}]",
                f"is '{name}'. Allowed: {listing(known)}.{nearest(name, known)}",
            )
    for i, name, first in repeats(study.settings.estimators):
        yield Broken(
            f"settings.estimators[{i}]", f"is '{name}', as settings.estimators[{first}] is."
        )


def _paths(study: Study) -> Iterator[Broken]:
    for key, words in path_rules(study):
        yield Broken(key, words)
