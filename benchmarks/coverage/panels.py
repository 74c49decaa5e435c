"""Panels, studies and settings made directly, so that a run takes milliseconds."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from causal.content.attribute import Kind
from causal.data.folds import folds_of
from causal.data.panel import Column, Measured, Panel, Provenance
from causal.design.design import Design
from causal.design.study import Study
from causal.estimation._estimator import Setting
from causal.estimation._nuisances import Nuisances, OutcomeModel

Array = npt.NDArray[Any]


def column(name: str, values: Array, levels: int = 0) -> Column:
    """A continuous column, or one with so many levels."""
    if not levels:
        return Column(name=name, kind=Kind.CONTINUOUS, values=values.astype(float))
    kind = Kind.BINARY if levels == 2 else Kind.CATEGORICAL
    names = tuple(str(level) for level in range(levels))
    return Column(name=name, kind=kind, values=values.astype(float), levels=names)


def panel(
    columns: list[Column],
    y: Array,
    clusters: tuple[Array, ...] = (),
    *,
    block: Array | None = None,
    weight: Array | None = None,
    denominator: Array | None = None,
) -> Panel:
    """A panel of one outcome; ``y`` is the numerator when there is a denominator."""
    rows = y.size
    w = np.ones(rows) if weight is None else weight
    ways = tuple(np.unique(way, return_inverse=True)[1] for way in clusters) or (np.arange(rows),)
    if denominator is None:
        outcome = Measured(name="y", value=y, weight=w)
    else:
        outcome = Measured(
            name="y",
            value=y / denominator,
            weight=denominator,
            numerator=y,
            denominator=denominator,
        )
    keys = [str(code) for code in range(int(ways[0].max()) + 1)]
    return Panel(
        columns={each.name: each for each in columns},
        outcomes={"y": outcome},
        clusters=ways,
        cluster_names=("g", "h")[: len(ways)],
        folds=folds_of(ways[0], keys, 5, 0),
        weight=w,
        block=block,
        provenance=Provenance(source="", fingerprint="", rows_read=rows, rows=rows),
    )


def study(attributes: tuple[str, ...] = ("a",), *, ratio: bool = False) -> Study:
    """A study of the outcome y."""
    outcome = (
        {"name": "y", "numerator": "n", "denominator": "d"}
        if ratio
        else {"name": "y", "column": "y"}
    )
    return Study(
        study="coverage",
        data={"source": "memory"},
        attributes=[
            {"name": name, "contrast": (0, 1)} if name == "dose" else name for name in attributes
        ],
        outcomes=[outcome],
        confounders=["x"],
    )


def setting(asked: Study, made: Panel, name: str, nuisances: Nuisances | None = None) -> Setting:
    """One design of it."""
    others = tuple(each for each in made.columns if each == "x")
    design = Design(
        name=name,
        identification="randomized",
        population="all rows",
        assumptions=(),
        adjustment={attribute.name: others for attribute in asked.attributes},
        claims=True,
        within_block=name == "within",
    )
    return Setting(study=asked, panel=made, design=design, nuisances=nuisances)


def known(
    rows: int, f: Array, e: Array, denominator: Array | None = None, pooled: float = 0.0
) -> Nuisances:
    """True nuisances of a with levels; ``f`` and ``e`` have shape (rows, levels)."""
    pair = ("a", "y")
    return Nuisances(
        rows=np.ones(rows, dtype=bool),
        outcome={pair: OutcomeModel(value=f, denominator=denominator, pooled=pooled)},
        propensity={pair: e},
        expected={},
        without={},
        fits=0,
    )


def logistic(x: Array) -> Array:
    """Probability of log-odds."""
    return 1 / (1 + np.exp(-x))


def sizes(rng: np.random.Generator, clusters: int, mean: float, spread: float) -> Array:
    """Cluster of each row, sizes log-normal with this spread."""
    drawn = rng.lognormal(np.log(mean), spread, clusters) if spread else np.full(clusters, mean)
    return np.repeat(np.arange(clusters), np.maximum(2, drawn.astype(int)))
