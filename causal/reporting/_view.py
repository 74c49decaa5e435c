"""The view model: what a section says, as values that HTML, text and Markdown all render."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Tone = Literal["plain", "good", "bad", "warn", "quiet"]
Drawing = Callable[[], Any]  # returns an altair chart; drawn only for a page with pictures


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell of a table; ``sort`` orders it when the text alone would not."""

    text: str
    sort: float | None = None
    tone: Tone = "plain"
    code: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column's heading, with its unit."""

    label: str
    unit: str = ""
    numeric: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table; ``left_out`` counts the rows that did not fit."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    left_out: int = 0
    kind: Literal["table"] = "table"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A paragraph."""

    text: str
    style: Literal["plain", "lead", "note"] = "plain"
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullets:
    """A list with a heading of its own."""

    title: str
    items: tuple[str, ...]
    tone: Tone = "plain"
    empty: str = ""
    kind: Literal["bullets"] = "bullets"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Blocks side by side where there is room."""

    blocks: tuple[Bullets, ...]
    kind: Literal["row"] = "row"


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """Something to read before the rest."""

    title: str
    text: str
    tone: Tone = "warn"
    kind: Literal["banner"] = "banner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Names and values."""

    items: tuple[tuple[str, str], ...]
    kind: Literal["facts"] = "facts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chips:
    """Short statements in a strip."""

    items: tuple[Cell, ...]
    label: str
    kind: Literal["chips"] = "chips"


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """Text to copy as it is."""

    text: str
    label: str
    kind: Literal["code"] = "code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A chart, the words that read it, and the table with the same numbers."""

    title: str
    subtitle: str
    describe: str
    draw: Drawing
    footnote: str = ""
    table: Table | None = None
    open_table: bool = False
    kind: Literal["figure"] = "figure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One answer: who, how much, how sure and what it means."""

    name: str
    value: str
    direction: str
    interval: str
    relative: str
    badge: str
    words: str
    tone: Tone = "plain"
    judgement: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cards:
    """At most three answers."""

    items: tuple[Card, ...]
    kind: Literal["cards"] = "cards"


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """Blocks behind a line that opens them; always open in print."""

    title: str
    blocks: tuple[Block, ...]
    tone: Tone = "plain"
    mark: str = ""
    open: bool = False
    kind: Literal["details"] = "details"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Blocks under a smaller heading."""

    title: str
    blocks: tuple[Block, ...]
    kind: Literal["group"] = "group"


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """The result itself, as a block of the page."""

    label: str
    name: str
    text: str
    kind: Literal["download"] = "download"


Block = (
    Text
    | Bullets
    | Row
    | Banner
    | Facts
    | Chips
    | Code
    | Figure
    | Cards
    | Details
    | Group
    | Download
    | Table
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One section of the page; ``order`` places it, ``chapter`` groups it in the contents."""

    order: int
    id: str
    chapter: str
    title: str
    blocks: tuple[Block, ...]
    lead: str = ""
    closed: bool = False


def number(text: str, sort: float | None, *, tone: Tone = "plain") -> Cell:
    """Make a cell that holds a number."""
    return Cell(text=text, sort=sort, tone=tone)


def words(text: object, *, tone: Tone = "plain") -> Cell:
    """Make a cell that holds words."""
    return Cell(text="\u2013" if text is None or text == "" else str(text), tone=tone)


def name(text: str) -> Cell:
    """Make a cell that holds a column's name as the table has it."""
    return Cell(text=text, code=True)


def table(
    caption: str,
    columns: tuple[Column, ...],
    rows: Sequence[tuple[Cell, ...]],
    *,
    most: int = 60,
    note: str = "",
) -> Table:
    """Make a table of at most so many rows; what is left out is counted."""
    return Table(
        caption=caption,
        columns=columns,
        rows=tuple(rows[:most]),
        note=note,
        left_out=max(0, len(rows) - most),
    )
