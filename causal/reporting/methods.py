"""For the data scientist: what was estimated, what was held fixed, and how far to believe it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from causal.content.wording import count, figure, fixed, human, percent, sentence
from causal.policy.reading import label, scale
from causal.reporting import _charts
from causal.reporting._parts import badge, counted, level_words
from causal.reporting._view import (
    Block,
    Bullets,
    Cell,
    Column,
    Figure,
    Group,
    Section,
    Text,
    Tone,
    name,
    number,
    table,
    words,
)

BALANCED = 0.1
MOST_HISTOGRAMS = 2
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
        *_grouped("Overlap", _overlap(result)),
        *_grouped("Balance, products included", _balance(result)),
        *_grouped("Quality of the nuisance models", _nuisances(result)),
        *_grouped("The same estimand by several estimators", _estimators(result)),
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
        edges = tuple(f"{first} \u2192 {second}" for first, second in study["graph"])
        blocks.append(Bullets(title="Causal graph", items=edges))
    refused = [
        f"{sentence(human(key))}: {why}"
        for each in result["designs"]
        for key, why in (each.get("refused") or {}).items()
    ]
    if refused:
        blocks.append(Bullets(title="Refused", items=tuple(dict.fromkeys(refused))))
    return blocks


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


def _overlap(result: Mapping[str, Any]) -> list[Block]:
    given = list(result.get("overlap", ()))
    if not given:
        return []
    columns = (
        Column(label="Attribute"),
        Column(label="Design"),
        Column(label="AUC or R\u00b2", numeric=True),
        Column(label="Outside the overlap", unit="%", numeric=True),
        Column(label="Effective rows", numeric=True),
        Column(label="Rows", numeric=True),
    )
    listed = [
        (
            name(str(each["attribute"])),
            words(each.get("design")),
            number(figure(each.get("auc")), each.get("auc")),
            number(percent(each.get("share_outside")), each.get("share_outside")),
            counted(each.get("effective_units")),
            counted(each.get("units")),
        )
        for each in given
    ]
    note = (
        "AUC, or R\u00b2 for a continuous attribute: how well the other columns predict the "
        "attribute; near 1 means that hardly any row could have had another value."
    )
    shown = sorted(
        (each for each in given if each.get("histogram")),
        key=lambda each: (-(each.get("auc") or 0), str(each["attribute"])),
    )
    return [
        table("Overlap", columns, listed, most=40, note=note),
        *(_histogram(each) for each in shown[:MOST_HISTOGRAMS]),
    ]


def _histogram(each: Mapping[str, Any]) -> Figure:
    edges = each["histogram"]["edges"]
    treated, control = (_shares(each["histogram"][arm]) for arm in ("treated", "control"))
    rows = [
        {"edge_low": low, "edge_high": high, "treated": one, "control": other}
        for low, high, one, other in zip(edges[:-1], edges[1:], treated, control, strict=True)
    ]
    columns = (
        Column(label="Propensity"),
        Column(label="With it", unit="%", numeric=True),
        Column(label="Without it", unit="%", numeric=True),
    )
    listed = [
        (
            words(f"{figure(row['edge_low'], 2)} to {figure(row['edge_high'], 2)}"),
            number(percent(row["treated"]), row["treated"]),
            number(percent(row["control"]), row["control"]),
        )
        for row in rows
    ]
    what = human(str(each["attribute"]))
    return Figure(
        title=f"Propensity of {what}",
        subtitle=f"Share of rows, with it above the line and without it below; design "
        f"\u201c{each.get('design')}\u201d",
        describe=f"Two histograms of the propensity of {what}.",
        draw=partial(_charts.steps, rows, axis="Propensity"),
        table=table(f"Propensity of {what}", columns, listed),
    )


def _shares(counts: list[float]) -> list[float]:
    total = sum(counts) or 1.0
    return [each / total for each in counts]


def _balance(result: Mapping[str, Any]) -> list[Block]:
    given = sorted(
        result.get("balance", ()),
        key=lambda each: (-abs(each.get("after") or 0), str(each["attribute"]), str(each["term"])),
    )
    if not given:
        return []
    columns = (
        Column(label="Attribute"),
        Column(label="Design"),
        Column(label="Term"),
        Column(label="Before", unit="SD", numeric=True),
        Column(label="After", unit="SD", numeric=True),
        Column(label="Reading"),
    )
    listed = [
        (
            name(str(each["attribute"])),
            words(each.get("design")),
            words(each["term"]),
            number(figure(each.get("before"), 2), each.get("before")),
            number(figure(each.get("after"), 2), each.get("after")),
            _balanced(each.get("after")),
        )
        for each in given
    ]
    return [
        table(
            "Standardised differences",
            columns,
            listed,
            most=15,
            note="Worst first. Beyond 0.1 standard deviations the weighting left a "
            "difference that the outcome model has to carry alone.",
        )
    ]


def _balanced(after: float | None) -> Cell:
    if after is None:
        return words("")
    good = abs(after) <= BALANCED
    return words("balanced" if good else "! unbalanced", tone="good" if good else "warn")


def _nuisances(result: Mapping[str, Any]) -> list[Block]:
    given = list(result.get("nuisances", ()))
    if not given:
        return []
    columns = (
        Column(label="Target"),
        Column(label="Model of"),
        Column(label="Measure"),
        Column(label="Out of fold", numeric=True),
        Column(label="Baseline", numeric=True),
        Column(label="Calibration slope", numeric=True),
    )
    listed = [
        (
            name(str(each["target"])),
            words(each.get("role")),
            words(each.get("metric")),
            number(figure(each.get("value")), each.get("value")),
            number(figure(each.get("baseline")), each.get("baseline")),
            number(figure(each.get("calibration_slope")), each.get("calibration_slope")),
        )
        for each in given
    ]
    return [table("Nuisance models", columns, listed, most=40)]


def _estimators(result: Mapping[str, Any]) -> list[Block]:
    keys = ("attribute", "contrast", "outcome", "design")
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for each in result.get("estimators", ()):
        groups.setdefault(tuple(each.get(key) for key in keys), []).append(each)
    given = [each for group in groups.values() for each in group]
    if not given:
        return []
    columns = (
        Column(label="Attribute"),
        Column(label="Outcome"),
        Column(label="Design"),
        Column(label="Estimand"),
        Column(label="Estimator"),
        Column(label="Effect", unit="pp or units", numeric=True),
        Column(label="Standard error", numeric=True),
        Column(label="z", numeric=True),
        Column(label="Reading"),
    )
    listed = []
    for each in given:
        written = scale(result, each["outcome"])
        listed.append(
            (
                words(sentence(label(result, each))),
                words(human(each["outcome"])),
                words(each.get("design")),
                words(each.get("estimand")),
                words(each.get("estimator")),
                number(written.value(each.get("estimate")), each.get("estimate")),
                number(written.width(each.get("std_error")), each.get("std_error")),
                number(fixed(each.get("z"), 1), each.get("z")),
                _agrees(each),
            )
        )
    return [
        table(
            "Estimators",
            columns,
            listed,
            most=16,
            note="z: difference from the first estimator over the standard error of that "
            "difference. Beyond 2 is a warning, beyond 3 a failed check.",
        )
    ]


def _agrees(each: Mapping[str, Any]) -> Cell:
    tones: Mapping[str, tuple[str, Tone]] = {
        "PASS": ("agrees", "good"),
        "WARN": ("! differs", "warn"),
        "FAIL": ("\u2717 differs", "bad"),
    }
    if each.get("z") is None:
        return words("reference", tone="quiet")
    text, tone = tones.get(str(each.get("status")), ("", "plain"))
    return words(text, tone=tone)


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
