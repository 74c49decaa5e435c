"""What a file of this folder gives: worlds, one run of them, and the table made of all runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np

from causal.data.panel import FloatArray


class World(Protocol):
    """What is drawn; its name is what its runs are kept by."""

    @property
    def name(self) -> str:
        """In words, unlike any other of the family."""
        ...


W = TypeVar("W", bound=World)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family(Generic[W]):
    """One section of the page.

    A file of this folder that has a ``FAMILY`` is found by its name, which ``--only`` takes.

    Attributes
    ----------
    title, text
        Heading and what was measured, in Markdown; ``{error}`` is the Monte Carlo error of a share of
        95% at the runs asked for.
    worlds
        What is drawn.
    run
        Numbers of one run of a world, any shape that does not depend on the run; NaN where nothing
        was estimated. The seed is the number of the run.
    lines
        A Markdown table from the runs of every world, arrays of shape (runs, ...) by its name.
    most
        Runs that are enough, where a run is slow.
    """

    title: str
    text: str
    worlds: tuple[W, ...]
    run: Callable[[W, int], FloatArray]
    lines: Callable[[Mapping[str, FloatArray]], Iterator[str]]
    most: int = 1_000


def monte_carlo(runs: int, share: float = 0.95) -> float:
    """Error of a share over runs."""
    return float((share * (1 - share) / runs) ** 0.5)


def held(hits: FloatArray) -> tuple[float, int]:
    """Share of estimated runs (not NaN) that hold, and how many were estimated."""
    there = hits[np.isfinite(hits)]
    return (float(there.mean()) if there.size else float("nan")), int(there.size)


def verdict(low: float, high: float, share: float, runs: int, errors: float = 3.0) -> str:
    """Whether a share is within bounds, by as many Monte Carlo errors."""
    slack = errors * monte_carlo(max(runs, 1))
    return "holds" if low - slack <= share <= high + slack else "**MISSES**"
