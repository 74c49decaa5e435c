"""Checks of both sides: each has a case it catches and one it passes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from causal.base.catalog import members
from causal.base.finding import Finding, Status
from causal.base.streams import stream
from causal.data.moments.collected import Counts
from causal.data.pairs.collected import CollectedPairs
from causal.data.pairs.sums import sums_of
from causal.data.panel import Provenance
from causal.diagnostics.experiment._planned import Planned
from causal.diagnostics.two_sided import days, few, sides


def counts(*units: int, crossed: int = 0, unplanned: int = 0) -> Counts:
    return Counts(
        arms=("A", "B"),
        shares=np.array([0.5, 0.5]),
        randomized=np.array(units),
        crossed=crossed,
        unplanned={"C": unplanned} if unplanned else {},
    )


def collected(
    users: Counts | None = None,
    creators: Counts | None = None,
    *,
    size: tuple[int, int] = (80, 80),
    spread: float = 0.1,
    last: date | None = date(2026, 3, 15),
) -> CollectedPairs:
    rng = stream(1, "sides")
    user, creator = np.divmod(np.arange(size[0] * size[1]), size[1])
    of = rng.gamma(1 / spread**2, spread**2, size[1])[creator]
    sums = sums_of(
        user,
        creator,
        rng.poisson(5 * of)[:, None] + 0.0,
        user_arm=np.arange(size[0]) % 2,
        creator_arm=np.arange(size[1]) % 2,
        columns=("y",),
    )
    provenance = Provenance(source="", fingerprint="", rows_read=1, rows=1, dropped=())
    return CollectedPairs(
        sums=sums,
        users=users or counts(500, 500),
        creators=creators or counts(200, 190),
        rows=1,
        first=date(2026, 3, 2) if last else None,
        last=last,
        sql=(),
        provenance=provenance,
    )


def found(given: CollectedPairs) -> dict[str, Finding]:
    return {
        each.name: each
        for member in members("causal.diagnostics.two_sided").values()
        for each in member.check(given, Planned())
    }


def test_a_healthy_experiment_passes_every_check():
    assert {each.status for each in found(collected()).values()} == {Status.PASS}


@pytest.mark.parametrize("side", ["users", "creators"])
@pytest.mark.parametrize(
    ("broken", "name"),
    [
        (counts(600, 400), "sample ratio"),
        (counts(500, 0), "sample ratio"),
        (counts(500, 500, crossed=40), "in several arms"),
        (counts(500, 500, unplanned=1), "arms of zero share"),
    ],
)
def test_what_is_wrong_on_one_side_fails_by_its_name(side: str, broken: Counts, name: str):
    given = collected(**{side: broken})
    failed = {each for each, it in found(given).items() if it.status is Status.FAIL}
    assert failed == {f"{name} ({side})"}
    told = found(given)[f"{name} ({side})"]
    assert told.blocks == "page"
    assert side in told.meaning


def test_remedies_name_the_keys_of_the_side():
    (told,) = [
        each
        for each in sides.check(collected(creators=counts(9, 9, unplanned=1)), Planned())
        if each.status is Status.FAIL
    ]
    assert "arms.creator.shares" in told.remedy


@pytest.mark.parametrize(
    ("size", "spread", "status"),
    [
        ((80, 80), 0.1, Status.PASS),
        ((80, 20), 0.1, Status.WARN),
        ((80, 80), 1.2, Status.WARN),
        ((80, 8), 0.1, Status.FAIL),
    ],
)
def test_few_creators_or_unlike_ones_are_told(size: tuple[int, int], spread: float, status: Status):
    users, creators = few.check(collected(size=size, spread=spread), Planned())
    assert creators.status is status
    assert users.status is Status.PASS


def test_days_are_counted_where_they_are_known():
    short = days.check(collected(last=date(2026, 3, 5)), Planned())
    assert {each.status for each in short} == {Status.WARN}
    (undated,) = days.check(collected(last=None), Planned())
    assert "the day of a row: time" in undated.remedy


def test_valid_experiments_seldom_fail_on_either_side():
    """Over 1,000 of them at most 1%, planned shares of a third too."""
    shares = np.array([1 / 3, 2 / 3])
    rng = stream(2, "valid sides")
    base = collected()
    failed = 0
    for _ in range(1_000):
        drawn = [
            Counts(arms=("A", "B"), shares=shares, randomized=rng.multinomial(n, shares))
            for n in (900, 60)
        ]
        given = replace(base, users=drawn[0], creators=drawn[1])
        failed += any(each.status is Status.FAIL for each in sides.check(given, Planned()))
    assert failed <= 10
