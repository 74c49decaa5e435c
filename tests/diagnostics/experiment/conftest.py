"""Experiments by hand, for checks of the validity gate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pytest

from causal.data.moments.collected import Collected, Counts, Reading, Split
from causal.data.moments.moments import Moments
from causal.data.moments.rows import moments_of
from causal.data.panel import Provenance

Build = Callable[..., Collected]


def build(
    randomized: Sequence[int] = (500, 500),
    *,
    shares: Sequence[float] | None = None,
    crossed: int = 0,
    unplanned: Mapping[str, int] | None = None,
    days: Any = None,
    splits: Mapping[str, Any] | None = None,
    moments: Moments | None = None,
    readings: Sequence[Reading] = (),
    missing: Mapping[str, Any] | None = None,
    immature: Mapping[str, Any] | None = None,
    first: date | None = date(2026, 3, 2),
    last: date | None = date(2026, 3, 15),
) -> Collected:
    """An experiment with these counts; moments have a column of zeros when none are given."""
    arms = tuple("ABCDE"[: len(randomized)])
    planned = np.array(shares or [1 / len(arms)] * len(arms))
    if moments is None:
        used = [(arm, n) for arm, n, s in zip(arms, randomized, planned, strict=True) if s > 0]
        code = np.repeat(np.arange(len(used)), [n for _, n in used])
        named = tuple(arm for arm, _ in used)
        moments = moments_of(code, np.zeros((code.size, 1)), arms=named, columns=("y",))
    return Collected(
        moments=moments,
        segments={},
        readings=tuple(readings),
        counts=Counts(
            arms=arms,
            shares=planned,
            randomized=np.array(randomized),
            crossed=crossed,
            unplanned=unplanned or {},
            days=None if days is None else _split("day", days),
            splits=tuple(_split(name, rows) for name, rows in (splits or {}).items()),
        ),
        missing={name: np.array(n) for name, n in (missing or {}).items()},
        immature={name: np.array(n) for name, n in (immature or {}).items()},
        first=first,
        last=last,
        caps={},
        sql=(),
        provenance=Provenance(source="", fingerprint="", rows_read=0, rows=0),
    )


def _split(name: str, rows: Any) -> Split:
    counts = np.array(rows)
    values = [str(np.datetime64("2026-03-02") + at) for at in range(len(counts))]
    if name != "day":
        values = [f"{name}{at}" for at in range(len(counts))]
    return Split(name=name, values=tuple(values), counts=counts)


@pytest.fixture
def given() -> Build:
    """Makes an experiment from its counts."""
    return build
