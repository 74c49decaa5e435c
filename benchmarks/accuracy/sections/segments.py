"""Effects of segments, and the test that they differ."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.accuracy.found import Read, label, number
from benchmarks.accuracy.measures import rate


def segments(found: Read) -> str:
    """Table of segments, by world."""
    lines = [
        "## Segments\n",
        "Effects of segments in this package: intervals, and the test that segments differ. Where "
        "they are alike the test must speak in 5% of the runs of a modifier at most.\n",
        "| world | segments | runs | covered | all of a modifier at once | error | says they differ "
        "| they do |",
        "|---|---:|---:|---:|---:|---:|---:|---|",
    ]
    start = len(lines)
    for world in found.ordered(listed=True):
        cell = found.cells.get((world, "ours"))
        if cell is None:
            continue
        own = cell.rows[(cell.rows["segment"] != "") & cell.rows["estimate"].notna()]
        if len(own):
            lines.append(_segment_row(label(found.worlds[world], world), own))
    return "\n".join(lines) + "\n" if len(lines) > start else ""


def _segment_row(name: str, own: pd.DataFrame) -> str:
    held = (own["low"] <= own["truth"]) & (own["truth"] <= own["high"])
    joint = (own["simultaneous_low"] <= own["truth"]) & (own["truth"] <= own["simultaneous_high"])
    family = joint.groupby([own["seed"], own["segment"]]).all()
    once = rate(family, pd.Series(family.index.get_level_values(0), index=family.index))
    tests = own.drop_duplicates(["seed", "segment"])
    says = rate(tests["differs_p"] < 0.05, tests["seed"])
    error = float(np.sqrt(np.mean((own["estimate"] - own["truth"]).astype(float) ** 2)))
    spread = own.groupby("segment")["truth"].agg(lambda t: float(t.max() - t.min()))
    differ = bool((spread > 1e-6).any())
    return (
        f"| {name} | {own.groupby(['segment', 'value']).ngroups} | {own['seed'].nunique()} "
        f"| {rate(held, own['seed']).text} | {once.text} | {number(error)} | {says.text} "
        f"| {'yes' if differ else 'no'} |"
    )
