"""How often the checks notice."""

from __future__ import annotations

from benchmarks.accuracy.found import Read, label, percent


def noticing(found: Read) -> str:
    """Table of how often a check speaks, by world."""
    lines = [
        "## How often the checks say so\n",
        "Balance (of columns, products and the predicted outcome) and the agreement of estimators, "
        "in this package. In worlds where intervals hold, a FAIL is a false alarm.\n",
        "| world | covered | FAIL | FAIL or WARN |",
        "|---|---:|---:|---:|",
    ]
    for world in (*found.ordered(listed=True), *found.ordered(listed=False)):
        cell = found.cells.get((world, "ours"))
        if cell is not None:
            own = cell.measures
            lines.append(
                f"| {label(found.worlds[world], world)} | {own.pointwise.text} "
                f"| {percent(own.failed)} | {percent(own.warned)} |"
            )
    return "\n".join(lines) + "\n"
