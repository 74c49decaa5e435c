"""Draft a study from a table: every guess is marked as a guess, with its reason."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from causal.design.guessing import Guess, GuessedOutcome, Guesses, guess

if TYPE_CHECKING:
    from causal.data.describe import TableSummary

_LONGEST = 40


def draft(source: str, *, table: str | None = None, folder: Path | None = None) -> str:
    """Read a table and draft a study of it.

    Parameters
    ----------
    source
        A parquet or CSV file, a glob, or a database URL.
    table
        Which table, for a database.
    folder
        Where the study file will lie: the path to the table is written relative to it.
        None: as given.

    Returns
    -------
    str
        A study file that :func:`causal.read_study` reads. Every guess is a comment
        ``# guess: ... because ...``.

    Raises
    ------
    DataError
        When the table cannot be read, or no study can be made of its columns.
    """
    from causal.data.read import describe

    summary = describe(source, table)
    return draft_of(summary, source=_relative(source, folder), table=table)


def draft_of(summary: TableSummary, *, source: str, table: str | None = None) -> str:
    """Draft a study from what is known of a table; see :func:`draft`."""
    found = guess(summary)
    head = [
        "# Draft made by 'causal init'. Each line marked 'guess:' was guessed from names, types",
        f"# and counts ({summary.rows:,} rows). Correct it; the roles decide what may be claimed.",
        f"study: {_text(slug(table or source))}",
        "kind: attributes",
        f"question: {_text(_question(found))}",
    ]
    parts = (head, _data(found, source, table), _keys(found), _attributes(found),
             _outcomes(found), _roles(found), _left_out(found))  # fmt: skip
    return "\n".join(line for part in parts for line in part) + "\n"


def slug(source: str) -> str:
    """Make a name for the study out of the name of its table.

    >>> slug("data/My packages.parquet"), slug("duckdb:///store.duckdb"), slug("*.csv")
    ('my-packages', 'store', 'study')
    """
    stem = re.split(r"[/\\]", source.partition("?")[0].rstrip("/\\"))[-1]
    stem = re.sub(r"(\.[A-Za-z0-9]{1,7})+$", "", stem)
    plain = re.sub(r"[\W_]+", "-", stem.lower()).strip("-")[:_LONGEST].strip("-") or "study"
    return f"{plain}-study" if re.fullmatch(r"con|prn|aux|nul|com\d|lpt\d", plain) else plain


def _relative(source: str, folder: Path | None) -> str:
    if folder is None or "://" in source or Path(source).is_absolute():
        return source
    return Path(os.path.relpath(source, folder)).as_posix()


def _question(found: Guesses) -> str:
    return f"Which attributes move {found.outcomes[0].name}?"


def _data(found: Guesses, source: str, table: str | None) -> Iterator[str]:
    yield "data:"
    yield f"  source: {_text(source)}"
    if table:
        yield f"  table: {_text(table)}"
    if found.where:
        why = "rows with nothing in the denominator say nothing"
        yield f"  where: {_text(found.where)}  # guess: needed because {why}"
    if found.derive:
        yield "  derive:"
    for each in found.derive:
        yield f"    {_text(each.name)}: {_text(each.sql)}  # guess: useful because it is " + (
            f"{_plain(each.because)}"
        )


def _keys(found: Guesses) -> Iterator[str]:
    keys = {
        "unit": (found.unit, "what a row stands for"),
        "cluster": (found.cluster, "independent sources of variation"),
        "block": (found.block, "compare within these"),
        "weight": (found.weight, "weight"),
        "time": (found.time, "when the row came to be"),
        "exploration": (found.exploration, "rows whose exposure was randomised"),
    }
    for key, (each, role) in keys.items():
        if each is not None:
            yield f"{key}: {_text(each.column)}  {_reason(role, each.because)}"
    if found.unit is None:
        yield "# unit: no column has its own value in every row; name the columns that do together"
    if found.cluster is None:
        yield "# cluster: none was guessed; name the column whose rows belong together"
    if found.block is None:
        yield "# block: none was guessed; name the creator, story or test to compare within"
    within = f" within {_text(found.block.column)}" if found.block else ""
    yield "assignment: observational  # guess: not randomised because a table cannot tell; if " + (
        f"chance decided{within} who saw what, write randomized, and the split is checked"
    )


def _attributes(found: Guesses) -> Iterator[str]:
    yield "attributes:"
    for made in found.derive:
        yield f"  - {_text(made.name)}  {_reason('attribute', 'it is derived above')}"
    yield from _listed(found.attributes, "attribute")


def _outcomes(found: Guesses) -> Iterator[str]:
    yield "outcomes:"
    for each in found.outcomes:
        names = ("column",) if len(each.columns) == 1 else ("numerator", "denominator")
        columns = ", ".join(
            f"{key}: {_text(column)}" for key, column in zip(names, each.columns, strict=True)
        )
        yield (
            f"  - {{name: {_text(each.name)}, {columns}, role: {each.role}, goal: {each.goal}}}"
            + (f"  {_reason(_outcome_role(each), each.because)}")
        )


def _outcome_role(outcome: GuessedOutcome) -> str:
    return "harm to guard against" if outcome.role == "guardrail" else "outcome"


def _roles(found: Guesses) -> Iterator[str]:
    yield "confounders: []  # fixed before the attributes and able to move the outcome: name them"
    roles = {
        "modifiers": (found.modifiers, "for whom"),
        "mediators": (found.mediators, "after the attribute"),
        "post_outcome": (found.post_outcome, "after the outcome"),
    }
    for key, (guesses, role) in roles.items():
        if guesses:
            yield f"{key}:"
            yield from _listed(guesses, role)


def _left_out(found: Guesses) -> Iterator[str]:
    if found.left_out:
        yield "# Not used:"
    for each in found.left_out:
        yield f"#   {_text(each.column)}: guess: left out because {_plain(each.because)}"


def _listed(guesses: Iterable[Guess], role: str) -> Iterator[str]:
    for each in guesses:
        yield f"  - {_text(each.column)}  {_reason(role, each.because)}"


def _reason(role: str, because: str) -> str:
    return f"# guess: {role} because {_plain(because)}"


def _plain(text: str) -> str:
    """Text for a comment: one line, nothing that cannot be printed."""
    return "".join(each if each.isprintable() else " " for each in text)


def _text(value: str) -> str:
    """Text for YAML: plain when nothing in it can be misread, else in double quotes."""
    if re.fullmatch(r"[A-Za-z_][\w./-]*", value, re.ASCII) and value.lower() not in _WORDS:
        return value
    return '"' + "".join(_escaped(each) for each in value) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return character if character.isprintable() else f"\\U{ord(character):08x}"


_WORDS = ("true", "false", "null", "yes", "no", "on", "off", "y", "n")
