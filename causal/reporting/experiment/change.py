"""What would change the decision: other choices, one at a time, and more units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import NOTHING, count, human, percent, sentence, together
from causal.policy.evidence import FARTHEST
from causal.reporting._view import Block, Cell, Column, Section, Text, number, table, words
from causal.reporting.experiment._rows import Row, greyed, scale, shared


def section(result: Mapping[str, Any]) -> Section | None:
    """List what would read otherwise, had one thing been chosen otherwise, and what comes with time."""
    tried = result["tried"]
    if greyed(result) or shared(result) or not tried:
        return None
    found, other = result["changes"], [row for row in result["verdicts"] if not row["same"]]
    said = together(tried[:4]) + (f" and {len(tried) - 4} more" if len(tried) > 4 else "")
    blocks: list[Block] = []
    if other:
        blocks.append(_verdicts(other))
    if found:
        blocks.append(_table(result, found))
    blocks.append(Text(text=f"Tried one at a time: {said}.", style="note"))
    if result["later"]:
        blocks.append(_later(result))
    return Section(
        order=80,
        id="change",
        chapter="Decision",
        title=_title(result, found, other),
        lead=_lead(found, other),
        blocks=tuple(blocks),
    )


def _title(result: Row, found: list[Row], other: list[Row]) -> str:
    if other:
        return f"{len(other)} of {len(result['tried'])} other choices would change the verdict"
    return "What would read otherwise" if found else "Nothing that was tried reads otherwise"


def _lead(found: list[Row], other: list[Row]) -> str:
    if other:
        return ""
    if found:
        return "The verdict would be the same with each of them; these intervals would not."
    return "Every interval that decides stays on its side, whatever was chosen in its place."


def _verdicts(other: list[Row]) -> Any:
    columns = (Column(label="With"), Column(label="The verdict would be"))
    rows = [
        (
            words(each["what"]),
            words(f"{each['word']} {each['arm'] or ''}".rstrip(), tone="warn"),
        )
        for each in other
    ]
    return table("What would change the verdict", columns, rows)


def _table(result: Row, found: list[Row]) -> Any:
    columns = (
        Column(label="With"),
        Column(label="Metric"),
        Column(label="Arm"),
        Column(label="Interval as it is", numeric=True),
        Column(label="Interval then", numeric=True),
        Column(label="Of"),
        Column(label="Then"),
    )
    rows = [
        (
            words(each["what"]),
            words(sentence(human(each["outcome"]))),
            words(each["arm"]),
            words(scale(result, each["outcome"]).interval(each["low"], each["high"])),
            words(scale(result, each["outcome"]).interval(each["then_low"], each["then_high"])),
            words(each["of"]),
            _then(each),
        )
        for each in found
    ]
    return table("What would read otherwise", columns, rows)


def _then(each: Row) -> Cell:
    """Whether a finding appears, is lost, or turns round."""
    now, then = (_side(each["low"], each["high"]), _side(each["then_low"], each["then_high"]))
    if now and then:
        return words("\u21c4 turns round", tone="bad")
    return words("\u25cb no longer clear", tone="warn") if now else words("\u25cf clear")


def _side(low: float | None, high: float | None) -> int:
    if low is None or high is None:
        return 0
    return 1 if low > 0 else -1 if high < 0 else 0


def _later(result: Row) -> Any:
    """The smallest effect that can be found now, and with more weeks."""
    rows = result["later"]
    ahead = [f"In {each['days']} days" for each in rows[0]["ahead"]]
    columns = (
        Column(label="Metric"),
        Column(label="Worth finding", unit="%", numeric=True),
        Column(label="Now", unit="%", numeric=True),
        *(Column(label=each, unit="%", numeric=True) for each in ahead),
        Column(label="Days more to find it", numeric=True),
    )
    now = {each["metric"]: each for each in result["precision"]}
    listed = [
        (
            words(sentence(human(each["metric"]))),
            _share(now[each["metric"]]["wanted"]),
            _share(now[each["metric"]]["reached"]),
            *(_share(at["reached"]) for at in each["ahead"]),
            _days(each["days_to_target"]),
        )
        for each in rows
    ]
    units = ", ".join(count(each["units"]) for each in rows[0]["ahead"])
    return table(
        "The smallest effect that can be found, with more units",
        columns,
        listed,
        note=f"With {units} units of randomisation, if they keep coming as in the last week; found "
        f"with a chance of {percent(result['analysis']['power'])}, relative to the control.",
    )


def _share(value: float | None) -> Cell:
    return number(percent(value), value)


def _days(value: int | None) -> Cell:
    if value == 0:
        return words("reached")
    if value is not None and value > FARTHEST:
        return number("not within two years", value)
    return number(NOTHING if value is None else count(value), value)
