"""Every check of a change at one date: a case it catches and one it passes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from causal.base.finding import Finding, Status
from causal.diagnostics.single import (
    agreement,
    contamination,
    donors,
    few_periods,
    launch,
    logging,
    negative_controls,
    placebo_date,
    pre_fit,
)
from causal.diagnostics.single._made import Blended, Control, Early, Looked, Made

GOOD = Blended(
    fit=0.2, spread=1.0, usual=0.2, beyond=0.0, heaviest="m01", weight=0.3,
    effect=1.0, without_low=0.9, without_high=1.1,
)  # fmt: skip
MADE = Made(
    entities="markets", periods="days", treated=("m12",), launch="2026-02-01", before=40, after=20,
    asked=("series", "synthetic"), donors=24, pool="separate", looked=(Looked(outcome="clicks"),),
)  # fmt: skip


def blended(**changed) -> Made:
    return replace(MADE, looked=(Looked(outcome="clicks", blended=replace(GOOD, **changed)),))


def looked(**changed) -> Made:
    return replace(MADE, looked=(Looked(outcome="clicks", **changed),))


def only(found: tuple[Finding, ...]) -> Finding:
    (one,) = found
    assert bool(one.remedy) == (one.status is not Status.PASS)
    return one


def early(p: float, method="synthetic") -> Early:
    return Early(method=method, period="2026-01-20", value=1.0, std_error=0.3, p_value=p)


def test_who_changed_and_when_is_said_and_little_before_it_is_a_warning() -> None:
    fine = only(launch.check(MADE))
    assert fine.status is Status.PASS
    assert "'m12' changed in 2026-02-01, with 40 days before and 20 from then on" in fine.meaning
    assert "says little" in only(launch.check(replace(MADE, before=5))).meaning
    assert "2 seasons of 30" in only(launch.check(replace(MADE, season=30))).meaning
    assert "between two days" in only(launch.check(replace(MADE, between=("m12",)))).meaning
    assert "from the start" in only(launch.check(replace(MADE, always=("m02",)))).meaning


def test_what_is_refused_is_named() -> None:
    assert few_periods.check(replace(MADE, looked=())) == ()
    assert only(few_periods.check(MADE)).status is Status.PASS
    found = only(few_periods.check(looked(refused=(("series", "too few periods: 20"),))))
    assert found.status is Status.WARN
    assert "Against its own course clicks has no interval: too few periods: 20." in found.meaning


@pytest.mark.parametrize(
    ("fit", "usual", "status"),
    [
        (0.2, 0.2, Status.PASS),
        (0.9, 0.8, Status.PASS),
        (0.4, 0.2, Status.WARN),
        (0.9, 0.5, Status.WARN),
        (0.9, 0.3, Status.FAIL),
        (0.9, None, Status.FAIL),
    ],
)
def test_a_blend_that_does_not_follow_is_found_unless_donors_do_not_either(
    fit: float, usual: float | None, status: Status
) -> None:
    found = only(pre_fit.check(blended(fit=fit, usual=usual)))
    assert found.status is status
    assert found.blocks == ("design" if status is Status.FAIL else "none")
    assert found.columns == (("clicks",) if status is Status.FAIL else ())


def test_without_a_blend_there_is_no_fit() -> None:
    assert pre_fit.check(MADE) == ()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"weight": 0.9}, "the blend for clicks is 90% 'm01'"),
        ({"beyond": 0.2}, "lies outside all donors in 20% of the time before"),
        ({"without_low": -0.1}, "without one donor the effect on clicks has the other sign"),
    ],
)
def test_an_answer_that_hangs_on_one_donor_is_a_warning(changed, words) -> None:
    assert only(donors.check(blended())).status is Status.PASS
    found = only(donors.check(blended(**changed)))
    assert found.status is Status.WARN
    assert words in found.meaning


def test_donors_are_counted_and_those_left_out_named() -> None:
    assert donors.check(replace(MADE, asked=("series",))) == ()
    few = only(donors.check(replace(MADE, donors=3)))
    assert "3 markets may stand for what changed; at least 10 are needed" in few.meaning
    ranks = only(donors.check(replace(MADE, donors=12)))
    assert ranks.status is Status.WARN
    assert "ranks among so few cannot be under p = 0.077, so that the 95% interval" in ranks.meaning
    assert only(donors.check(replace(MADE, donors=19))).status is Status.PASS
    assert only(donors.check(replace(MADE, donors=9, level=0.8))).statistic == 9
    none = only(donors.check(replace(MADE, donors=0)))
    assert "there is nothing to blend" in none.meaning
    out = only(donors.check(replace(MADE, holes=("m02",), reached=("m03", "m04"))))
    assert out.status is Status.PASS
    assert "'m02' lacks a period and cannot be one" in out.meaning
    assert "'m03', 'm04' have neighbours that changed" in out.meaning


def test_a_date_at_which_nothing_changed_shows_nothing() -> None:
    assert placebo_date.check(MADE) == ()
    for p, status in ((0.004, Status.FAIL), (0.04, Status.WARN), (0.3, Status.PASS)):
        assert only(placebo_date.check(looked(early=(early(p),)))).status is status
    both = looked(early=(early(0.001), early(0.8, "series")))
    found = only(placebo_date.check(both))
    assert found.designs == ("synthetic of clicks",)
    assert "against a blend of donors (p = 0.002)" in found.meaning


def test_methods_that_differ_are_said_and_take_nothing_away() -> None:
    assert agreement.check(MADE) == ()
    assert only(agreement.check(looked(gap=1.0))).status is Status.PASS
    found = only(agreement.check(looked(gap=-3.0)))
    assert (found.status, found.blocks) == (Status.WARN, "none")
    assert "3 errors less than against its own course" in found.meaning


def test_a_count_that_jumps_is_a_warning() -> None:
    assert logging.check(MADE) == ()
    assert only(logging.check(looked(jump=3.0))).status is Status.PASS
    assert "falls by 6 errors at the launch" in only(logging.check(looked(jump=-6.0))).meaning


@pytest.mark.parametrize(
    ("p", "status"), [(0.0005, Status.FAIL), (0.03, Status.WARN), (0.5, Status.PASS)]
)
def test_what_cannot_have_moved_did_not(p: float, status: Status) -> None:
    assert negative_controls.check(MADE) == ()
    control = Control(outcome="noise", method="series", value=1.0, std_error=0.2, p_adjusted=p)
    found = only(negative_controls.check(replace(MADE, controls=(control,))))
    assert found.status is status
    assert found.blocks == ("page" if status is Status.FAIL else "none")


def test_pools_are_spoken_of() -> None:
    assert only(contamination.check(MADE)).status is Status.PASS
    assert "share a pool" in only(contamination.check(replace(MADE, pool="shared"))).meaning
    assert "does not say" in only(contamination.check(replace(MADE, pool=None))).meaning
    apart = only(contamination.check(replace(MADE, pool="shared", apart=True)))
    assert apart.status is Status.PASS
    assert contamination.check(replace(MADE, asked=("series",))) == ()
