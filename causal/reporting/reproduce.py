"""Reproduce: the command, the study as written, fingerprints, versions, seeds, the result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import count
from causal.reporting._view import (
    Block,
    Code,
    Column,
    Details,
    Download,
    Facts,
    Section,
    Text,
    name,
    table,
    words,
)


def section(result: Mapping[str, Any]) -> Section | None:
    """Say how to get the same bytes again."""
    study, data = result.get("study"), result.get("data") or {}
    if not study:
        return None
    file = study.get("file") or "STUDY.yaml"
    facts = [
        ("Study hash", str(study.get("hash") or "")[:16] or None),
        ("Data", data.get("source")),
        ("Data fingerprint", data.get("fingerprint")),
        ("Rows read", count(data.get("rows_read"))),
        ("Rows used", count(data.get("rows"))),
        ("Seed", study.get("seed")),
        ("Folds", study.get("folds")),
    ]
    blocks: list[Block] = [
        Code(text=f"causal run {file}", label="Command"),
        Facts(items=tuple((key, str(value)) for key, value in facts if value is not None)),
    ]
    if study.get("text"):
        blocks.append(
            Details(
                title="The study file as written",
                blocks=(Code(text=str(study["text"]).rstrip("\n"), label=str(file)),),
            )
        )
    blocks += _columns(data)
    blocks += _versions(result)
    blocks += _download(result)
    return Section(
        order=110,
        id="reproduce",
        chapter="Reproduce",
        title="Reproduce",
        lead="The same study on the same data with the same versions gives the same bytes.",
        blocks=tuple(blocks),
    )


def _columns(data: Mapping[str, Any]) -> list[Block]:
    if not data.get("columns"):
        return []
    columns = (
        Column(label="Column"),
        Column(label="Role"),
        Column(label="Kind"),
        Column(label="Missing", numeric=True),
        Column(label="Levels"),
    )
    listed = [
        (
            name(str(each["name"])),
            words(each.get("role")),
            words(each.get("kind")),
            words(count(each.get("missing"))),
            words(_levels(each.get("levels"))),
        )
        for each in data["columns"]
    ]
    return [
        Details(title="Columns read", blocks=(table("Columns read", columns, listed, most=24),))
    ]


def _levels(levels: Any) -> str:
    if levels is None:
        return ""
    if isinstance(levels, list):
        more = f" and {len(levels) - 6} more" if len(levels) > 6 else ""
        return ", ".join(map(str, levels[:6])) + more
    return str(levels)


def _versions(result: Mapping[str, Any]) -> list[Block]:
    given = result.get("versions") or {}
    if not given:
        return []
    columns = (Column(label="Library"), Column(label="Version"))
    listed = [(name(str(key)), words(given[key])) for key in sorted(given)]
    return [Details(title="Versions", blocks=(table("Versions", columns, listed),))]


def packed(value: Any) -> Any:
    """Write lists of like records as columns and rows, a third of the size.

    >>> packed([{"a": 1, "b": 2}, {"a": 3, "b": 4}])
    {'_columns': ['a', 'b'], '_rows': [[1, 2], [3, 4]]}
    """
    if isinstance(value, Mapping):
        return {key: packed(each) for key, each in value.items()}
    if not isinstance(value, list):
        return value
    keys = list(value[0]) if value and isinstance(value[0], Mapping) else []
    alike = (
        len(value) > 1
        and keys
        and all(isinstance(each, Mapping) and list(each) == keys for each in value)
    )
    if alike:
        return {"_columns": keys, "_rows": [[packed(each[key]) for key in keys] for each in value]}
    return [packed(each) for each in value]


def _download(result: Mapping[str, Any]) -> list[Block]:
    """Carry the result in the page, unless it is so large that it would swamp it."""
    import json

    from causal.reporting._page import MOST_EMBEDDED

    text = json.dumps(packed(result), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    if len(text) > MOST_EMBEDDED:
        return [
            Text(
                text=f"The result ({len(text) // 1000} kB) lies beside this page as "
                "result.json; it is too large to be carried inside it.",
                style="note",
            )
        ]
    return [
        Download(
            name="result.json",
            text=text,
            label="Every number of this page is in its source as one JSON block.",
        )
    ]
