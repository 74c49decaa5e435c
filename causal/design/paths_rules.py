"""What must hold for the ``exposure`` part of a study of attributes, whatever the data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from causal.base.errors import listing, nearest
from causal.content.attribute import Kind

if TYPE_CHECKING:
    from causal.design.paths import PathColumns
    from causal.design.study import Study

Said = tuple[str, str]
_LOG = ("position", "propensity", "period", "live")


def path_rules(study: Study) -> Iterator[Said]:
    """Every rule the part breaks: the key, and words that follow it."""
    given = study.exposure
    if given is None:
        return
    yield from _cells(study, given)
    yield from _log(given)
    yield from _flipped(study, given)
    yield from _roles(study, given)


def _cells(study: Study, given: PathColumns) -> Iterator[Said]:
    for one, other in (("ranked", "shown"), ("shown", "ranked")):
        if getattr(given, one) is not None and getattr(given, other) is None:
            yield (
                f"exposure.{one}",
                f"is given without exposure.{other}. The cells are told by both: what the ranker "
                "read and what users saw. Name both columns.",
            )
    if given.ranked is None or given.shown is None:
        if given.pool_share is not None and given.ranked is None and given.shown is None:
            yield (
                "exposure.pool_share",
                "is given without ranked and shown. It is the share of exposure that the cells of "
                "an experiment have; remove it.",
            )
        return
    if given.ranked == given.shown:
        yield "exposure.shown", f"is '{given.shown}', as exposure.ranked is. Name two columns."
    if len(study.attributes) != 1 or study.attributes[0].kind not in (None, Kind.BINARY):
        yield (
            "exposure.ranked",
            f"needs exactly one attribute that is had or not; there are {len(study.attributes)} "
            f"({listing(tuple(each.name for each in study.attributes))}). Ask of one attribute.",
        )
    log = [key for key in (*_LOG, "flipped") if getattr(given, key)]
    if log:
        yield (
            "exposure.ranked",
            f"needs rows that are items, and exposure.{log[0]} rows that are impressions. "
            "Ask in two studies.",
        )
    if study.assignment != "randomized":
        yield (
            "assignment",
            "is 'observational', but exposure.ranked and exposure.shown are randomised cells. "
            "Say 'assignment: randomized', or remove them.",
        )


def _log(given: PathColumns) -> Iterator[Said]:
    needs = (
        ("flipped", "propensity"),
        ("flipped", "item"),
        ("flipped", "period"),
        ("monotone", "item"),
        ("monotone", "period"),
        ("propensity", "position"),
        ("period", "item"),
        ("live", "period"),
    )
    for key, needed in needs:
        if getattr(given, key) and getattr(given, needed) is None:
            yield f"exposure.{key}", f"needs exposure.{needed}. Name its column."
    if given.ranked is None and given.shown is None and given.position is None:
        yield (
            "exposure",
            "names neither position (rows are impressions) nor ranked and shown (rows are items "
            "of a randomised design). Name one of them.",
        )


def _flipped(study: Study, given: PathColumns) -> Iterator[Said]:
    names = tuple(each.name for each in study.attributes)
    if given.flipped and study.weight is not None:
        yield (
            "weight",
            f"is '{study.weight}', but exposure.flipped is given: parts count every impression of "
            "an item once. Remove one of them.",
        )
    for i, each in enumerate(study.attributes):
        if each.name in given.flipped and each.kind not in (None, Kind.BINARY):
            yield (
                f"attributes[{i}].kind",
                f"is '{each.kind}', but exposure.flipped.{each.name} is given. Only an attribute "
                "that is had or not can be flipped.",
            )
    for name in given.flipped:
        if name == "" and len(names) > 1:
            yield (
                "exposure.flipped",
                f"is one column, but there are {len(names)} attributes. Say whose it is: "
                f"{{{names[0]}: {given.flipped['']}}}.",
            )
        elif name and name not in names:
            yield (
                f"exposure.flipped.{name}",
                f"is of '{name}', which is no attribute of the study: {listing(names)}."
                f"{nearest(name, names)}",
            )
    if given.flipped and given.propensity in given.flipped.values():
        yield (
            "exposure.flipped",
            f"is '{given.propensity}', as exposure.propensity is. The flipped probability is what "
            "the ranker gives with the other value of the attribute; log it beside.",
        )


def _roles(study: Study, given: PathColumns) -> Iterator[Said]:
    attributes = {each.name: f"attributes[{i}].name" for i, each in enumerate(study.attributes)}
    held = {
        column: f"{key}[{i}]"
        for key in ("confounders", "modifiers")
        for i, column in enumerate(getattr(study, key))
    }
    for key in ("position", "propensity", "ranked", "shown"):
        column = getattr(given, key)
        if column in attributes:
            yield (
                f"exposure.{key}",
                f"is '{column}', which is an attribute ({attributes[column]}). Exposure comes "
                "after it; name the column of the log.",
            )
        if column is not None and column in held:
            yield (
                f"exposure.{key}",
                f"is '{column}', which is also {held[column]}. What exposure did is not held "
                "fixed in the effect of an attribute; remove it there.",
            )
