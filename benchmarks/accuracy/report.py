"""The page: a pure function of the results on disk."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.accuracy import kept, plots
from benchmarks.accuracy.measures import (
    Measures,
    Rate,
    at_least,
    at_most,
    holds,
    measure,
    must_be,
    rate,
)
from benchmarks.accuracy.published import NEEDED
from benchmarks.heterogeneity.report import errors
from causal.base.catalog import members

ABSTAIN_FREELY = (5, 6, 11)
MOST_ABSTAINED = 0.05
ENOUGH = 50
COMMAND = "make accuracy"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cell:
    """The results of one peer in one world."""

    world: str
    peer: str
    rows: pd.DataFrame
    measures: Measures


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Read:
    """Everything there is on disk, and the modules that say what it is."""

    worlds: dict[str, ModuleType]
    peers: dict[str, ModuleType]
    cells: dict[tuple[str, str], Cell]

    def of(self, world: str) -> list[Cell]:
        """The peers of a world: this package first, plain ones before those on our models."""
        own = [cell for (name, _), cell in self.cells.items() if name == world]
        return sorted(own, key=lambda cell: rank(cell.peer))

    def ordered(self, *, listed: bool) -> list[str]:
        """Worlds with results: the twelve by number, or those of our own choosing."""
        have = sorted({world for world, _ in self.cells})
        own = [w for w in have if bool(self.worlds[w].NUMBER) == listed]
        return sorted(own, key=lambda w: (self.worlds[w].NUMBER, w != "null", w))


def rank(peer: str) -> tuple[bool, bool, bool, str]:
    """Where a peer stands in a table."""
    return (peer != "ours", peer != "naive", peer.endswith("our_nuisances"), peer)


def read(folder: Path) -> Read:
    """Read the results of every world and peer there is."""
    worlds = members("benchmarks.accuracy.worlds")
    peers = members("benchmarks.accuracy.peers")
    cells = {}
    for world in worlds:
        for peer in peers:
            rows = kept.load(kept.path(folder, world, peer))
            if len(rows):
                cells[(world, peer)] = Cell(
                    world=world, peer=peer, rows=rows, measures=measure(rows)
                )
    return Read(worlds=worlds, peers=peers, cells=cells)


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
    published = json.loads(cases.read_text("utf-8")) if cases.is_file() else []
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page(found, published, out.stem), encoding="utf-8")


def page(found: Read, published: list[dict[str, Any]], pictures: str) -> str:
    """The whole page as Markdown."""
    parts = [
        _introduction(),
        _summary(found),
        _pictures(pictures) if found.cells else "",
        _families(found),
        _segments(found),
        _individual(),
        _noticing(found),
        _published(published),
        "## Each world\n",
        *(_world(found, world) for world in found.ordered(listed=True)),
        "## Worlds of our own choosing, outside the twelve\n",
        *(_world(found, world) for world in found.ordered(listed=False)),
    ]
    return "\n".join(part for part in parts if part).rstrip() + "\n"


def _individual() -> str:
    """Error of individual effects, from the cases of the other benchmark, one heading lower."""
    lines = [f"#{line}" if line.startswith("## ") else line for line in errors()]
    text = (
        "## Error of individual effects (CATE)\n\nRoot-PEHE: the root of the mean squared error of "
        "individual effects. More in [heterogeneity.md](heterogeneity.md), whose cases these are."
    )
    return "\n".join([text, "", *lines]) if lines else ""


def label(world: ModuleType, name: str) -> str:
    """A world's number and name."""
    words = name.replace("_", " ")
    return f"{world.NUMBER}. {words}" if world.NUMBER else words


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
"""


def _summary(found: Read) -> str:
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
            f"| {label(found.worlds[world], world)} | {own.estimands} | {own.runs} "
            f"| {own.pointwise.text} | {must_be(own.pointwise)} | {own.simultaneous.text} "
            f"| {_percent(own.abstained)} | {_verdict(found.worlds[world], own)} |"
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


def _world(found: Read, world: str) -> str:
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
            lines.append(f"| {title} | {own.runs} | {why} | | | | | | | | |")
            continue
        lines.append(
            f"| {title} | {own.runs} | {_number(own.bias)} ({_number(own.bias_error)}) "
            f"| {_number(own.rmse)} | {own.pointwise.text} | {own.counted.text} "
            f"| {own.simultaneous.text} | {_percent(own.abstained)} | {_number(own.width)} "
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
            f"| {variant} | {own.runs} | {_number(own.bias)} | {own.pointwise.text} "
            f"| {own.simultaneous.text} | {_percent(own.abstained)} | {own.false.text} |"
        )
    return "\n".join(lines) + "\n"


def _families(found: Read) -> str:
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


def _segments(found: Read) -> str:
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
        f"| {rate(held, own['seed']).text} | {once.text} | {_number(error)} | {says.text} "
        f"| {'yes' if differ else 'no'} |"
    )


def _noticing(found: Read) -> str:
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
                f"| {_percent(own.failed)} | {_percent(own.warned)} |"
            )
    return "\n".join(lines) + "\n"


def _published(cases: list[dict[str, Any]]) -> str:
    if not cases:
        return "## Published answers\n\nNot run: the tables are not shipped with the project.\n"
    hits = sum(case["hit"] for case in cases)
    lines = [
        "## Published answers\n",
        f"Twenty cases, frozen before anything was run on them (`benchmarks/accuracy/published.py`), "
        "run with the defaults, and again when these had changed for what other worlds showed: "
        f"**{hits} of {len(cases)} hits** (at least {NEEDED} are "
        f"asked for{'' if hits >= NEEDED else ': **MISSES**'}). For generated data the truth is the "
        "mean known effect over the population the answer names; for ATO weighted with the "
        "package's own propensities, since the generators' are not published, so a hit there says "
        "that the interval is right for those rows, not for all (*of all rows*: the mean known "
        "effect of everybody).\n",
        "| case | rows | columns | estimand | must | truth | of all rows | estimate | 95% interval | |",
        "|---|---:|---:|---|---|---:|---:|---:|---|---|",
        *(_case(case) for case in cases),
    ]
    missed = [case for case in cases if not case["hit"]]
    if missed:
        lines.append("\n**Misses.**\n")
        lines += [f"- {case['case']}: {_why(case)}" for case in missed]
    return "\n".join(lines) + "\n"


def _case(case: dict[str, Any]) -> str:
    low, high = case["low"], case["high"]
    interval = "–" if low is None else f"{_number(low)} to {_number(high)}"
    said = "hit" if case["hit"] else "abstained" if case["refused"] else "**miss**"
    return (
        f"| {case['case']} | {case['rows']} | {case['columns']} | {case['estimand']} "
        f"| {case['rule']} | {_number(case['truth'])} | {_number(case['everyone'])} "
        f"| {_number(case['estimate'])} | {interval} "
        f"| {said} |"
    )


def _why(case: dict[str, Any]) -> str:
    if case["refused"]:
        return f"refused. {case['refused']}"
    edge = case["high"] if case["truth"] > case["high"] else case["low"]
    half = (case["high"] - case["low"]) / 2
    beyond = abs(case["truth"] - edge) / half
    noticed = "; ".join(case["noticed"]) or "no check spoke"
    return f"outside by {beyond:.1f} half widths of the interval. Checks: {noticed}."


def _percent(share: float) -> str:
    return "–" if np.isnan(share) else f"{100 * share:.1f}%"


def _number(value: float | None) -> str:
    if value is None or np.isnan(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"


def _first(text: str | None) -> str:
    return (text or "").strip().splitlines()[0]
