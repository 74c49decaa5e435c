"""Coverage of what effects add up to: a day, the share of the total covered, the lift of the total."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.readout import bar
from benchmarks.readout.bar import LEVEL
from benchmarks.readout.worlds import WORLDS, World, draw, truth
from causal.base.streams import stream
from causal.content.metric import Metric
from causal.data.moments.moments import Moments
from causal.data.panel import FloatArray
from causal.estimation.experiment._adjustment import Adjustment
from causal.estimation.experiment.comparisons import compare
from causal.estimation.experiment.decided import Procedure, Rules
from causal.estimation.experiment.effects import Asked
from causal.estimation.experiment.impact import Extent, impacts

DAYS, COVERED = 14, 0.4
WHAT = ("a day", "covered", "lift of the total")
RULES = Rules(procedure=Procedure.FIXED, level=LEVEL, seed=1)


def table(runs: int) -> Iterator[str]:
    """Lines of the table, one for each kind of metric that has a total."""
    heads = [f"{each.value}: {what}" for each in Adjustment for what in WHAT]
    yield f"| metric | {' | '.join(heads)} |"
    yield f"|---|{'---:|' * len(heads)}"
    for world in WORLDS:
        if world.kind != "ratio":
            shares = measure(world, runs).ravel()
            meets = (bar.two_sided, bar.two_sided, bar.at_least) * len(Adjustment)
            cells = [
                f"{share:.1%}" if enough(share, runs) else f"**{share:.1%}**"
                for share, enough in zip(shares, meets, strict=True)
            ]
            yield f"| {world.name} | {' | '.join(cells)} |"


def measure(world: World, runs: int) -> FloatArray:
    """How often each interval held the truth, shape (adjustments, 3)."""
    absolute, lift = truth(world)
    control = absolute / lift
    held = np.zeros((len(Adjustment), len(WHAT)))
    for run in range(runs):
        drawn = draw(world, stream(run, "impact", world.name))
        moments, reading = drawn.moments, drawn.reading
        below = reading.level.denominator
        came = float(moments.units.sum())
        units = _sum(moments, below) if below else came
        others = units * control * (1 - COVERED) / COVERED
        truths = (absolute * came / DAYS, COVERED, lift * COVERED)
        extent = Extent(
            days=DAYS,
            still_open={world.kind: round(came - units)},
            totals={world.kind: _sum(moments, "y") + others},
        )
        for at, adjustment in enumerate(Adjustment):
            asked = Asked(arm_column="arm", clustered=world.clustered, adjustment=adjustment)
            metrics = [Metric(name=world.kind, column="y")]
            made = compare(moments, [reading], metrics, asked, RULES)
            (own,) = impacts(moments, [reading], metrics, made, extent, adjustment)
            if own.a_day is None or own.whole is None:
                continue
            found = (own.a_day, own.whole.covered, own.whole.lift)
            for place, (given, true) in enumerate(zip(found, truths, strict=True)):
                low, high = given.low, given.high
                held[at, place] += low is not None and high is not None and low <= true <= high
    return held / runs


def _sum(moments: Moments, column: str) -> float:
    return float((moments.n * moments.mean[:, :, moments.position(column)]).sum())
