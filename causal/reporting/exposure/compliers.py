"""Whose exposure the instrument moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import figure, human, percent, sentence
from causal.reporting._view import Block, Column, Section, Text, number, table, words


def section(result: Mapping[str, Any]) -> Section | None:
    """Describe those whose exposure was moved beside everybody."""
    if not result["compliers"]:
        why = result["why_no_compliers"]
        if not why:
            return None
        return Section(
            order=30,
            id="moved",
            chapter="Worth",
            title="Whose exposure was moved is not told",
            blocks=(Text(text=f"{sentence(why)}."),),
        )
    blocks: list[Block] = [Text(text=_shares(result, each)) for each in result["compliers"]]
    blocks += [_means(result, each) for each in result["compliers"]]
    return Section(
        order=30,
        id="moved",
        chapter="Worth",
        title="Whose exposure was moved",
        lead="The worth is that of these, not of everybody. They cannot be named one by one; their "
        "means can be told.",
        blocks=tuple(blocks),
    )


def _had(result: Mapping[str, Any]) -> str:
    had = result["study"]["had"]
    return (
        "had exposure" if result["dose"]["binary"] or had == 0 else f"had more than {figure(had)}"
    )


def _shares(result: Mapping[str, Any], each: Mapping[str, Any]) -> str:
    had = _had(result)
    arm = each["instrument"].replace(" - ", " against ")
    return (
        f"{arm}: {percent(each['share'])} {had} because of the arm they were in; "
        f"{percent(each['always'])} {had} in either arm, {percent(each['never'])} in neither."
    )


def _means(result: Mapping[str, Any], each: Mapping[str, Any]) -> Block:
    level = percent(result["study"]["level"])
    columns = (
        Column(label="Mean of"),
        Column(label="Those moved", numeric=True),
        Column(label=f"{level} interval", numeric=True),
        Column(label="Everybody", numeric=True),
    )
    rows = [
        (
            words(sentence(human(mean["name"]))),
            number(figure(mean["moved"]["value"]), mean["moved"]["value"]),
            number(
                f"{figure(mean['moved']['low'])} to {figure(mean['moved']['high'])}"
                if mean["moved"]["low"] is not None
                else "no bound",
                mean["moved"]["low"],
            ),
            number(figure(mean["everyone"]), mean["everyone"]),
        )
        for mean in each["means"]
    ]
    several = len(result["compliers"]) > 1
    arm = f" by {each['instrument'].replace(' - ', ' against ')}" if several else ""
    return table(f"Those moved{arm}, beside everybody", columns, rows)
