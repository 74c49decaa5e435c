"""Truths: what an estimand is in a world, with the Monte Carlo error over seeds, and a cache."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from causal.base.errors import DataError, nearest
from causal.data.platform.settings import Settings


class Estimand(Protocol):
    """A question about a world: a frozen dataclass whose fields say which."""

    def measure(self, settings: Settings) -> Mapping[str, float]:
        """Answer it in the world of one seed, by name of the quantity."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """A true quantity: its mean over seeds, and the standard error of that mean."""

    quantity: str
    value: float
    error: float
    seeds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Truths:
    """The true quantities of an estimand, by name."""

    estimand: Estimand
    values: tuple[Truth, ...]

    def __getitem__(self, quantity: str) -> Truth:
        for each in self.values:
            if each.quantity == quantity:
                return each
        names = [each.quantity for each in self.values]
        raise DataError(
            f"'{quantity}' is not among the quantities of this truth: {', '.join(names)}."
            f"{nearest(quantity, names)}"
        )


def truth(
    estimand: Estimand,
    settings: Settings,
    *,
    seeds: Iterable[int] = range(20),
    cache: Path | None = None,
) -> Truths:
    """Answer an estimand in worlds of several seeds.

    Parameters
    ----------
    estimand
        What is asked; see :mod:`causal.data.platform.estimands`.
    settings
        The world; its own seed is not used.
    seeds
        Seeds of the worlds. Publish a truth from 20 or more.
    cache
        A folder for answers, one small parquet file for each estimand, settings and version of
        the simulator's code. What is there is not computed again, seed by seed.

    Returns
    -------
    Truths
        Mean and Monte Carlo standard error of every quantity.

    Examples
    --------
    >>> from causal.data.platform import UNIT
    >>> from causal.data.platform.estimands import creator_side
    >>> found = truth(creator_side(), Settings(size=UNIT), seeds=range(2))
    >>> found["clicks per user"].value
    0.0
    """
    wanted = tuple(dict.fromkeys(seeds))
    if not wanted:
        raise DataError("A truth needs at least one seed.")
    file = None if cache is None else cache / _file_name(estimand, settings)
    rows = _read(file)
    for seed in wanted:
        if seed not in rows:
            rows[seed] = dict(estimand.measure(replace(settings, seed=seed)))
            _write(file, rows)
    names = list(rows[wanted[0]])
    table = np.array([[rows[seed].get(name, np.nan) for name in names] for seed in wanted])
    return Truths(
        estimand=estimand,
        values=tuple(_truth(name, column) for name, column in zip(names, table.T, strict=True)),
    )


def code_hash() -> str:
    """Hash of the simulator's code; a cached truth of other code is not read."""
    hasher = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        hasher.update(path.name.encode() + b"\0" + path.read_bytes())
    return hasher.hexdigest()


def _truth(name: str, values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Truth:
    known = values[np.isfinite(values)]
    error = float(known.std(ddof=1) / np.sqrt(known.size)) if known.size > 1 else float("nan")
    value = float(known.mean()) if known.size else float("nan")
    return Truth(quantity=name, value=value, error=error, seeds=int(known.size))


def _file_name(estimand: Estimand, settings: Settings) -> str:
    asked = f"{estimand!r}\n{replace(settings, seed=0)!r}\n{code_hash()}"
    kind = re.sub(r"(?<!^)(?=[A-Z])", "-", type(estimand).__name__).lower()
    return f"{kind}-{hashlib.sha256(asked.encode()).hexdigest()[:16]}.parquet"


def _read(file: Path | None) -> dict[int, dict[str, float]]:
    if file is None or not file.is_file():
        return {}
    import pyarrow.parquet as pq

    rows: dict[int, dict[str, float]] = {}
    for row in pq.read_table(file).to_pylist():
        rows.setdefault(row["seed"], {})[row["quantity"]] = row["value"]
    return rows


def _write(file: Path | None, rows: Mapping[int, Mapping[str, float]]) -> None:
    """Write the answers so far; a reader sees the old file or the new one, never half of it."""
    if file is None:
        return
    import pyarrow as pa
    import pyarrow.parquet as pq

    flat = [
        {"seed": seed, "quantity": name, "value": value}
        for seed in sorted(rows)
        for name, value in rows[seed].items()
    ]
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    pq.write_table(pa.Table.from_pylist(flat), part)
    part.replace(file)
