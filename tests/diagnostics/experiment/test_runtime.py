"""Runtime: a young experiment waits, and is told until when."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from causal.base.finding import Status
from causal.diagnostics.experiment._planned import Planned
from causal.diagnostics.experiment.runtime import check, earliest
from causal.policy.verdict import EARLY

FIRST = date(2026, 3, 2)


def after(days: int) -> date:
    return FIRST + timedelta(days=days - 1)


@pytest.mark.parametrize(
    ("days", "minimum", "weeks", "until"),
    [
        (5, Status.WARN, Status.WARN, 7),
        (7, Status.PASS, Status.PASS, None),
        (10, Status.PASS, Status.WARN, 14),
        (14, Status.PASS, Status.PASS, None),
    ],
)
def test_days_and_weeks_are_waited_for(given, days, minimum, weeks, until):
    found = check(given(last=after(days)), Planned())
    assert [each.name for each in found] == list(EARLY)
    assert [each.status for each in found] == [minimum, weeks]
    assert all(each.blocks == "none" for each in found)
    dates = {each.ends for each in found if each.status is Status.WARN}
    assert dates == (set() if until is None else {after(until)})


def test_what_is_not_planned_is_not_waited_for(given):
    plan = Planned(minimum_days=0, full_weeks=False)
    assert check(given(last=after(1)), plan) == ()
    assert [each.name for each in check(given(last=after(5)), Planned(full_weeks=False))] == [
        "minimum runtime"
    ]


def test_without_dates_nothing_is_too_early(given):
    (found,) = check(given(first=None, last=None), Planned())
    assert found.status is Status.WARN
    assert found.name not in EARLY


@pytest.mark.parametrize("minimum", [0, 1, 7, 10, 14])
@pytest.mark.parametrize("weeks", [True, False])
def test_the_day_waited_for_is_the_first_that_passes(given, minimum, weeks):
    plan = Planned(minimum_days=minimum, full_weeks=weeks)
    for days in range(1, 20):
        until = earliest(FIRST, after(days), plan)
        assert until >= after(days)
        assert all(f.status is Status.PASS for f in check(given(last=until), plan))
        for between in range(days, (until - FIRST).days + 1):
            found = check(given(last=after(between)), plan)
            assert any(each.status is Status.WARN for each in found)
