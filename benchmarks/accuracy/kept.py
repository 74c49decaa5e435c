"""Results on disk: one parquet file for each world and peer, a row for each estimate of each run."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

RESULTS = Path(__file__).resolve().parent / "results"
TEXTS = (
    "variant", "attribute", "contrast", "estimand", "segment", "value", "refused", "noticed",
    "key",
)  # fmt: skip
NUMBERS = (
    "estimate", "low", "high", "simultaneous_low", "simultaneous_high", "differs_p", "truth",
    "cpu",
)  # fmt: skip
COLUMNS = ("seed", *TEXTS, *NUMBERS)
Row = dict[str, object]


def path(folder: Path, world: str, peer: str) -> Path:
    """Where the results of a peer in a world lie."""
    return folder / world / f"{peer}.parquet"


def load(file: Path) -> pd.DataFrame:
    """Rows of earlier runs; none when there is no file."""
    if not file.is_file():
        return _typed(pd.DataFrame(columns=list(COLUMNS)))
    return _typed(pd.read_parquet(file))


def fresh(file: Path, key: str) -> set[int]:
    """Seeds that were run with the code as it is."""
    held = load(file)
    return set(held.loc[held["key"] == key, "seed"].astype(int))


def add(file: Path, rows: Iterable[Row], key: str) -> None:
    """Put finished runs in; rows that other code made are dropped."""
    new = _typed(pd.DataFrame(list(rows), columns=list(COLUMNS)))
    held = load(file)
    held = held[(held["key"] == key) & ~held["seed"].isin(new["seed"])]
    both = pd.concat([held, new]) if len(held) else new
    both = both.sort_values("seed", kind="stable").reset_index(drop=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(f".{os.getpid()}.part")
    both.to_parquet(part, index=False, compression="zstd")
    part.replace(file)


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    kinds = {
        "seed": "int32",
        **dict.fromkeys(TEXTS, "str"),
        **dict.fromkeys(NUMBERS, "float32"),
    }
    return table.astype(kinds)
