"""An experiment with every type of metric, and what of two readouts must be the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from causal.design.experiment import Experiment
from causal.design.reading import study_from

UNITS = 2_400
AWAY = ("sql", "study", "versions", "data.source", "data.fingerprint", "data.engine")
"""What tells where numbers are from, not what they are."""


def users(seed: int = 1) -> pd.DataFrame:
    """Three arms, three markets, a week; some revenue is missing, some scores are clumped."""
    rng = np.random.default_rng(seed)
    arm = rng.choice(["A", "B", "C"], UNITS, p=[0.4, 0.3, 0.3])
    lift = 1 + 0.12 * (arm == "B") + 0.02 * (arm == "C")
    before = rng.gamma(2.0, 5.0, UNITS).round(3)
    revenue = (before * rng.gamma(5.0, 0.2, UNITS) * lift).round(3)
    revenue[rng.random(UNITS) < 0.02] = np.nan
    day = pd.Timestamp("2026-03-02") + pd.to_timedelta(rng.integers(0, 7 * 24, UNITS), "h")
    return pd.DataFrame({
        "user": rng.permutation(UNITS) + 1, "arm": arm, "market": rng.choice(["de", "fr", "it"], UNITS),
        "device": rng.choice(["app", "web"], UNITS), "first": day.strftime("%Y-%m-%dT%H:%M:%S"),
        "before": before, "revenue": revenue, "spent": (before + rng.normal(size=UNITS)).round(3),
        "orders": rng.poisson(2 * lift), "bought": (rng.random(UNITS) < 0.3 * lift).astype(int),
        "clicks": rng.poisson(3, UNITS), "impressions": rng.poisson(30, UNITS) + 3,
        "active": (rng.random(UNITS) < 0.4).astype(int), "wait": rng.lognormal(3.0, 0.6, UNITS).round(2),
    })  # fmt: skip


def visits(people: pd.DataFrame, seed: int = 2) -> pd.DataFrame:
    """Several rows for some users, with a time."""
    rng = np.random.default_rng(seed)
    rows = 3 * UNITS
    when = pd.Timestamp("2026-03-02") + pd.to_timedelta(rng.integers(0, 10 * 24, rows), "h")
    return pd.DataFrame({
        "user": rng.choice(people["user"].to_numpy(), rows), "minutes": rng.gamma(2.0, 4.0, rows).round(2),
        "at": when.strftime("%Y-%m-%d %H:%M:%S"),
    })  # fmt: skip


OUTCOMES: tuple[dict[str, Any], ...] = (
    {"name": "revenue", "column": "revenue", "before": "before",
     "cap": {"column": "before", "quantile": 0.99}},
    {"name": "orders", "column": "orders", "type": "count"},
    {"name": "bought", "column": "bought", "role": "guardrail", "margin": 0.1},
    {"name": "click_rate", "numerator": "clicks", "denominator": "impressions",
     "role": "guardrail", "margin": 0.1},
    {"name": "spent", "column": "spent", "role": "guardrail", "absolute_margin": 1.0},
    {"name": "minutes", "table": "visits", "column": "minutes", "at": "at", "days": 3,
     "role": "secondary"},
    {"name": "returned", "type": "retention", "column": "active", "days": 5, "role": "long-term"},
    {"name": "wait", "column": "wait", "type": "quantile", "quantile": 0.9, "goal": "decrease",
     "role": "secondary"},
)  # fmt: skip
SHARES = {"A": 0.4, "B": 0.3, "C": 0.3}


def study(source: str, tables: Mapping[str, str], **more: Any) -> Experiment:
    """Its study; ``more`` replaces keys, and those of ``data`` are added."""
    data = {"source": source, "tables": dict(tables)} | more.pop("data", {})
    made = study_from({
        "study": "everything", "kind": "experiment", "data": data, "unit": "user",
        "exposed_at": "first", "block": ["market"], "modifiers": ["device"],
        "arms": {"column": "arm", "control": "A", "shares": SHARES},
        "outcomes": [dict(each) for each in OUTCOMES],
        "analysis": {"planned_units": UNITS, "smallest": {"revenue": 0.1}},
    } | more)  # fmt: skip
    assert isinstance(made, Experiment)
    return made


def differences(
    one: Any, other: Any, *, rel: float = 1e-6, at: str = "", away: tuple[str, ...] = AWAY
) -> Iterator[str]:
    """Say where two contents differ by more than rounding."""
    if at in away:
        return
    one, other = (each.tolist() if isinstance(each, np.ndarray) else each for each in (one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other}):
            place = f"{at}.{key}".lstrip(".")
            yield from differences(one.get(key), other.get(key), rel=rel, at=place, away=away)
    elif isinstance(one, list | tuple) and isinstance(other, list | tuple):
        if len(one) != len(other):
            yield f"{at}: {len(one)} and {len(other)}"
        for i, (mine, theirs) in enumerate(zip(one, other, strict=False)):
            yield from differences(mine, theirs, rel=rel, at=f"{at}[{i}]", away=away)
    elif isinstance(one, float) and isinstance(other, float | int):
        if other != pytest.approx(one, rel=rel, abs=1e-12, nan_ok=True):
            yield f"{at}: {one!r} and {other!r}"
    elif one != other:
        yield f"{at}: {one!r} and {other!r}"


def same(one: Any, other: Any, **how: Any) -> None:
    """Fail with the places where two contents differ."""
    found = list(differences(one.content, other.content, **how))
    assert not found, "\n".join(found[:20])


def turned(content: Mapping[str, Any], change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """A copy of the content, each comparison and effect changed."""
    made = dict(content)
    for name in ("comparisons", "effects"):
        made[name] = [dict(each) for each in content[name]]
        for each in made[name]:
            change(each)
    return made
