"""Who: the effect by segment, each tested against the average."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import Scale, chance, count, human, sentence
from causal.policy.reading import effects, label, scale
from causal.reporting import _forest
from causal.reporting._parts import counted, forest
from causal.reporting._view import (
    Block,
    Cell,
    Column,
    Details,
    Figure,
    Section,
    Table,
    Text,
    number,
    table,
    words,
)

MOST = 4
MOST_MORE = 3
MOST_TESTS = 10
MOST_FOLDED = 60
MOST_EFFECTS = 40  # a page with more has no room left for every test
NOTABLE = 0.05
_LUCK = (
    "Each row tests that all segments have the average effect; the smallest p first. With many "
    "rows some small p are expected by luck alone."
)
_DAYS = "mon tue wed thu fri sat sun"
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec"


def section(result: Mapping[str, Any]) -> Section | None:
    """Show for whom the effect differs from its average."""
    given = [each for each in result.get("segments", ()) if each.get("values")]
    if not given:
        return None
    ranked = sorted(given, key=_chance)
    return Section(
        order=50,
        id="who",
        chapter="Who",
        title="For whom",
        lead=_lead(given),
        blocks=(
            *_tests(result, ranked),
            *_drawn(result, ranked),
            *_rest(result, ranked[MOST:]),
            *_hidden(result),
        ),
    )


def _chance(each: Mapping[str, Any]) -> tuple[float, str, str, str, str]:
    p = (each.get("tests") or {}).get("p_value")
    return (
        2.0 if p is None else p,
        each["outcome"],
        each["attribute"],
        str(each["contrast"]),
        each["segment"],
    )


def _lead(given: list[Mapping[str, Any]]) -> str:
    """Say whether any segment stands out, allowing for how many were looked at."""
    tested = [each for each in given if _chance(each)[0] <= 1]
    if not tested:
        return "Each segment's effect is compared with the average over all."
    notable = _notable(given)
    looked = f"{len(tested)} tests of difference from the average were made"
    if not notable:
        return f"No clear difference between segments: {looked}, and none stands out among so many."
    names = "; ".join(
        f"{human(each['attribute'])} by {human(each['segment'])}" for each in notable[:3]
    )
    out = "one stands" if len(notable) == 1 else f"{len(notable)} stand"
    return f"{looked}; {out} out even among so many: {names}."


def _notable(given: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Segmentations that stand out, allowing for how many were tested (Bonferroni)."""
    tested = [each for each in given if _chance(each)[0] <= 1]
    return [each for each in tested if _chance(each)[0] < NOTABLE / len(tested)]


def _drawn(result: Mapping[str, Any], ranked: list[Mapping[str, Any]]) -> list[Block]:
    """Figures of what stands out; when nothing does, the first few wait behind a line."""
    shown = ranked[:MOST]
    note = Text(
        style="note",
        text="Dot and lines: the segment alone, with its own and the "
        "simultaneous interval. Cross: shrunk towards the average, the better guess for "
        "one segment. All on one axis.",
    )
    figures = _figures(result, shown)
    if _notable(ranked):
        return [note, *figures]
    return [
        Details(
            title=f"The {len(figures)} segmentations with the smallest p, drawn",
            blocks=(note, *figures),
        )
    ]


def _tests(result: Mapping[str, Any], ranked: list[Mapping[str, Any]]) -> list[Block]:
    """The tests with the smallest p; the rest behind a line, unless there are very many."""
    first, rest = ranked[:MOST_TESTS], ranked[MOST_TESTS:]
    caption = "Does the effect differ between segments?"
    if not _room(result, ranked):
        return [_tested(result, ranked, caption)]
    if not rest:
        return [_tested(result, first, caption)]
    more = f"{len(rest)} more tests, with larger p"
    folded = Details(title=more, blocks=(_tested(result, rest, more, note=""),))
    return [_tested(result, first, caption), folded]


def _room(result: Mapping[str, Any], ranked: list[Mapping[str, Any]]) -> bool:
    return len(ranked) <= MOST_FOLDED and len(effects(result)) <= MOST_EFFECTS


def _tested(
    result: Mapping[str, Any],
    ranked: list[Mapping[str, Any]],
    caption: str,
    note: str = _LUCK,
) -> Table:
    columns = (
        Column(label="Attribute"),
        Column(label="Outcome"),
        Column(label="By"),
        Column(label="Segments", numeric=True),
        Column(label="Statistic", numeric=True),
        Column(label="df", numeric=True),
        Column(label="p", numeric=True),
    )
    listed = []
    for each in ranked:
        tests = each.get("tests") or {}
        listed.append(
            (
                words(_name(result, each)),
                words(human(each["outcome"])),
                words(human(each["segment"])),
                counted(len(each["values"])),
                number(
                    "\u2013" if tests.get("statistic") is None else f"{tests['statistic']:.1f}",
                    tests.get("statistic"),
                ),
                counted(tests.get("df")),
                number(chance(tests.get("p_value")), tests.get("p_value")),
            )
        )
    most = MOST_FOLDED if _room(result, ranked) else MOST_TESTS
    return table(caption, columns, listed, most=most, note=note)


