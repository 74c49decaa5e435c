"""Unit rows are what the sums are of: the same units, values and arms, however they are made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from causal.base.errors import DataError
from causal.data.moments import unit_rows as own
from causal.data.moments.collect import collect
from causal.data.moments.unit_rows import UnitRows, unit_rows

CAPPED = [{"name": "revenue", "column": "revenue", "cap": {"column": "before", "quantile": 0.9}}]
KEPT = [{"name": "back", "column": "active", "type": "retention", "days": 10}]
RATIO = [{"name": "ctr", "numerator": "clicks", "denominator": "impressions"}]


def read(asked: Any, frame: pd.DataFrame, **more: Any) -> UnitRows:
    return unit_rows(asked, asked.metrics[0], ("A", "B"), frame=frame, **more)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"outcomes": CAPPED},
        {"outcomes": KEPT, "exposed_at": "seen", "observed_until": "2026-02-01"},
        {"outcomes": RATIO},
        {"cluster": "school"},
        {"rows": "exposure"},
        {"block": ["market"], "modifiers": ["power"], "covariates": ["before"]},
    ],
)
def test_their_means_are_those_of_the_moments(
    people: pd.DataFrame, asked: Callable[..., Any], given: dict[str, Any]
) -> None:
    table = people.copy()
    table.loc[::17, "revenue"] = np.nan
    if given.get("rows") == "exposure":
        table = pd.concat([table, table.iloc[::3]])
    request = asked(**given)
    found = collect(request, frame=table)
    cap = found.caps.get(request.metrics[0].name)
    rows = read(request, table, cap=cap)
    moments, level = found.moments, found.readings[0].level
    sums = (moments.n[:, :, None] * moments.mean).sum(axis=1)[:, moments.position(level.numerator)]
    for at in range(2):
        assert rows.value[rows.arm == at].sum() == pytest.approx(sums[at], rel=1e-9)
    if rows.below is not None:
        total = (moments.n[:, :, None] * moments.mean)[:, :, moments.position("d:ctr")].sum()
        assert rows.below.sum() == pytest.approx(total)
    assert rows.known["user"].is_unique


def test_what_was_known_before_lies_beside_under_its_own_name(
    people: pd.DataFrame, asked: Callable[..., Any]
) -> None:
    request = asked(cluster="school", modifiers=["market"], covariates=["before"])
    rows = read(request, people)
    assert list(rows.known.columns) == ["user", "school", "market", "before"]
    joined = rows.known.merge(people, on="user", suffixes=("", "_own"))
    for name in ("school", "market", "before"):
        assert (joined[name] == joined[f"{name}_own"]).all()


def test_units_in_two_arms_and_other_arms_are_left_out(
    people: pd.DataFrame, asked: Callable[..., Any]
) -> None:
    table = pd.concat(
        [people, people.head(1).assign(arm=lambda d: d["arm"].map({"A": "B", "B": "A"}))]
    )
    request = asked(rows="exposure")
    assert len(read(request, table).arm) == len(people) - 1
    rows = unit_rows(asked(), request.metrics[0], ("B",), frame=people)
    assert len(rows.arm) == (people["arm"] == "B").sum()


def test_order_of_rows_changes_nothing(people: pd.DataFrame, asked: Callable[..., Any]) -> None:
    one, other = (read(asked(), each) for each in (people, people.sample(frac=1, random_state=3)))
    assert np.array_equal(one.value, other.value)
    assert one.known.equals(other.known)


def test_more_units_than_memory_should_hold_are_refused(
    people: pd.DataFrame, asked: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own, "MOST", 100)
    with pytest.raises(DataError, match=r"settings.heterogeneity: 600 units have 'revenue'"):
        read(asked(), people)
