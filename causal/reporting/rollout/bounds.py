"""How far the effect holds when trends were not alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import Scale, figure, percent, scale_of
from causal.reporting._parts import forest
from causal.reporting._view import (
    Block,
    Column,
    Figure,
    Group,
    Section,
    Table,
    Text,
    number,
    table,
    words,
)
from causal.reporting.rollout._parts import (
    axis,
    outcome_of,
    outcomes,
    silent,
    stop_of,
    titled,
    unit_of,
    why_silent,
)


def section(result: Mapping[str, Any]) -> Section | None:
    """Show bounds on trends, and what the periods before adoption would have missed."""
    made = [own for own in outcomes(result) if own["pretrend"] is not None or own["bounds"]]
    if not made:
        return None
    return Section(
        order=60,
        id="trends",
        chapter="Trust",
        title="If they would not have moved alike",
        lead="The effect assumes that adopters would have moved as the others did. That cannot be "
        "seen after adoption; before it, it can, and how far it may fail after it can be bounded.",
        blocks=tuple(Group(title=titled(own), blocks=tuple(_blocks(result, own))) for own in made),
    )


def _blocks(result: Mapping[str, Any], own: Mapping[str, Any]) -> list[Block]:
    blocks: list[Block] = []
    if own["pretrend"] is not None:
        blocks.append(Text(text=_pretrend(result, own)))
    if own["bounds"] and not stop_of(result, own):
        blocks += [_figure(result, own), Text(text=_breakdown(own))]
    elif own["first"]["bounds"] and not stop_of(result, own):
        said = (
            "Bounds on the mean effect need every time since adoption, and some have no estimate."
        )
        blocks += [Text(text=said), _table(own, _scale(result, own)), Text(text=_breakdown(own))]
    if silent(result, own):
        blocks.append(Text(text=why_silent(result, own), style="note"))
    return blocks


def _pretrend(result: Mapping[str, Any], own: Mapping[str, Any]) -> str:
    found = [
        each
        for each in result["findings"]
        if each["name"] == "pre-trend" and own["outcome"] in each["columns"]
    ]
    said = str(found[0]["meaning"]) if found else ""
    slope = own["pretrend"]["slope_80"]
    if slope:
        written = _scale(result, own)
        size = f"{figure(slope * written.factor, 2)} {written.unit}".rstrip()
        said += f" Four times of five it would find one of {size}."
    return said


def _scale(result: Mapping[str, Any], own: Mapping[str, Any]) -> Scale:
    known = own["bounds"] or own["first"]["bounds"]
    rows = [{"ci_low": each["low"], "ci_high": each["high"]} for each in known]
    return scale_of(outcome_of(result, own["outcome"]), rows)


def _label(each: Mapping[str, Any], written: Scale) -> str:
    if each["restriction"] == "relative":
        return f"Steps up to {figure(each['size'], 2)} \u00d7 before"
    if not each["size"]:
        return "Straight trends"
    size = f"{figure(each['size'] * written.factor, 2)} {written.unit}".rstrip()
    return f"Slope changes by {size}"


def _figure(result: Mapping[str, Any], own: Mapping[str, Any]) -> Figure:
    written, overall = _scale(result, own), own["overall"]
    quiet = silent(result, own)

    def row(label: str, low: float, high: float) -> dict[str, Any]:
        clear = low > 0 or high < 0
        return {
            "label": label,
            "estimate": (low + high) / 2 * written.factor,
            "low": low * written.factor,
            "high": high * written.factor,
            "tone": "plain" if clear and not quiet else "quiet",
            "filled": clear and not quiet,
        }

    rows = [row("Trends alike", overall["ci_low"], overall["ci_high"])] + [
        row(_label(each, written), each["low"], each["high"]) for each in own["bounds"]
    ]
    groups = (
        1,
        sum(each["restriction"] == "relative" for each in own["bounds"]),
        sum(each["restriction"] == "smooth" for each in own["bounds"]),
    )
    level = percent(result["study"]["level"])
    return Figure(
        title=f"{titled(own)}: the effect under bounds on trends",
        subtitle=f"{level} intervals of the mean effect. First if trends were alike; then if steps "
        "after adoption are up to so many times the largest one before; then if the slope changes by "
        "up to so much a period. Grey: zero is inside.",
        describe="; ".join(
            f"{each['label']} {written.interval(each['low'] / written.factor, each['high'] / written.factor)}"
            for each in rows
        ),
        draw=forest(
            rows,
            axis=axis(result, own, written),
            groups=[each for each in groups if each],
        ),
        table=_table(own, written),
    )


def _table(own: Mapping[str, Any], written: Scale) -> Table:
    columns = (
        Column(label="Trends"),
        *(
            Column(label=label, unit=unit_of(written), numeric=True)
            for label, made in _bounded(own)
            if made["bounds"]
        ),
    )
    both = [made["bounds"] for _, made in _bounded(own) if made["bounds"]]
    rows = [
        (
            words(_label(line[0], written)),
            *(number(written.interval(each["low"], each["high"]), each["low"]) for each in line),
        )
        for line in zip(*both, strict=True)
    ]
    return table(f"{titled(own)} under bounds on trends", columns, rows)


def _bounded(own: Mapping[str, Any]) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    return ("Mean effect", own), ("Period of adoption", own["first"])


def _breakdown(own: Mapping[str, Any]) -> str:
    """From where on zero is inside, for each effect that has bounds."""
    subjects = ("the mean effect", "the effect in the period of adoption alone")
    return " ".join(
        _breaks(made, subject)
        for subject, (_, made) in zip(subjects, _bounded(own), strict=True)
        if made["bounds"]
    )


def _breaks(made: Mapping[str, Any], subject: str) -> str:
    if made["breakdown_beyond"]:
        return (
            f"Of {subject}, zero stays out even if steps were ten times the largest one before "
            "adoption."
        )
    if not made["breakdown"]:
        return f"Of {subject}, zero is not excluded even if the two had moved alike."
    return (
        f"Of {subject}, zero comes in once steps may be {figure(made['breakdown'], 2)} times the "
        "largest one before adoption."
    )
