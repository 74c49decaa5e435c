"""The package in every world, and what it misses."""

from __future__ import annotations

from types import ModuleType

from benchmarks.accuracy.found import Read, label, percent
from benchmarks.accuracy.measures import Measures, at_least, holds, must_be

ABSTAIN_FREELY = (5, 6, 11)
MOST_ABSTAINED = 0.05
ENOUGH = 50


def summary(found: Read) -> str:
    """Table of this package, by world."""
    lines = [
        "## This package\n",
        "| world | estimand | runs | covered | must be | all at once | abstained | |",
        "|---|---|---:|---:|---|---:|---:|---|",
    ]
    for world in (*found.ordered(listed=True), *found.ordered(listed=False)):
        cell = found.cells.get((world, "ours"))
        if cell is None:
            continue
        own = cell.measures
        lines.append(
            f"| {label(found.worlds[world], world)} | {own.estimands} | {cell.runs} "
            f"| {own.pointwise.text} | {must_be(own.pointwise)} | {own.simultaneous.text} "
            f"| {percent(own.abstained)} | {_verdict(found.worlds[world], own)} |"
        )
    lines.append(
        "\nWorlds without a number are outside the twelve: shapes of confounding of our own "
        "choosing, reported whatever they show.\n"
    )
    return "\n".join(lines)


def _verdict(world: ModuleType, own: Measures) -> str:
    if not own.pointwise.runs:
        return "no interval"
    if own.runs < ENOUGH:
        return "too few runs to say"
    faults = []
    if not holds(own.pointwise):
        low = own.pointwise.share < 0.95
        faults.append("covers too little" if low else "covers too much")
    if not at_least(own.simultaneous):
        faults.append("all at once too little")
    if world.NUMBER and world.NUMBER not in ABSTAIN_FREELY and own.abstained > MOST_ABSTAINED:
        faults.append("abstains too often")
    return "**MISSES**: " + ", ".join(faults) if faults else "holds"
