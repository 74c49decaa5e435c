"""How often the checks of belief are right: false alarms, catches, and cover of the bounds.

Run it with ``python -m benchmarks.belief --runs 300``; it prints the table of docs/methods.md. Every
run draws a table, fits the designs and asks the checks; boosting is short, since what is
proven here is the checks.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from causal.base.finding import Finding, Status
from causal.base.streams import stream
from causal.data.read import read_frame
from causal.design.design import headline
from causal.design.request import request
from causal.design.study import Study
from causal.estimation._boosting import Boosting
from causal.estimation._fit import fit_design
from causal.evaluation import leave_one_out, omitted_variables, placebo, subsample
from causal.evaluation._bounds import strength
from causal.evaluation._evaluated import Evaluated
from causal.workflow import identify

QUICK = Boosting(rounds=5, leaves=4)
STRENGTH = strength(0.1, 0.1)
Random = np.random.Generator
Draw = Callable[[Random], pd.DataFrame]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A way of drawing a table, what is asked of it, and whether the checks should speak."""

    name: str
    draw: Draw
    asked: dict[str, Any] = field(default_factory=dict)
    wrong: tuple[str, ...] = ()


def rows(random: Random, n: int = 600, *, effect: float = 0.5, share: float = 0.5) -> pd.DataFrame:
    """Independent rows with two confounders."""
    x1, x2 = random.normal(size=(2, n))
    lean = np.log(share / (1 - share)) + 0.5 * x1
    a = (random.random(n) < 1 / (1 + np.exp(-lean))).astype(int)
    y = effect * a + x1 + 0.3 * x2 + random.normal(size=n)
    return pd.DataFrame({"a": a, "x1": x1, "x2": x2, "y": y})


def heavy(random: Random) -> pd.DataFrame:
    """An outcome of which few rows hold most."""
    frame = rows(random, 1_500)
    return frame.assign(y=frame["y"] + np.exp(1.2 * random.normal(size=1_500)))


def groups(random: Random, count: int, size: int, *, shared: float = 0.5) -> pd.DataFrame:
    """An attribute that is constant in groups, whose own quality moves the outcome."""
    g = np.repeat(np.arange(count), size)
    a = (random.permutation(count) < count / 2)[g].astype(int)
    x1, x2 = random.normal(size=(2, g.size))
    quality = np.sqrt(shared) * random.normal(size=count)[g]
    y = 0.5 * a + x1 + quality + np.sqrt(1 - shared) * random.normal(size=g.size)
    return pd.DataFrame({"g": g, "a": a, "x1": x1, "x2": x2, "y": y})


def blocks(random: Random, count: int, size: int) -> pd.DataFrame:
    """Blocks with a level of their own, the attribute varying in each."""
    frame = rows(random, count * size)
    frame["k"] = np.repeat(np.arange(count), size)
    return frame.assign(y=frame["y"] + random.normal(size=count)[frame["k"]])


WORLDS = (
    World(name="rows", draw=rows),
    World(name="rare attribute, 4%", draw=lambda r: rows(r, 1_500, share=0.04)),
    World(name="heavy tails", draw=heavy),
    World(name="30 groups, declared", draw=lambda r: groups(r, 30, 20), asked={"cluster": ["g"]}),
    World(name="150 groups, declared", draw=lambda r: groups(r, 150, 5), asked={"cluster": ["g"]}),
    World(
        name="within 150 blocks of 4",
        draw=lambda r: blocks(r, 150, 4),
        asked={"block": ["k"], "cluster": ["k"]},
    ),
    World(
        name="150 groups of 5, a fifth shared, not declared",
        draw=lambda r: groups(r, 150, 5, shared=0.2),
        asked={"parties": {"creator": "g"}},
        wrong=("placebo",),
    ),
    World(
        name="150 groups of 5, half shared, not declared",
        draw=lambda r: groups(r, 150, 5),
        asked={"parties": {"creator": "g"}},
        wrong=("placebo",),
    ),
    World(
        name="30 groups of 20, a fifth shared, not declared",
        draw=lambda r: groups(r, 30, 20, shared=0.2),
        asked={"parties": {"creator": "g"}},
        wrong=("placebo",),
    ),
    World(
        name="within 300 blocks of 2, rows as clusters",
        draw=lambda r: blocks(r, 300, 2),
        asked={"block": ["k"], "cluster": ["row"]},
        wrong=("placebo",),
    ),
)


