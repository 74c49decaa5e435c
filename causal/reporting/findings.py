"""Findings: what the checks say, failures first, each with what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent
from typing import Any

from causal.content.wording import figure, human, sentence
from causal.policy.reading import first_sentence, remedy_parts
from causal.reporting._view import (
    Block,
    Cell,
    Code,
    Column,
    Details,
    Section,
    Table,
    Text,
    Tone,
    number,
    table,
    words,
)

_TONES: Mapping[str, Tone] = {"FAIL": "bad", "WARN": "warn", "PASS": "good"}
MOST_WARNINGS = 5
MOST_OPEN = 8
_MARKS = {"FAIL": "\u2717 FAIL", "WARN": "! WARN", "PASS": "\u2713 PASS"}


def section(result: Mapping[str, Any]) -> Section | None:
    """List the checks; they lead the page when one of them did not pass."""
    findings = list(result.get("findings", ()))
    if not findings:
        return None
    failed, warned, passed = (
        [each for each in findings if each["status"] == status]
        for status in ("FAIL", "WARN", "PASS")
    )
    blocks: list[Block] = [_finding(each, opened=True) for each in failed]
    if len(warned) <= MOST_WARNINGS:
        blocks += [_finding(each, opened=False) for each in warned]
    else:
        blocks += _together(warned, "warning", "warnings", "warn")
    blocks += _together(passed, "check passed", "checks passed", "good")
    return Section(
        order=10 if failed or warned else 150,
        id="findings",
        chapter="Checks",
        title=_title(len(failed), len(warned)),
        blocks=tuple(blocks),
    )


def _title(failed: int, warned: int) -> str:
    if failed:
        return (
            "Read this first: a check failed"
            if failed == 1
            else (f"Read this first: {failed} checks failed")
        )
    return "Read this first: warnings" if warned else "All checks passed"


def _together(found: list[Any], one: str, many: str, tone: Tone) -> list[Block]:
    if not found:
        return []
    names = ", ".join(human(each["name"]) for each in found)
    return [
        Details(
            title=f"{len(found)} {one if len(found) == 1 else many}: {names}",
            mark=_MARKS[found[0]["status"]],
            tone=tone,
            blocks=tuple(_finding(each, opened=False) for each in found),
        )
    ]


def _finding(finding: Mapping[str, Any], *, opened: bool) -> Details:
    blocks: list[Block] = [Text(text=str(finding["meaning"]))]
    blocks += _numbers(finding)
    if finding.get("remedy") and finding["status"] != "PASS":
        blocks += _remedy(str(finding["remedy"]))
    if finding.get("detail"):
        detail = _detail(finding)
        blocks.append(
            detail
            if len(detail.rows) <= MOST_OPEN
            else Details(title=f"{len(detail.rows)} rows of detail", blocks=(detail,))
        )
    name = sentence(human(str(finding["name"])))
    first = first_sentence(str(finding["meaning"]))
    return Details(
        title=name if opened else f"{name}: {first}",
        mark=_MARKS[finding["status"]],
        tone=_TONES[finding["status"]],
        open=opened,
        blocks=tuple(blocks),
    )


def _numbers(finding: Mapping[str, Any]) -> list[Block]:
    parts = []
    if finding.get("statistic") is not None:
        parts.append(f"statistic {figure(finding['statistic'])}")
    if finding.get("threshold") is not None:
        parts.append(f"threshold {figure(finding['threshold'])}")
    if finding.get("starts") and finding.get("ends"):
        parts.append(f"from {finding['starts']} to {finding['ends']}")
    if finding.get("columns"):
        parts.append("columns " + ", ".join(map(str, finding["columns"])))
    return [Text(text=sentence("; ".join(parts)) + ".", style="note")] if parts else []


def _remedy(text: str) -> list[Block]:
    """Split what to do into sentences and lines to paste into the study file."""
    blocks: list[Block] = []
    said, pasted = remedy_parts(text)
    if said:
        blocks.append(Text(text=f"What to do: {said}"))
    if pasted:
        blocks.append(Code(text=dedent("\n".join(pasted)), label="Line for the study file"))
    return blocks


def _detail(finding: Mapping[str, Any]) -> Table:
    rows = list(finding["detail"])
    found = list(dict.fromkeys(key for row in rows for key in row))
    numeric = {
        key: all(isinstance(row.get(key), int | float | None) for row in rows) for key in found
    }
    keys = sorted(found, key=lambda key: numeric[key])  # words name the row, so they come first
    columns = tuple(Column(label=sentence(human(key)), numeric=numeric[key]) for key in keys)
    listed = [tuple(_cell(row.get(key)) for key in keys) for row in rows]
    return table(
        f"{sentence(human(str(finding['name'])))}: details",
        columns,
        listed,
        most=30 if finding["status"] == "FAIL" else 10,
    )


def _cell(value: Any) -> Cell:
    if isinstance(value, bool):
        return words("yes" if value else "no")
    if isinstance(value, int | float):
        return number(figure(value), float(value))
    return words(value)
