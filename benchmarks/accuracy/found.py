"""What there is on disk: the results of each peer in each world, measured."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd

from benchmarks.accuracy import kept
from benchmarks.accuracy.measures import Measures, measure
from benchmarks.accuracy.sources import key, version
from causal.base.catalog import members


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cell:
    """The results of one peer in one world."""

    world: str
    peer: str
    rows: pd.DataFrame
    measures: Measures
    current: bool = True

    @property
    def runs(self) -> str:
        """How many runs, marked where earlier code made some."""
        return f"{self.measures.runs}{'' if self.current else ' †'}"


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
                    world=world,
                    peer=peer,
                    rows=rows,
                    measures=measure(rows),
                    current=current(rows, worlds[world], peers[peer]),
                )
    return Read(worlds=worlds, peers=peers, cells=cells)


def current(rows: pd.DataFrame, world: ModuleType, peer: ModuleType) -> bool:
    """Whether the code as it is made the rows; believed where a package is not installed here."""
    if any(version(package) == "none" for package in peer.PACKAGES):
        return True
    return bool((rows["key"] == key(world, peer)).all())


def label(world: ModuleType, name: str) -> str:
    """A world's number and name."""
    words = name.replace("_", " ")
    return f"{world.NUMBER}. {words}" if world.NUMBER else words


def percent(share: float) -> str:
    """A share in percent, or a dash."""
    return "–" if np.isnan(share) else f"{100 * share:.1f}%"


def number(value: float | None) -> str:
    """Three digits, or a dash."""
    if value is None or np.isnan(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"
