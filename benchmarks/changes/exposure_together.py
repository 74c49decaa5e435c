"""The worth of exposure in several outcomes at once, and with the slate held: do the sets hold it.

Arms of independent units move exposure, and in worlds of the slate that as well, by other amounts; what
nobody logged moves exposure, slate and outcomes. Variances differ by arm.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.changes._family import Family, held, verdict
from causal.base.streams import stream
from causal.data.moments.collected import Part, Reading
from causal.data.moments.rows import moments_of
from causal.data.panel import FloatArray
from causal.estimation._estimates import Estimates
from causal.estimation.experiment._adjustment import Adjustment
from causal.estimation.experiment.effects import Asked, effects
from causal.estimation.exposure._checked import positions
from causal.estimation.exposure.held import Slate
from causal.estimation.exposure.held import held as holding
from causal.estimation.exposure.late import effects_of, late

WORTHS = (0.5, 0.0, -0.2)
LEVEL = 0.95
UNITS = 1_000
PULLS = {"none": 0.0, "weak": 0.2, "strong": 1.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What is asked, how strong the arms are, and how many there are beside the control."""

    form: str
    strength: str
    arms: int

    @property
    def name(self) -> str:
        """In words."""
        return f"{self.form}, {self.strength}, k = {self.arms}"


WORLDS = (
    *(
        World(form="three outcomes", strength=strength, arms=arms)
        for strength in PULLS
        for arms in (1, 3)
    ),
    *(
        World(form="slate held", strength=strength, arms=arms)
        for strength in PULLS
        for arms in (2, 4)
    ),
)


def run(world: World, seed: int) -> FloatArray:
    """One draw: the sets in question hold, they are bounded, sets without that care hold; (3,).

    Of outcomes: all sets that hold at once, and all sets alone. Of the slate: the set with it held, and
    the set that takes the arms to have changed nothing else.
    """
    found = _drawn(world, stream(seed, "together", world.name))
    lates = late(found.select(positions(found, ("d", *_outcomes(world)))), "d", level=LEVEL)
    last = [each for each in lates if len(each.arms) == world.arms]
    if world.form == "three outcomes":
        sets = [each.at_once for each in last]
        alone = [each.worth for each in last]
        if None in sets or None in alone:
            return np.full(3, np.nan)
        return np.array(
            [
                all(b in each for b, each in zip(WORTHS, sets, strict=True) if each),
                all(each.kind == "bounded" for each in sets if each),
                all(b in each for b, each in zip(WORTHS, alone, strict=True) if each),
            ],
            dtype=float,
        )
    y, d, s = (positions(found, (name,)) for name in ("y0", "d", "s"))
    joint = found.covariance()
    slate = Slate(
        s=found.values[s],
        ss=joint[np.ix_(s, s)],
        ys=joint[np.ix_(y, s)],
        ds=joint[np.ix_(d, s)],
    )
    told = holding(effects_of(found, joint, y, d), slate, level=LEVEL)
    plain = last[0].worth
    return np.array(
        [
            WORTHS[0] in told,
            told.kind == "bounded",
            np.nan if plain is None else WORTHS[0] in plain,
        ],
        dtype=float,
    )


def _outcomes(world: World) -> tuple[str, ...]:
    count = len(WORTHS) if world.form == "three outcomes" else 1
    return tuple(f"y{at}" for at in range(count))


def _drawn(world: World, rng: np.random.Generator) -> Estimates:
    """Effects of the arms on exposure d, slate s and outcomes y0, y1, ..."""
    arm = rng.integers(0, world.arms + 1, UNITS)
    hidden = rng.normal(size=UNITS)
    pull = PULLS[world.strength]
    push = np.r_[0.0, np.linspace(1.0, 0.4, world.arms)]
    beside = np.r_[0.0, np.linspace(0.1, 1.0, world.arms) ** 2]
    noise = 1 + 0.5 * (arm > 0)
    d = pull * push[arm] + hidden + noise * rng.normal(size=UNITS)
    s = pull * beside[arm] + 0.5 * hidden + rng.normal(size=UNITS)
    acts = float(world.form == "slate held")
    names = ("d", "s", *_outcomes(world))
    outcomes = [
        worth * d + acts * s + hidden + noise * (rng.exponential(size=UNITS) - 1)
        for worth, _ in zip(WORTHS, names[2:], strict=False)
    ]
    moments = moments_of(
        arm,
        np.column_stack([d, s, *outcomes]),
        arms=[str(each) for each in range(world.arms + 1)],
        columns=names,
    )
    readings = [Reading(metric=name, level=Part(numerator=name)) for name in names]
    return effects(moments, readings, Asked(arm_column="arm", adjustment=Adjustment.NONE))


def lines(found: Mapping[str, FloatArray]) -> Iterator[str]:
    """The table of the page."""
    yield "| world | sets hold | bounded | without that care | |"
    yield "|---|---:|---:|---:|---|"
    for world in WORLDS:
        if world.name not in found:
            continue
        runs = found[world.name].astype(float)
        share, made = held(runs[:, 0])
        cells = [f"{100 * held(runs[:, at])[0]:.1f}" for at in range(3)]
        yield f"| {world.name} | {' | '.join(cells)} | {verdict(0.95, 1.0, share, made)} |"


FAMILY = Family(
    title="What exposure is worth: several outcomes, and the slate held",
    text="""
1,000 units; arms move exposure not at all, weakly or strongly. *three outcomes*: share of runs in which the sets of all
three hold at once, and in which those at 95% alone do. *slate held*: arms move the slate as well, which moves the
outcome; the set by projection, and the set that takes exposure for all that was changed. These sets hold at least as
often as they say.
""",
    worlds=WORLDS,
    run=run,
    lines=lines,
    most=400,
)
