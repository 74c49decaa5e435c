"""Every peer in each world."""

from __future__ import annotations

from benchmarks.accuracy.found import Read, label, number, percent
from benchmarks.accuracy.measures import measure


def table(found: Read, world: str) -> str:
    """Table of the peers in a world."""
    module = found.worlds[world]
    lines = [
        f"### {label(module, world)}\n",
        f"{str(module.__doc__).strip()} {_first(module.draw.__doc__)}\n",
        "| | runs | bias (error) | RMSE | covered | counted | all at once | abstained | width "
        "| false | CPU s |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for cell in found.of(world):
        own = cell.measures
        title = found.peers[cell.peer].TITLE
        if own.abstained == 1:
            why = cell.rows["refused"].mode().iloc[0]
            lines.append(f"| {title} | {cell.runs} | {why} | | | | | | | | |")
            continue
        lines.append(
            f"| {title} | {cell.runs} | {number(own.bias)} ({number(own.bias_error)}) "
            f"| {number(own.rmse)} | {own.pointwise.text} | {own.counted.text} "
            f"| {own.simultaneous.text} | {percent(own.abstained)} | {number(own.width)} "
            f"| {own.false.text} | {own.cpu:.2f} |"
        )
    return "\n".join(lines) + "\n" + _variants(found, world)


def _variants(found: Read, world: str) -> str:
    cell = found.cells.get((world, "ours"))
    if cell is None or cell.rows["variant"].nunique() < 2:
        return ""
    lines = [
        "\nThis package, by form:\n",
        "| form | runs | bias | covered | all at once | abstained | false |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for variant, rows in cell.rows.groupby("variant", sort=True):
        own = measure(rows)
        lines.append(
            f"| {variant} | {own.runs} | {number(own.bias)} | {own.pointwise.text} "
            f"| {own.simultaneous.text} | {percent(own.abstained)} | {own.false.text} |"
        )
    return "\n".join(lines) + "\n"


def _first(text: str | None) -> str:
    return (text or "").strip().splitlines()[0]
