"""How far to believe the estimates: overlap, balance, nuisance models, other estimators."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from causal.content.wording import figure, fixed, human, percent, sentence
from causal.policy.reading import label, scale
from causal.reporting import _curves
from causal.reporting._parts import counted
from causal.reporting._view import (
    Block,
    Cell,
    Column,
    Figure,
    Tone,
    name,
    number,
    table,
    words,
)

BALANCED = 0.1
MOST_HISTOGRAMS = 2


def overlap(result: Mapping[str, Any]) -> list[Block]:
    """How well the other columns predict each attribute, and for whom both arms exist."""
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
        draw=partial(_curves.steps, rows, axis="Propensity"),
        table=table(f"Propensity of {what}", columns, listed),
    )


def _shares(counts: list[float]) -> list[float]:
    total = sum(counts) or 1.0
    return [each / total for each in counts]


def balance(result: Mapping[str, Any]) -> list[Block]:
    """Standardised differences before and after weighting, the worst first."""
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


def nuisances(result: Mapping[str, Any]) -> list[Block]:
    """Quality of the models behind the estimates, out of fold."""
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


def estimators(result: Mapping[str, Any]) -> list[Block]:
    """The same estimand by several estimators, those that differ most first."""
    keys = ("attribute", "contrast", "outcome", "design")
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for each in result.get("estimators", ()):
        groups.setdefault(tuple(each.get(key) for key in keys), []).append(each)
    apart = sorted(groups.values(), key=lambda group: -max(abs(e.get("z") or 0) for e in group))
    given = [each for group in apart for each in group]
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
            most=2 if result.get("belief") else 16,
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
