"""Lines ready to paste for ``data.where``: DuckDB SQL that leaves rows out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
_UNSAFE = re.compile(r": | #|[\x00-\x1f\x7f-\x9f]|:$")
_RESERVED = frozenset({
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "both", "case", "cast",
    "check", "collate", "column", "constraint", "create", "default", "deferrable", "desc",
    "describe", "distinct", "do", "else", "end", "except", "false", "fetch", "for", "foreign",
    "from", "grant", "group", "having", "in", "initially", "intersect", "into", "lambda",
    "lateral", "leading", "limit", "not", "null", "offset", "on", "only", "or", "order", "pivot",
    "placing", "primary", "qualify", "references", "returning", "select", "show", "some",
    "summarize", "symmetric", "table", "then", "to", "trailing", "true", "union", "unique",
    "unpivot", "using", "variadic", "when", "where", "window", "with",
})  # fmt: skip


def name(column: str) -> str:
    """Write a column's name, quoted when it must be.

    >>> name("created_at"), name("order"), name("Day")
    ('created_at', '"order"', '"Day"')
    """
    if _PLAIN.fullmatch(column) and column not in _RESERVED:
        return column
    return '"' + column.replace('"', '""') + '"'


def text(value: str) -> str:
    """Write a text literal.

    >>> text("it's")
    "'it''s'"
    """
    return "'" + value.replace("'", "''") + "'"


def within(column: str, starts: date, ends: date) -> str:
    """Write the condition that a row lies in these days, both included.

    >>> within("created_at", date(2013, 6, 1), date(2014, 1, 31))
    "CAST(created_at AS DATE) BETWEEN DATE '2013-06-01' AND DATE '2014-01-31'"
    """
    return f"CAST({name(column)} AS DATE) BETWEEN DATE '{starts}' AND DATE '{ends}'"


def among(column: str, levels: Iterable[str]) -> str:
    """Write the condition that a column has one of these labels.

    >>> among("device", ["ios"])
    "CAST(device AS VARCHAR) IN ('ios')"
    """
    return f"CAST({name(column)} AS VARCHAR) IN ({', '.join(text(each) for each in levels)})"


def line(existing: str | None, unwanted: Iterable[str]) -> str:
    """Write the study's ``where`` so that it leaves the unwanted rows out, as a line of YAML.

    Rows for which the condition is unknown (no date) stay.

    >>> line("impressions > 0", ["day = 1"])
    'where: (impressions > 0) AND (day = 1) IS NOT TRUE'
    """
    parts = [f"({' '.join(existing.split())})"] if existing and existing.strip() else []
    parts += [f"({each}) IS NOT TRUE" for each in unwanted]
    joined = " AND ".join(parts)
    if _UNSAFE.search(joined):
        joined = '"' + joined.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"where: {joined}"
