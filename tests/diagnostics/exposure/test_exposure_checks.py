"""Checks of exposure: each has a case it catches and one it passes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from causal.base.finding import Finding, Status
from causal.diagnostics.exposure import (
    continuity,
    crossing,
    density,
    exclusion,
    first_stage,
    monotonicity,
    negative_controls,
    over_identification,
    placebo_cutoffs,
    uniform_order,
)
from causal.diagnostics.exposure._made import (
    Agreement,
    Chances,
    FirstStage,
    Made,
    Part,
    Scores,
    Shift,
    Trait,
)

STAGE = FirstStage(arm="1 - 0", effect=5.0, error=0.5, f=100.0, bounded=True)
MADE = Made(exposure="impressions", level=0.95, strong=10.0, first_stages=(STAGE,))


def one(found: tuple[Finding, ...]) -> Finding:
    (finding,) = found
    return finding


def shift(p: float, name: str = "share above") -> Shift:
    return Shift(name=name, arm="1 - 0", effect=0.1, error=0.05, p=p)


@pytest.mark.parametrize(
    ("f", "bounded", "status", "words"),
    [
        (30.0, True, Status.PASS, "where 10 is asked."),
        (30.0, None, Status.PASS, "where 10 is asked."),
        (4.0, True, Status.WARN, "only the set of values"),
        (1.0, False, Status.FAIL, "no claim is made"),
    ],
)
def test_the_first_stage_is_held_against_what_a_point_asks(
    f: float, bounded: bool | None, status: Status, words: str
) -> None:
    finding = one(
        first_stage.check(replace(MADE, first_stages=(replace(STAGE, f=f, bounded=bounded),)))
    )
    assert (finding.status, finding.blocks) == (status, "none")
    assert words in finding.meaning


def test_a_first_stage_that_cannot_be_told_is_named() -> None:
    unknown = FirstStage(arm="2 - 0", effect=None, error=None, f=None, why="too few units")
    found = first_stage.check(replace(MADE, first_stages=(STAGE, unknown)))
    assert [each.status for each in found] == [Status.PASS, Status.WARN]
    assert "2 - 0 (too few units)" in found[1].meaning
    assert first_stage.check(replace(MADE, first_stages=(unknown,))) == ()


@pytest.mark.parametrize(("p", "status"), [(0.2, Status.PASS), (0.004, Status.WARN)])
def test_a_slate_that_moved_is_warned_of(p: float, status: Status) -> None:
    finding = one(exclusion.check(replace(MADE, slate=(shift(p), shift(0.7, "place")))))
    assert finding.status is status
    assert finding.columns == (("share above",) if status is Status.WARN else ())
    assert exclusion.check(MADE) == ()


@pytest.mark.parametrize(("p", "status"), [(0.01, Status.PASS), (0.0001, Status.FAIL)])
def test_a_past_that_moved_stops_the_page(p: float, status: Status) -> None:
    finding = one(negative_controls.check(replace(MADE, controls=(shift(p, "clicks before"),))))
    assert finding.status is status
    assert finding.blocks == ("page" if status is Status.FAIL else "none")
    assert negative_controls.check(MADE) == ()


@pytest.mark.parametrize(
    ("p", "empty", "status"),
    [(0.4, False, Status.PASS), (0.03, False, Status.WARN), (0.0001, True, Status.FAIL)],
)
def test_instruments_that_disagree_are_told(p: float, empty: bool, status: Status) -> None:
    agreement = Agreement(outcome="clicks", p=p, empty=empty)
    finding = one(over_identification.check(replace(MADE, agreements=(agreement,))))
    assert (finding.status, finding.blocks) == (status, "none")
    assert over_identification.check(MADE) == ()


@pytest.mark.parametrize(
    ("effect", "p", "status"),
    [(4.0, 0.0001, Status.PASS), (-4.0, 0.001, Status.WARN), (-4.0, 0.2, Status.PASS)],
)
def test_a_segment_that_moves_the_other_way_is_warned_of(
    effect: float, p: float, status: Status
) -> None:
    parts = tuple(
        Part(segment="topic", value=value, arm="1 - 0", effect=size, error=1.0, p=chance, units=500)
        for value, size, chance in (("music", 5.0, 0.0001), ("food", effect, p))
    )
    finding = one(monotonicity.check(replace(MADE, parts=parts)))
    assert finding.status is status
    if status is Status.WARN:
        assert "topic food" in finding.meaning
    assert monotonicity.check(MADE) == ()


@pytest.mark.parametrize(("p", "status"), [(0.02, Status.PASS), (0.0001, Status.FAIL)])
def test_an_order_that_is_not_chance_stops_the_page(p: float, status: Status) -> None:
    trait = Trait(name="video", statistic=20.0, p=p, first=0.4, last=0.6)
    finding = one(uniform_order.check(replace(MADE, traits=(trait,))))
    assert finding.status is status
    assert finding.blocks == ("page" if status is Status.FAIL else "none")
    assert uniform_order.check(MADE) == ()


@pytest.mark.parametrize(("strange", "status"), [(5, Status.PASS), (50, Status.FAIL)])
def test_probabilities_that_no_uniform_draw_has_stop_the_page(strange: int, status: Status) -> None:
    logged = Chances(rows=1_000, strange=strange, fewest=20, most=24)
    finding = one(uniform_order.check(replace(MADE, chances=logged)))
    assert finding.status is status
    assert finding.name == "propensity of exploration"


@pytest.mark.parametrize(
    ("p", "status"), [(0.3, Status.PASS), (0.03, Status.WARN), (0.001, Status.FAIL)]
)
def test_scores_on_one_side_of_the_cutoff_are_told(p: float, status: Status) -> None:
    finding = one(density.check(replace(MADE, scores=Scores(density=p))))
    assert finding.status is status
    assert finding.blocks == ("page" if status is Status.FAIL else "none")
    assert density.check(MADE) == ()


def test_a_density_that_cannot_be_told_does_not_pass() -> None:
    finding = one(density.check(replace(MADE, scores=Scores(density=float("nan")))))
    assert (finding.status, finding.statistic) == (Status.WARN, None)


@pytest.mark.parametrize(
    ("at", "most", "p", "found"),
    [(40, 1, 1e-9, True), (40, 45, 1e-9, False), (3, 1, 0.02, False)],
)
def test_rows_that_heap_at_the_cutoff_stop_the_page(at, most, p, found) -> None:
    scores = Scores(density=0.5, at=at, most=most, heap=p)
    heaped = [
        each.blocks
        for each in density.check(replace(MADE, scores=scores))
        if each.name == "rows at the cutoff"
    ]
    assert heaped == (["page"] if found else [])


@pytest.mark.parametrize(("fewest", "found"), [(8, True), (200, False), (None, False)])
def test_a_line_through_few_scores_is_warned_of(fewest, found) -> None:
    names = [
        each.name
        for each in density.check(replace(MADE, scores=Scores(density=0.5, fewest=fewest)))
    ]
    assert ("few scores" in names) is found


@pytest.mark.parametrize(("p", "status"), [(0.001, Status.PASS), (0.4, Status.WARN)])
def test_an_exposure_that_does_not_jump_is_warned_of(p, status) -> None:
    finding = one(crossing.check(replace(MADE, crossing=shift(p))))
    assert (finding.status, finding.blocks) == (status, "none")
    assert crossing.check(MADE) == ()


@pytest.mark.parametrize(("p", "status"), [(0.3, Status.PASS), (0.01, Status.WARN)])
def test_an_outcome_that_jumps_where_nothing_is_given_is_warned_of(p, status) -> None:
    finding = one(placebo_cutoffs.check(replace(MADE, placebos=(shift(p), shift(0.8)))))
    assert finding.status is status
    assert placebo_cutoffs.check(MADE) == ()


def test_what_could_not_be_tested_for_a_jump_is_named() -> None:
    finding = one(continuity.check(replace(MADE, untested=(("age", "it does not vary"),))))
    assert finding.status is Status.WARN
    assert "“age” (it does not vary)" in finding.meaning


@pytest.mark.parametrize(("p", "status"), [(0.2, Status.PASS), (0.01, Status.FAIL)])
def test_what_was_settled_before_may_not_jump(p: float, status: Status) -> None:
    finding = one(continuity.check(replace(MADE, continuity=(shift(p), shift(0.9)))))
    assert finding.status is status
    assert finding.columns == (("share above",) if status is Status.FAIL else ())
    assert continuity.check(MADE) == ()
