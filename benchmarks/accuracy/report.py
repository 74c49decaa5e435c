"""The page: a pure function of the results on disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.accuracy import plots
from benchmarks.accuracy.found import Read, label, rank, read
from benchmarks.accuracy.sections.families import families
from benchmarks.accuracy.sections.individual import individual
from benchmarks.accuracy.sections.noticing import noticing
from benchmarks.accuracy.sections.published import published
from benchmarks.accuracy.sections.segments import segments
from benchmarks.accuracy.sections.summary import summary
from benchmarks.accuracy.sections.worlds import table

COMMAND = "make accuracy"


def write(folder: Path, out: Path) -> None:
    """Write the page and its pictures beside it."""
    found = read(folder)
    pictures = out.parent / out.stem
    order = [*found.ordered(listed=True), *found.ordered(listed=False)]
    labels = [label(found.worlds[world], world) for world in order]
    points, shown = _points(found, order)
    for name in ("coverage", "bias", "width") if points else ():
        chart = getattr(plots, name)(points, labels, shown)
        plots.save(chart, pictures / f"{name}.svg")
    cases = folder / "published.json"
    known = json.loads(cases.read_text("utf-8")) if cases.is_file() else []
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page(found, known, out.stem), encoding="utf-8")


def page(found: Read, cases: list[dict[str, Any]], pictures: str) -> str:
    """The whole page as Markdown."""
    parts = [
        _introduction(),
        summary(found),
        _pictures(pictures) if found.cells else "",
        families(found),
        segments(found),
        individual(),
        noticing(found),
        published(cases),
        "## Each world\n",
        *(table(found, world) for world in found.ordered(listed=True)),
        "## Worlds of our own choosing, outside the twelve\n",
        *(table(found, world) for world in found.ordered(listed=False)),
    ]
    return "\n".join(part for part in parts if part).rstrip() + "\n"


def _introduction() -> str:
    return f"""# Accuracy: worlds with known truth, this package and its peers on the same data

Made by `{COMMAND}`, which runs what `benchmarks/accuracy/results` lacks and writes
this page from those results alone. Every run has a fixed seed; only the CPU seconds change from
machine to machine. A result is run again when the code that made it has changed.

**The truth** is that of the estimand an interval is printed for: where overlap is poor this package
changes to the overlap population (ATO) and is held to that population's effect, weighted with the
true propensities. It is the population's value, one number, or an average over a million rows drawn
apart from the runs (its own error is below 1% of a standard error).

**Peers** get the same table, the same columns held fixed (categories as indicators), the
attribute's name, and the cluster where they take one. *With our nuisances* means that a peer's
models look up this package's out-of-fold predictions, so that only its last step is its own.
econml's defaults are `model_y`, `model_t`, `model_regression` and `model_propensity` 'auto', which is
what a user gets; its `groups` only split. DoubleML has no default learners and gets LightGBM's
defaults. Slow peers take fewer runs and only the first two attributes of a table. A ratio of sums is
offered by none of them. The naive difference is expected to fail wherever there is confounding.

**Columns.** *Covered*: share of pointwise 95% intervals that hold the truth, of those given; *counted*:
the same with an interval not given taken for a miss. *All at once*: share of runs in which every
simultaneous interval holds. In brackets the Monte Carlo error. *False*: share of runs that claim some
effect that is zero, by the simultaneous intervals where a peer has them. *Width*: the median.
A † says that earlier code made those runs.
"""


def _pictures(folder: str) -> str:
    return (
        f"![Coverage by world]({folder}/coverage.svg)\n\n![Bias by world]({folder}/bias.svg)\n\n"
        f"![Width by world]({folder}/width.svg)\n"
    )


def _points(found: Read, order: list[str]) -> tuple[plots.Points, list[str]]:
    points = []
    shown = sorted({peer for _, peer in found.cells}, key=rank)
    shown = [peer for peer in shown if not peer.endswith("our_nuisances")][:7]
    for world in order:
        ours = found.cells.get((world, "ours"))
        for peer in shown:
            cell = found.cells.get((world, peer))
            if cell is None or not cell.measures.pointwise.runs:
                continue
            own = cell.measures
            scale = (ours or cell).measures
            points.append(
                {
                    "world": label(found.worlds[world], world),
                    "peer": found.peers[peer].TITLE,
                    "covered": round(100 * own.pointwise.share, 2),
                    "bias": round(float(np.clip(own.bias / scale.rmse, -5, 5)), 4),
                    "width": round(float(np.clip(own.width / scale.width, 0.25, 4)), 4),
                }
            )
    return points, [found.peers[peer].TITLE for peer in shown]