def _name(result: Mapping[str, Any], each: Mapping[str, Any]) -> str:
    return sentence(label(result, each))


def _figures(result: Mapping[str, Any], drawn: list[Mapping[str, Any]]) -> list[Block]:
    """Small multiples; those on one outcome share one axis."""
    spans: dict[str, tuple[float, float]] = {}
    for outcome in dict.fromkeys(each["outcome"] for each in drawn):
        rows = [
            row
            for each in drawn
            if each["outcome"] == outcome
            for row in _rows(each, scale(result, outcome))
        ]
        spans[outcome] = _forest.span(rows)
    return [_figure(result, each, spans[each["outcome"]]) for each in drawn]


def _rows(each: Mapping[str, Any], written: Scale) -> list[dict[str, Any]]:
    def scaled(value: float | None) -> float | None:
        return None if value is None else value * written.factor

    return [
        {
            "label": str(value["segment_value"]),
            "estimate": scaled(value.get("estimate")),
            "low": scaled(value.get("ci_low")),
            "high": scaled(value.get("ci_high")),
            "wide_low": scaled(value.get("simultaneous_low")),
            "wide_high": scaled(value.get("simultaneous_high")),
            "raw": scaled(value.get("shrunken")),
            "tone": "quiet",
            "filled": True,
        }
        for value in _ordered(each["values"])
        if not value.get("hidden")
    ]


def _ordered(values: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Days of the week and months in their own order; everything else as it came."""
    for names in (_DAYS, _MONTHS):
        places = [names.find(str(each["segment_value"])[:3].lower()) for each in values]
        if all(
            place >= 0 and len(str(each["segment_value"])) >= 3
            for place, each in zip(places, values, strict=True)
        ):
            return [
                each
                for _, each in sorted(zip(places, values, strict=True), key=lambda pair: pair[0])
            ]
    return values


def _figure(
    result: Mapping[str, Any], each: Mapping[str, Any], span: tuple[float, float]
) -> Figure:
    written = scale(result, each["outcome"])
    what, by = _name(result, each), human(each["segment"])
    return Figure(
        title=f"{what} by {by}",
        subtitle=f"Effect on {human(each['outcome'])}, in {written.heading}, design "
        f"\u201c{each['design']}\u201d",
        describe=f"Effect in each segment of {by} with its interval.",
        draw=forest(
            _rows(each, written),
            domain=span,
            axis=f"Effect on {human(each['outcome'])} ({written.heading})",
        ),
        table=_table(each, written, f"{what} by {by}"),
    )


def _table(each: Mapping[str, Any], written: Scale, caption: str) -> Table:
    unit = written.unit or written.heading
    columns = (
        Column(label=sentence(human(each["segment"]))),
        Column(label="Effect", unit=unit, numeric=True),
        Column(label="Interval, alone", unit=unit, numeric=True),
        Column(label="Shrunken", unit=unit, numeric=True),
        Column(label="From the average", unit=unit, numeric=True),
        Column(label="p of that", numeric=True),
        Column(label="Rows", numeric=True),
    )
    return table(
        caption, columns, [_cells(value, written) for value in _ordered(each["values"])], most=24
    )


def _cells(value: Mapping[str, Any], written: Scale) -> tuple[Cell, ...]:
    if value.get("hidden"):
        return (
            words(value["segment_value"]),
            words("hidden: too few", tone="quiet"),
            *(words("") for _ in range(5)),
        )
    return (
        words(value["segment_value"]),
        number(written.value(value.get("estimate")), value.get("estimate")),
        number(written.interval(value.get("ci_low"), value.get("ci_high")), value.get("ci_low")),
        number(written.value(value.get("shrunken")), value.get("shrunken")),
        number(written.value(value.get("difference")), value.get("difference")),
        number(chance(value.get("difference_p")), value.get("difference_p")),
        counted(value.get("units")),
    )


def _rest(result: Mapping[str, Any], given: list[Mapping[str, Any]]) -> list[Block]:
    if not given:
        return []
    # Who gains takes its room on the page from these.
    gains = any(each.get("found") for each in result.get("heterogeneity") or ())
    tables = tuple(
        _table(
            each,
            scale(result, each["outcome"]),
            f"{_name(result, each)} by {human(each['segment'])}, {human(each['outcome'])}",
        )
        for each in given[: 1 if gains else MOST_MORE]
    )
    left = len(given) - len(tables)
    note = (Text(text=f"{left} more are in the result, not on the page.", style="note"),)
    return [
        Details(
            title=f"{len(tables)} more segmentations", blocks=(*tables, *(note if left else ()))
        )
    ]


def _hidden(result: Mapping[str, Any]) -> list[Block]:
    hidden = result.get("hidden_cells") or 0
    least = result.get("study", {}).get("minimum_cell")
    if not hidden and not least:
        return []
    if not hidden:
        return [
            Text(text=f"No segment is hidden: each holds at least {least} units.", style="note")
        ]
    return [
        Text(
            text=f"{count(hidden)} segments are hidden because they hold fewer than {least} "
            "units or one creator dominates them.",
            style="note",
        )
    ]
