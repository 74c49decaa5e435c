"""What the results say of one peer in one world."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

LEVEL = 0.95
MANY, SOME = 1_000, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A share over runs with its Monte Carlo error, and how many runs."""

    share: float
    error: float
    runs: int

    @property
    def text(self) -> str:
        """As a percentage; a dash when there is nothing to count."""
        if not self.runs:
            return "–"
        return f"{100 * self.share:.1f}% ({100 * self.error:.1f})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """One peer in one world, over the estimates of whole populations.

    ``pointwise`` is over the intervals given, ``counted`` takes an interval not given as one that
    missed. ``simultaneous`` is the share of runs in which every simultaneous interval held.
    ``false`` is the share of runs in which some true zero was left out by the family's interval
    (the simultaneous one where the peer has it). ``width`` is the median width.
    """

    runs: int
    estimands: str
    abstained: float
    bias: float
    bias_error: float
    rmse: float
    pointwise: Rate
    counted: Rate
    simultaneous: Rate
    width: float
    false: Rate
    cpu: float
    failed: float
    warned: float


def measure(rows: pd.DataFrame) -> Measures:
    """Measure the whole-population rows of one peer in one world."""
    own = rows[rows["segment"] == ""].copy()
    own["given"] = (own["refused"] == "") & own["estimate"].notna() & own["truth"].notna()
    own["held"] = (own["low"] <= own["truth"]) & (own["truth"] <= own["high"])
    given = own[own["given"]]
    error = given["estimate"].astype(float) - given["truth"].astype(float)
    by_run = error.groupby(given["seed"]).mean()
    runs = int(own["seed"].nunique())
    first = own.drop_duplicates("seed")
    return Measures(
        runs=runs,
        estimands=", ".join(sorted(set(given["estimand"]))),
        abstained=1 - float(own["given"].mean()) if runs else float("nan"),
        bias=float(by_run.mean()),
        bias_error=_error(by_run),
        rmse=float(np.sqrt(np.mean(error**2))),
        pointwise=rate(given["held"], given["seed"]),
        counted=rate(own["held"] & own["given"], own["seed"]),
        simultaneous=families(given),
        width=float((given["high"] - given["low"]).astype(float).median()),
        false=discoveries(given),
        cpu=float(first["cpu"].astype(float).mean()),
        failed=float((first["noticed"] == "FAIL").mean()),
        warned=float((first["noticed"] != "").mean()),
    )


def rate(hits: pd.Series, seeds: pd.Series, expected: float = LEVEL) -> Rate:
    """A share of rows; its error is over runs, and at least that of independent rows."""
    if not len(hits):
        return Rate(share=float("nan"), error=float("nan"), runs=0)
    by_run = hits.astype(float).groupby(seeds).mean()
    least = float(np.sqrt(expected * (1 - expected) / len(hits)))
    return Rate(share=float(hits.mean()), error=max(least, _error(by_run)), runs=int(by_run.size))


def families(given: pd.DataFrame) -> Rate:
    """In which share of runs every simultaneous interval held its truth."""
    known = given[given["simultaneous_low"].notna()]
    held = (known["simultaneous_low"] <= known["truth"]) & (
        known["truth"] <= known["simultaneous_high"]
    )
    every = held.groupby(known["seed"]).all()
    return rate(every, pd.Series(every.index, index=every.index))


def discoveries(given: pd.DataFrame) -> Rate:
    """In which share of runs an effect of zero was claimed not to be."""
    zero = given[given["truth"].abs() < 1e-9]
    low = zero["simultaneous_low"].fillna(zero["low"])
    high = zero["simultaneous_high"].fillna(zero["high"])
    some = ((low > 0) | (high < 0)).groupby(zero["seed"]).any()
    return rate(some, pd.Series(some.index, index=some.index))


def bar(runs: int) -> tuple[float, float] | None:
    """Where coverage must lie: 93 to 97% over 1,000 runs, 90 to 98% over 200, else by its error."""
    if runs >= MANY:
        return 0.93, 0.97
    return (0.90, 0.98) if runs >= SOME else None


def must_be(found: Rate) -> str:
    """The bar in words."""
    limits = bar(found.runs)
    if limits is None:
        return "95% within 3 errors"
    return f"{100 * limits[0]:.0f} to {100 * limits[1]:.0f}%"


def holds(found: Rate) -> bool:
    """Whether a coverage meets its bar."""
    limits = bar(found.runs)
    if limits is None:
        return abs(found.share - LEVEL) <= 3 * found.error
    return limits[0] <= found.share <= limits[1]


def at_least(found: Rate) -> bool:
    """Whether intervals that promise at least their level keep that, within two errors."""
    return found.share >= LEVEL - 2 * found.error


def at_most(found: Rate) -> bool:
    """Whether a rate of false claims is 5% at most, within two errors."""
    return found.share <= 1 - LEVEL + 2 * found.error


def _error(values: pd.Series) -> float:
    if values.size < 2:
        return float("nan")
    return float(values.std(ddof=1) / np.sqrt(values.size))