def evaluated(world: World, random: Random) -> Evaluated:
    """Fit the designs of one draw."""
    frame = world.draw(random)
    frame["row"] = np.arange(len(frame))
    given: dict[str, Any] = {
        "study": "belief",
        "data": {"source": "memory"},
        "attributes": ["a"],
        "outcomes": [{"name": "y", "column": "y"}],
        "confounders": ["x1", "x2"],
    }
    study = Study(**(given | world.asked))
    panel = read_frame(frame, request(study))
    designs = identify(study, panel)
    leading = headline(designs, randomized=False)
    fits = tuple(
        fit_design(study, panel, design, boosting=QUICK)
        for design in designs
        if design.name == leading
    )
    return Evaluated(study=study, panel=panel, fits=fits, headline=leading)


def status(findings: tuple[Finding, ...]) -> Status:
    """The most serious answer of one check."""
    found = {finding.status for finding in findings}
    return (
        Status.FAIL
        if Status.FAIL in found
        else Status.WARN
        if Status.WARN in found
        else Status.PASS
    )


def table(runs: int, only: str) -> str:
    """Shares of runs in which each check spoke, one line a world."""
    lines = [
        "| world | placebo FAIL | placebo WARN | subsample WARN | leave one out WARN |",
        "|---|---|---|---|---|",
    ]
    for world in (each for each in WORLDS if only in each.name):
        counts = np.zeros(4)
        for run in range(runs):
            given = evaluated(world, stream(run, "belief", world.name))
            said = status(placebo.check(given))
            counts += (
                said is Status.FAIL,
                said is Status.WARN,
                status(subsample.check(given)) is Status.WARN,
                status(leave_one_out.check(given)) is Status.WARN,
            )
        mark = " (wrong errors)" if world.wrong else ""
        shares = " | ".join(f"{100 * share:.1f}%" for share in counts / runs)
        lines.append(f"| {world.name}{mark} | {shares} |")
        sys.stdout.write(lines[-1] + "\n")
        sys.stdout.flush()
    return "\n".join(lines)


def slope(random: Random, count: int, size: int) -> pd.DataFrame:
    """A continuous attribute and an outcome that hang together in groups; nothing is confounded."""
    g = np.repeat(np.arange(count), size)
    a = random.normal(size=g.size) + 0.3 * random.normal(size=count)[g]
    y = a + random.normal(size=g.size) + random.normal(size=count)[g]
    x1, x2 = random.normal(size=(2, g.size))
    return pd.DataFrame({"g": g, "a": a, "y": y, "x1": x1, "x2": x2})


def coin(random: Random, count: int, size: int) -> pd.DataFrame:
    """A tossed attribute, an outcome that hangs together in groups."""
    g = np.repeat(np.arange(count), size)
    a = random.integers(2, size=g.size)
    y = a + random.normal(size=g.size) + random.normal(size=count)[g]
    x1, x2 = random.normal(size=(2, g.size))
    return pd.DataFrame({"g": g, "a": a, "y": y, "x1": x1, "x2": x2})


BOUNDS = (
    ("slope, 60 groups of 5", lambda r: slope(r, 60, 5), {"attributes": [{"name": "a", "contrast": [0, 1]}]}, 2 / 1.09),
    ("slope, 20 groups of 10", lambda r: slope(r, 20, 10), {"attributes": [{"name": "a", "contrast": [0, 1]}]}, 2 / 1.09),
    ("AIPW, 60 groups of 5", lambda r: coin(r, 60, 5), {}, 8.0),
    ("AIPW, 20 groups of 10", lambda r: coin(r, 20, 10), {}, 8.0),
    ("within, 60 blocks of 5", lambda r: coin(r, 60, 5), {"block": ["g"]}, 4.0),
)  # fmt: skip


def cover(runs: int, only: str) -> str:
    """How often each confidence limit of the bounds leaves the true bound outside."""
    lines = [
        "| bounds | lower limit above the true bound | upper limit below it |",
        "|---|---|---|",
    ]
    for name, draw, asked, size in (each for each in BOUNDS if only in each[0]):
        world = World(name=name, draw=draw, asked={"cluster": ["g"], **asked})
        missed, true = np.zeros(2), STRENGTH * np.sqrt(size)
        for run in range(runs):
            leading = evaluated(world, stream(run, "bounds", name)).leading
            low, high = omitted_variables.bias_of(leading, 0).confidence(STRENGTH)
            missed += (low > 1 - true, high < 1 + true)
        lines.append(f"| {name} | " + " | ".join(f"{100 * m:.1f}%" for m in missed / runs) + " |")
        sys.stdout.write(lines[-1] + "\n")
        sys.stdout.flush()
    return "\n".join(lines)


def main() -> int:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    with threadpool_limits(limits=1):
        for made in (table, cover):
            made(given.runs, given.only)
    return 0


if __name__ == "__main__":
    sys.exit(main())
