"""The same view model as plain text and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import fill, indent

from causal.reporting._view import (
    Banner,
    Block,
    Bullets,
    Cards,
    Chips,
    Code,
    Details,
    Facts,
    Figure,
    Group,
    Row,
    Section,
    Table,
    Text,
)

WIDTH = 96


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """How a rendering differs: Markdown marks, or plain text laid out in columns."""

    marks: bool

    def heading(self, title: str, level: int) -> str:
        if self.marks:
            return f"{'#' * level} {self.safe(title)}"
        rule = {1: "=", 2: "-"}.get(level)
        return f"{title}\n{rule * min(len(title), WIDTH)}" if rule else f"{title}:"

    def paragraph(self, text: str) -> str:
        return self.safe(text) if self.marks else fill(text, WIDTH)

    def item(self, text: str) -> str:
        if self.marks:
            return f"- {self.safe(text)}"
        return fill(text, WIDTH, initial_indent="- ", subsequent_indent="  ")

    def safe(self, text: str) -> str:
        """Keep text from data from being read as markup."""
        if not self.marks:
            return text
        for mark, written in (
            ("\\", "\\\\"),
            ("&", "&amp;"),
            ("<", "&lt;"),
            (">", "&gt;"),
            ("|", "\\|"),
            ("*", "\\*"),
            ("_", "\\_"),
            ("`", "\\`"),
            ("[", "\\["),
            ("]", "\\]"),
            ("#", "\\#"),
        ):
            text = text.replace(mark, written)
        return " ".join(text.split())


def text(sections: Sequence[Section]) -> str:
    """Render sections as plain text."""
    return _joined(sections, _Form(marks=False))


def markdown(sections: Sequence[Section]) -> str:
    """Render sections as Markdown in which text from data is inert."""
    return _joined(sections, _Form(marks=True))


def _joined(sections: Sequence[Section], form: _Form) -> str:
    parts: list[str] = []
    for place, section in enumerate(sections):
        parts.append(form.heading(section.title, 1 if place == 0 else 2))
        if section.lead:
            parts.append(form.paragraph(section.lead))
        parts += [part for block in section.blocks for part in _written(block, form, 3)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _written(block: Block, form: _Form, level: int) -> Iterator[str]:
    match block:
        case Row():
            for side in block.blocks:
                yield from _bullets(side, form, level)
        case Bullets():
            yield from _bullets(block, form, level)
        case Figure():
            yield from _figure(block, form, level)
        case Table():
            yield from _table(block, form)
        case Details() | Group():
            mark = f"{block.mark} " if isinstance(block, Details) and block.mark else ""
            yield form.heading(mark + block.title, level)
            for inner in block.blocks:
                yield from _written(inner, form, level + 1)
        case _:
            yield from _simple(block, form)


def _simple(block: Block, form: _Form) -> Iterator[str]:
    """Blocks that hold no others; a download has no place in text."""
    match block:
        case Text():
            yield form.paragraph(block.text)
        case Banner():
            yield form.paragraph(f"{block.title}. {block.text}")
        case Facts():
            yield "\n".join(form.item(f"{name}: {said}") for name, said in block.items)
        case Chips():
            yield "\n".join(form.item(each.text) for each in block.items)
        case Code():
            yield form.paragraph(f"{block.label}:")
            yield indent(block.text, "    ")
        case Cards():
            yield "\n".join(
                form.item(
                    f"{each.name}: {each.direction} {each.value}; {each.interval}; "
                    f"{each.badge}. {each.words}".rstrip()
                )
                for each in block.items
            )


def _bullets(block: Bullets, form: _Form, level: int) -> Iterator[str]:
    yield form.heading(block.title, level)
    yield "\n".join(form.item(each) for each in block.items) or form.paragraph(block.empty)


def _figure(block: Figure, form: _Form, level: int) -> Iterator[str]:
    yield form.heading(block.title, level)
    yield form.paragraph(block.subtitle)
    if block.table is not None:
        yield from _table(block.table, form)


def _table(block: Table, form: _Form) -> Iterator[str]:
    heads = [f"{each.label} ({each.unit})" if each.unit else each.label for each in block.columns]
    rows = [[cell.text for cell in row] for row in block.rows]
    numeric = [each.numeric for each in block.columns]
    yield _pipes(heads, rows, numeric, form) if form.marks else _columns(heads, rows, numeric)
    if block.left_out:
        yield form.paragraph(f"{block.left_out} more rows are in the result.")
    if block.note:
        yield form.paragraph(block.note)


def _pipes(heads: list[str], rows: list[list[str]], numeric: list[bool], form: _Form) -> str:
    lines = [heads, ["---:" if right else "---" for right in numeric]]
    written = [[form.safe(cell) for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in [*lines, *written])


def _columns(heads: list[str], rows: list[list[str]], numeric: list[bool]) -> str:
    clean = [[" ".join(cell.split()) for cell in row] for row in rows]
    widths = [max(len(row[place]) for row in [heads, *clean]) for place in range(len(heads))]
    lines = []
    for row in [heads, ["-" * width for width in widths], *clean]:
        cells = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
