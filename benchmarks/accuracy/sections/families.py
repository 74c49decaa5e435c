"""False discoveries where nothing has an effect."""

from __future__ import annotations

from benchmarks.accuracy.found import Read, label
from benchmarks.accuracy.measures import Rate, at_most, measure
from benchmarks.accuracy.sections.summary import ENOUGH


def families(found: Read) -> str:
    """Table of the worlds without any effect, by form."""
    lines = [
        "## False discoveries where nothing has an effect\n",
        "Share of runs in which this package claims at least one effect, by its simultaneous "
        "intervals. At most 5%, within two errors.\n",
        "| world | form | runs with intervals | false | |",
        "|---|---|---:|---:|---|",
    ]
    for world in ("null", "families"):
        cell = found.cells.get((world, "ours"))
        if cell is None:
            continue
        for variant, rows in cell.rows.groupby("variant", sort=True):
            own = measure(rows).false
            if not own.runs:
                lines.append(
                    f"| {label(found.worlds[world], world)} | {variant} | 0 | – | abstains |"
                )
                continue
            lines.append(
                f"| {label(found.worlds[world], world)} | {variant} | {own.runs} | {own.text} "
                f"| {_claims(own)} |"
            )
    return "\n".join(lines) + "\n"


def _claims(own: Rate) -> str:
    if own.runs < ENOUGH:
        return "too few runs to say"
    return "holds" if at_most(own) else "**MISSES**"
