"""What is in a table, column by column: the ground for drafting a study."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Shown = Literal["integer", "float", "boolean", "text", "time", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSummary:
    """One column: counts without the missing ones, and the most frequent values as text.

    ``minimum``, ``maximum`` and ``mean`` are null for text; those of a time are text in ISO form
    and it has no mean.
    """

    name: str
    type: Shown
    distinct: int
    missing: int
    minimum: float | str | None = None
    maximum: float | str | None = None
    mean: float | None = None
    top: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSummary:
    """A table: how many rows, and its columns in their order."""

    rows: int
    columns: tuple[ColumnSummary, ...]


def describe(source: str, table: str | None = None) -> TableSummary:
    """Summarise a table."""
    raise NotImplementedError
