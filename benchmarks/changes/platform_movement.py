"""The simulated platform: what nodes of a table explain beside what was done, which is not the same.

Described only: the ranker and the creators both act on which headlines are shown where, so no node is
one of them. What the two have in common is the whole move.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks.changes._family import Family
from causal.base.streams import stream
from causal.content.attribute import Kind
from causal.data.panel import Column, FloatArray, Measured
from causal.data.platform import TESTS, Settings, simulate
from causal.data.platform.causes import Movement
from causal.data.platform.change_tables import MOVED, MOVED_DAY, moved_impressions
from causal.estimation._inference import infer
from causal.estimation.movement._moved import Moved
from causal.estimation.movement.order import in_order

LEVEL = 0.95
FOLDS = 5
QUANTITIES = (
    "week on week", "node headline", "node position", "node click rate",
    "worlds: creators", "worlds: ranker", "worlds: neither",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One move."""

    name: str = "headlines"


def run(world: World, seed: int) -> FloatArray:  # noqa: ARG001
    """Value and interval of the move and of each node, then what worlds say, shape (quantities, 3)."""
    settings = Settings(seed=seed, size=replace(TESTS, days=MOVED_DAY + 7))
    found = in_order(table_of(settings))
    truth = Movement(
        metric="clicks per impression", day=MOVED_DAY, mechanisms=("ranker", "attribute")
    ).measure(settings)
    rows = []
    for each, family in ((found.move, "move"), (found.estimates, "nodes")):
        ends = infer(each, level=LEVEL, multiplicity="none", seed=1, family=family)
        rows.append(np.column_stack([each.values, ends.ci_low, ends.ci_high]))
    known = np.array([truth[name] for name in ("attribute", "ranker", "drift")])
    return np.vstack([*rows, np.column_stack([known, known, known])])


def table_of(settings: Settings) -> Moved:
    """The week before and the week after."""
    table = moved_impressions(simulate(settings, MOVED))
    columns = {
        "headline": _column("headline", Kind.BINARY, table["question_headline"], ("no", "yes")),
        "position": _column("position", Kind.CONTINUOUS, table["position"], ()),
    }
    user = np.unique(table["user_id"], return_inverse=True)[1].astype(np.int64)
    clicked = table["clicked"].astype(float)
    draw = stream(settings.seed, "platform", "folds")
    return Moved(
        nodes=tuple(columns),
        columns=columns,
        parents={"headline": (), "position": ("headline",), "clicked": ("headline", "position")},
        outcome=Measured(name="clicked", value=clicked, weight=np.ones(clicked.size)),
        after=table["period"] == "after",
        clusters=(user,),
        folds=draw.integers(0, FOLDS, user.max() + 1)[user],
    )


def _column(name: str, kind: Kind, values: Any, levels: tuple[str, ...]) -> Column:
    return Column(name=name, kind=kind, values=np.asarray(values, dtype=float), levels=levels)


def lines(found: Mapping[str, FloatArray]) -> Iterator[str]:
    """The table of the page."""
    yield "| quantity | mean over runs | half of interval | intervals without zero |"
    yield "|---|---:|---:|---:|"
    for runs in found.values():
        for at, quantity in enumerate(QUANTITIES):
            value, low, high = runs[:, at].astype(float).T
            error = value.std(ddof=1) / len(value) ** 0.5 if len(value) > 1 else float("nan")
            line = f"| {quantity} | {value.mean():+.4f} ± {error:.4f} |"
            if quantity.startswith("worlds"):
                yield f"{line}  |  |"
                continue
            clear = np.mean((low > 0) | (high < 0))
            yield f"{line} {np.median(high - low) / 2:.4f} | {100 * clear:.0f}% |"


FAMILY = Family(
    title="The simulated platform: why clicks moved",
    text="""
On one day the ranker begins to like question headlines more and creators to write more of them. *Nodes* are what a table of
impressions explains, in causal order; *worlds* what each of the two did, by running every combination, and what the weeks
differ by when neither happens. No node is one of the two, so no interval is held against them; all nodes and all worlds add
up to the same move, exactly.
""",
    worlds=(World(),),
    run=run,
    lines=lines,
    most=50,
)
