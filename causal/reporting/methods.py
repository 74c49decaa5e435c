"""For the data scientist: what was estimated, what was held fixed, and how far to believe it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import count, human, sentence
from causal.reporting._credibility import balance, estimators, nuisances, overlap
from causal.reporting._parts import badge, level_words
from causal.reporting._view import (
    Block,
    Bullets,
    Column,
    Group,
    Section,
    Text,
    name,
    table,
    words,
)

_MULTIPLICITY = {
    "simultaneous": "Simultaneous intervals: the critical value is a quantile of the largest "
    "standardised estimate of the family, from the joint covariance; verdicts use them.",
    "holm": "p-values are adjusted by Holm's method.",
    "bh": "p-values are adjusted by Benjamini and Hochberg's method (false discovery rate).",
    "none": "p-values and intervals are not adjusted for the number of estimates.",
}


def section(result: Mapping[str, Any]) -> Section | None:
    """Collect the method section; closed on screen, open in print."""
    if not result.get("designs"):
        return None
    groups = [
        Group(title="What is estimated", blocks=tuple(_estimand(result))),
        *_grouped("What is held fixed, and why", _adjustment(result)),
        *_grouped("Overlap", overlap(result)),
        *_grouped("Balance, products included", balance(result)),
        *_grouped("Quality of the nuisance models", nuisances(result)),
        *_grouped("The same estimand by several estimators", estimators(result)),
        *_grouped("Multiplicity and interference", _cautions(result)),
    ]
    return Section(
        order=100,
        id="methods",
        chapter="Methods",
        title="For the data scientist",
        closed=True,
        blocks=tuple(groups),
    )


def _grouped(title: str, blocks: list[Block]) -> list[Group]:
    return [Group(title=title, blocks=tuple(blocks))] if blocks else []


def _headline(result: Mapping[str, Any]) -> Mapping[str, Any]:
    designs: list[Mapping[str, Any]] = list(result["designs"])
    found = [each for each in designs if each["name"] == result.get("headline")]
    return found[0] if found else designs[0]


def _estimand(result: Mapping[str, Any]) -> list[Block]:
    design = _headline(result)
    rows = [row for row in result.get("effects", ()) if row.get("design") == design["name"]]
    kinds = list(dict.fromkeys(str(row.get("estimand")) for row in rows)) or ["ATE"]
    study = result.get("study", {})
    blocks: list[Block] = [
        Text(
            text=(
                f"The headline design is \u201c{design['name']}\u201d ({badge(result, design)}). "
                f"It estimates {', '.join(kinds)}: one attribute changed, the others held as observed, on "
                f"{design.get('population') or 'all rows'}; intervals at {level_words(result)}; "
                f"nuisances cross-fitted over {study.get('folds')} folds"
                + (
                    f" by {result['data']['folds_by']}"
                    if result.get("data", {}).get("folds_by")
                    else ""
                )
                + "."
            )
        )
    ]
    if design.get("assumptions"):
        blocks.append(Bullets(title="It holds if", items=tuple(design["assumptions"])))
    if study.get("graph"):
        blocks.append(Bullets(title="Causal graph", items=_edges(study["graph"])))
    refused = [
        f"{sentence(human(key))}: {why}"
        for each in result["designs"]
        for key, why in (each.get("refused") or {}).items()
    ]
    if refused:
        blocks.append(Bullets(title="Refused", items=tuple(dict.fromkeys(refused))))
    return blocks


def _edges(graph: list[list[str]]) -> tuple[str, ...]:
    """The edges of the graph, those from one column in one line."""
    found: dict[str, list[str]] = {}
    for first, second in graph:
        found.setdefault(str(first), []).append(str(second))
    return tuple(f"{first} \u2192 {', '.join(seconds)}" for first, seconds in found.items())


def _adjustment(result: Mapping[str, Any]) -> list[Block]:
    blocks: list[Block] = []
    held = _sets(result)
    if held:
        columns = (Column(label="Design"), Column(label="For"), Column(label="Held fixed"))
        listed = [
            (words(design), words(_short(attributes)), words(said))
            for (design, said), attributes in held.items()
        ]
        blocks.append(table("Adjustment sets", columns, listed, most=20))
    return blocks + _in_out(result)


def _sets(result: Mapping[str, Any]) -> dict[tuple[str, str], list[str]]:
    """Attributes of each design by what is held fixed for them, in words."""
    every = [str(each["name"]) for each in result.get("attributes", ())]
    found: dict[tuple[str, str], list[str]] = {}
    for design in result["designs"]:
        for attribute, columns in (design.get("adjustment") or {}).items():
            others = [each for each in every if each != attribute]
            rest = [each for each in columns if each not in others]
            whole = bool(others) and set(others) <= set(columns)
            said = ["the other attributes", *rest] if whole else list(columns)
            if said:
                found.setdefault((design["name"], _short(said)), []).append(attribute)
    return found


def _in_out(result: Mapping[str, Any]) -> list[Block]:
    if not result.get("columns_in_out"):
        return []
    columns = (
        Column(label="Column"),
        Column(label="Role"),
        Column(label="Adjusted for"),
        Column(label="Why"),
    )
    listed = [
        (
            name(str(each["column"])),
            words(human(str(each.get("role") or ""))),
            words("in" if each.get("used") else "out"),
            words(each.get("why")),
        )
        for each in result["columns_in_out"]
    ]
    return [table("Columns in and out", columns, listed, most=24)]


def _short(names: list[str], most: int = 12) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _cautions(result: Mapping[str, Any]) -> list[Block]:
    study = result.get("study", {})
    given = str(study.get("multiplicity") or "none")
    blocks: list[Block] = [Text(text=_MULTIPLICITY.get(given, given))]
    dropped = [
        f"{count(each['rows'])} rows: {each['reason']}"
        for each in result.get("data", {}).get("dropped", ())
    ]
    if dropped:
        blocks.append(Bullets(title="Rows left out", items=tuple(dropped)))
    if result.get("notes"):
        blocks.append(Bullets(title="Notes", items=tuple(map(str, result["notes"]))))
    return blocks
