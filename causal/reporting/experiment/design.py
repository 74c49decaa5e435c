"""The design card: who was randomised, how it is analysed, what was planned and reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from causal.content.wording import count, human, percent, sentence, together
from causal.reporting._view import Cell, Column, Facts, Section, number, table, words
from causal.reporting.experiment._rows import named_arm


def section(result: Mapping[str, Any]) -> Section | None:
    """Say what the numbers below are numbers of."""
    blocks: list[Any] = [Facts(items=tuple(_facts(result)))]
    if result["precision"]:
        blocks.append(_precision(result))
    return Section(
        order=30,
        id="design",
        chapter="Design",
        title="Design and precision",
        blocks=tuple(blocks),
    )


def _facts(result: Mapping[str, Any]) -> list[tuple[str, str]]:
    analysis = result["analysis"]
    planned = analysis["planned_units"]
    covariates = together(analysis["covariates"])
    adjusted = {
        "none": "none",
        "cuped": f"CUPED, one set of coefficients over all arms{_with(covariates)}",
        "lin": f"regression within each arm (Lin){_with(covariates)}",
    }[analysis["adjustment"]]
    facts = [
        ("Randomised", str(analysis["cluster"] or analysis["unit"])),
        ("Counted", str(analysis["unit"])),
        ("Whose experience was changed", str(analysis["side"])),
        ("Arms", "; ".join(named_arm(each) for each in result["arms"])),
        ("Holdout", _holdout(result["arms"])),
        ("Estimand", "effect of being assigned, over all units (intention to treat)"),
        ("Strata", together(analysis["strata"]) if analysis["strata"] else ""),
        ("Adjustment", adjusted if covariates else "none"),
        ("Procedure", _procedure(analysis)),
        ("Looks", _looks(analysis)),
        ("Planned units", count(planned) if planned else "no number was planned"),
        ("Units so far", _so_far(analysis)),
        ("Days", count(analysis["days"]) if analysis["days"] else ""),
        ("Locked plan", _lock(result["plan"])),
    ]
    return [(name, text) for name, text in facts if text]


def _holdout(arms: Sequence[Mapping[str, Any]]) -> str:
    held = together([each["name"] for each in arms if each.get("holdout")])
    return f"{held}: counted and checked, in no effect and no verdict" if held else ""


def _lock(plan: Mapping[str, Any] | None) -> str:
    return "" if plan is None else f"{plan['file']}, SHA-256 begins {plan['hash'][:16]}"


def _with(covariates: str) -> str:
    return f", from {covariates}" if covariates else ""


def _so_far(analysis: Mapping[str, Any]) -> str:
    share = analysis["information"]
    return count(analysis["randomized"]) + (f" ({percent(share)})" if share is not None else "")


def _procedure(analysis: Mapping[str, Any]) -> str:
    return {
        "fixed": "fixed horizon: read once; the largest |t| over success metrics and arms decides",
        "sequential": "confidence sequence: holds at every look, tuned to the planned units",
        "group sequential": f"group sequential, {analysis['spending']} spending",
    }[analysis["procedure"]]


def _looks(analysis: Mapping[str, Any]) -> str:
    if analysis["procedure"] == "fixed":
        return "one look, at the end"
    look = analysis.get("look")
    if look is None:
        return "any look"
    at = percent(analysis["looks"][look - 1])
    return f"look {look} of {len(analysis['looks'])}, planned at {at} of the units"


def _precision(result: Mapping[str, Any]) -> Any:
    planned = result["plan"]
    columns = (
        Column(label="Metric"),
        Column(label="Smallest effect worth finding", unit="%", numeric=True),
        *([Column(label="Findable, as locked", unit="%", numeric=True)] if planned else ()),
        Column(label="Smallest effect findable now", unit="%", numeric=True),
        Column(label="Units for it", numeric=True),
        Column(label="Variance taken out by covariates", unit="%", numeric=True),
    )
    locked = {each["metric"]: each["smallest"] for each in planned["precision"]} if planned else {}
    rows = [
        (
            words(sentence(human(each["metric"]))),
            _share(each["wanted"]),
            *([_share(locked.get(each["metric"]))] if planned else ()),
            _share(each["reached"]),
            number(count(None if each["units"] is None else round(each["units"])), each["units"]),
            _share(each["explained"]),
        )
        for each in result["precision"]
    ]
    power = percent(result["analysis"]["power"])
    return table(
        "Precision: planned and reached",
        columns,
        rows,
        note=f"Found with a chance of {power}; relative to the control.",
    )


def _share(value: float | None) -> Cell:
    return number(percent(value), value)
