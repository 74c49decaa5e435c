"""Paths: how much of an effect is what users see, and how much is the ranker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from causal.content.wording import figure, human, percent, quoted, sentence, signed
from causal.policy.paths import scale, split_of
from causal.policy.reading import Row, clear, label
from causal.reporting._parts import (
    IDENTIFICATIONS,
    forest,
    greyed,
    level_words,
    tone,
    verdict,
)
from causal.reporting._view import (
    Banner,
    Block,
    Cell,
    Column,
    Details,
    Figure,
    Group,
    Section,
    Table,
    Text,
    Tone,
    number,
    table,
    words,
)
from causal.reporting._waterfall import waterfall

NAMES = {"user": "What users see", "ranker": "What the ranker does", "total": "Both"}
ANSWERS: Mapping[str, tuple[str, Tone]] = {
    "yes": ("\u2713 yes", "good"),
    "adjusted": ("adjusted only", "warn"),
    "bounds": ("bounds only", "warn"),
    "no": ("\u2717 no", "quiet"),
}


def section(result: Mapping[str, Any]) -> Section | None:
    """Split each effect that can be split, and say what to log for the rest."""
    found = result.get("paths")
    if not found:
        return None
    blocks: list[Block] = []
    pairs = list(dict.fromkeys((part["attribute"], part["outcome"]) for part in found["parts"]))
    splits = [split for pair in pairs if (split := split_of(found["parts"], *pair))]
    drawn = False
    for split in splits:
        blocks += _split(result, split)
        drawn = True
    if drawn and not greyed(result):
        warning = found["global_warning"]
        blocks.append(Banner(title=warning["title"], text=warning["text"], tone="warn"))
    blocks += _added(result, found)
    blocks += _per_impression(result, found["parts"])
    blocks += _bounds(result, found["parts"])
    blocks += _examination(result, found["examination"])
    blocks.append(_support(found["support"]))
    return Section(
        order=35,
        id="paths",
        chapter="Effects",
        title="What users see, and what the ranker does",
        lead="An attribute acts twice: users take to it, and the ranker, which reads it too, shows "
        "the item more or less. These are different effects, with different uses.",
        blocks=tuple(blocks),
    )


def _split(result: Mapping[str, Any], split: Sequence[Row]) -> list[Block]:
    first = split[0]
    title = f"{sentence(label(result, first))}: {first['amount']} {first['unit']}"
    said = [
        each["words"]
        for each in result["paths"]["sentences"]
        if (each["attribute"], each["outcome"]) == (first["attribute"], first["outcome"])
    ]
    blocks: list[Block] = [Text(text=each) for each in said]
    if split[-1]["value"] is not None:
        blocks.append(_bar(result, split))
    else:
        blocks.append(_table(result, split))
    return [Group(title=title, blocks=tuple(blocks))]


def _bar(result: Mapping[str, Any], split: Sequence[Row]) -> Figure:
    """Bars that add up: users, then the ranker from where users ended, then both."""
    name, amount = str(split[0]["outcome"]), str(split[0]["amount"])
    written = scale(result, name, split)
    at, rows = 0.0, []
    for part in split:
        start = 0.0 if part["part"] == "total" else at
        rows.append(
            {
                "label": NAMES[part["part"]],
                "start": start * written.factor,
                "end": (start + part["value"]) * written.factor,
                "low": _end(start, part, "low") * written.factor,
                "high": _end(start, part, "high") * written.factor,
                "tone": _toned(result, part),
            }
        )
        at += part["value"]
    unit = f" ({written.unit})" if written.unit else ""
    told = "; ".join(
        f"{NAMES[part['part']].lower()} {written.effect(part['value'])}" for part in split
    )
    return Figure(
        title=f"Where the change of {amount} comes from",
        subtitle=f"{sentence(amount)} {split[0]['unit']}; {split[0]['population']}. The second "
        f"bar starts where the first one ends. Line: {level_words(result)} interval of the part, "
        "for all parts at once.",
        describe=f"{sentence(told)}.",
        draw=partial(waterfall, rows, axis=f"Change of {amount} {split[0]['unit']}{unit}"),
        footnote="Light grey: not clear of zero. Dark: clear, and neither good nor bad, since the "
        "exposure that the ranker gives one item another loses.",
        table=_table(result, split),
        open_table=True,
    )


def _toned(result: Mapping[str, Any], part: Row) -> Tone:
    """Good or bad is what users take to; exposure that one item gets another loses."""
    return tone(result, part) if part["part"] == "user" or not clear(part) else "plain"


def _end(start: float, part: Row, end: str) -> float:
    """An end of the interval where the part is drawn; a part that nothing can move is its own end."""
    return start + float(part["value"] if part[end] is None else part[end])


def _table(result: Mapping[str, Any], parts: Sequence[Row]) -> Table:
    name = str(parts[0]["outcome"])
    written = scale(result, name, parts)
    columns = (
        Column(label="Path"),
        Column(label="Effect", unit=written.unit, numeric=True),
        Column(label="Interval", unit=written.unit, numeric=True),
        Column(label="Known by"),
        Column(label="Reading"),
    )
    rows = [
        (
            words(NAMES[part["part"]]),
            number(written.value(part["value"]), part["value"]),
            number(written.interval(part["low"], part["high"]), part["low"]),
            words(IDENTIFICATIONS.get(part["identification"], part["identification"])),
            _reading(result, part),
        )
        for part in parts
    ]
    return table("Parts of the effect", columns, rows)


def _reading(result: Mapping[str, Any], part: Row) -> Cell:
    """The verdict, and whether it is good where that is no matter of who gets the exposure."""
    if part["why"]:
        log = f" {part['log']}" if part["log"] else ""
        return words(f"not estimable: {str(part['why']).rstrip('.')}.{log}", tone="quiet")
    if part["identification"] == "bounds":
        return words("between these ends")
    if part["part"] == "user" or not clear(part):
        return verdict(result, part)
    return words(verdict(result, part).text.partition(" (")[0])


def _added(result: Mapping[str, Any], found: Mapping[str, Any]) -> list[Block]:
    """How much exposure the ranker adds."""
    if greyed(result):
        return []
    replayed = {part["attribute"] for part in found["parts"]
                if part["design"] == "replay" and not part["why"]}  # fmt: skip
    unit = f"item and {human(str(found['period']))}"
    return [
        Text(
            text=f"For {quoted(human(each['attribute']))} the ranker adds "
            f"{signed(each['value'], 2)} impressions per {unit} "
            f"({signed(each['low'], 2)} to {signed(each['high'], 2)})."
        )
        for each in found["added"]
        if each["attribute"] in replayed
    ]


def _per_impression(result: Mapping[str, Any], parts: Sequence[Row]) -> list[Block]:
    """What users see, impression by impression, under each policy."""
    own = [part for part in parts if part["unit"].startswith("per impression")]
    blocks: list[Block] = []
    for name in dict.fromkeys(part["outcome"] for part in own):
        listed = [part for part in own if part["outcome"] == name]
        written = scale(result, name, listed)
        unit = written.unit or written.heading
        columns = (
            Column(label="Attribute"),
            Column(label="Traffic"),
            Column(label="Effect", unit=unit, numeric=True),
            Column(label="Interval", unit=unit, numeric=True),
            Column(label="Known by"),
            Column(label="Reading"),
        )
        rows = [
            (
                words(sentence(label(result, part))),
                words(_traffic(part)),
                number(written.value(part["value"]), part["value"]),
                number(written.interval(part["low"], part["high"]), part["low"]),
                words(IDENTIFICATIONS.get(part["identification"], part["identification"])),
                _reading(result, part),
            )
            for part in listed
        ]
        drawn = [
            {
                "label": f"{sentence(label(result, part))} \u00b7 {_traffic(part)}",
                "estimate": part["value"] * written.factor,
                "low": part["low"] * written.factor,
                "high": part["high"] * written.factor,
                "tone": tone(result, part),
                "filled": clear(part) and not greyed(result),
            }
            for part in listed
            if part["value"] is not None
        ]
        blocks.append(
            Figure(
                title=f"What users see: {human(name)} per impression",
                subtitle=f"Exposure stays as it is; only what users see changes.{_both(listed)} "
                f"Line: {level_words(result)} interval, for all of one traffic at once.",
                describe="The effect of each attribute per impression with its interval.",
                draw=forest(drawn, axis=f"Effect on {human(name)} ({unit})", labels=230),
                footnote="Filled dot: clear effect.",
                table=table(f"Effect on {human(name)} per impression", columns, rows),
                open_table=True,
            )
        )
    return blocks


def _both(listed: Sequence[Row]) -> str:
    if len({_traffic(part) for part in listed}) < 2:
        return ""
    return (
        " Once on the traffic that was shown at random, once weighted to the traffic that the "
        "ranker chooses."
    )


def _traffic(part: Row) -> str:
    return str(part["unit"]).removeprefix("per impression, ").removesuffix(" traffic")


def _bounds(result: Mapping[str, Any], parts: Sequence[Row]) -> list[Block]:
    own = [part for part in parts if part["design"] == "bounds"]
    if not own:
        return []
    blocks: list[Block] = [
        Text(
            text="The ranker's part has no point here, only ends: its propensities with the flag "
            "flipped were not logged, and it was declared that having the attribute never lowers "
            "an item's score. So the ranker took nothing away, and can have brought no more than "
            "all that these items had."
        )
    ]
    for name in dict.fromkeys(part["outcome"] for part in own):
        listed = [part for part in own if part["outcome"] == name]
        blocks.append(_table(result, listed))
    return [Group(title="Bounds of what the ranker does", blocks=tuple(blocks))]


def _examination(result: Mapping[str, Any], curve: Sequence[Row]) -> list[Block]:
    if not curve:
        return []
    rows = [
        {
            "label": f"Slot {each['slot']}",
            "estimate": each["value"],
            "low": each["low"],
            "high": each["high"],
            "tone": "plain",
            "filled": True,
        }
        for each in curve
    ]
    listed = [
        (
            words(f"Slot {each['slot']}"),
            number(figure(each["value"]), each["value"]),
            number(f"{figure(each['low'])} to {figure(each['high'])}", each["low"]),
        )
        for each in curve
    ]
    shown = Figure(
        title="How much is seen of each slot",
        subtitle="Outcome of a slot over that of the first, on exploration traffic; "
        f"{level_words(result)} band over all slots",
        describe="The ratio of each slot to the first, with its interval.",
        draw=forest(rows, axis="Of the first slot", zero=1.0),
        table=table(
            "Examination by slot",
            (
                Column(label="Slot"),
                Column(label="Of the first", numeric=True),
                Column(label="Band", numeric=True),
            ),
            listed,
        ),
    )
    last = curve[-1]
    title = f"Examination: slot {last['slot']} gets {percent(last['value'])} of what the first gets"
    return [Details(title=title, blocks=(shown,))]


def _stopped(text: str) -> str:
    return sentence(text) + ("" if text.endswith(".") else ".")


def _support(listed: Sequence[Row]) -> Table:
    columns = (
        Column(label="Question"),
        Column(label="Told here"),
        Column(label="By what, or what to log"),
    )
    rows = [
        (
            words(each["question"]),
            words(ANSWERS[each["answer"]][0], tone=ANSWERS[each["answer"]][1]),
            words(" ".join(_stopped(text) for text in (each["by"], each["log"]) if text)),
        )
        for each in listed
    ]
    return table("What this table can tell, and what would have to be logged", columns, rows)
