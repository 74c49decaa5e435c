"""Every check of a switchback: a case it catches and one it passes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from causal.base.finding import Finding, Status
from causal.data.cells.cells import cells_of
from causal.data.cells.switches import drawn_together
from causal.diagnostics.switchback import (
    assignment,
    balance,
    carry_over,
    contamination,
    denominators,
    few_entities,
    few_switches,
    negative_controls,
    same_state,
    values,
)
from causal.diagnostics.switchback._made import Made, Zero


def coins(seed=0, entities=12, periods=60, chance=0.5):
    return (np.random.default_rng(seed).random((entities, periods)) < chance).astype(float)


def made(on, *, chance=0.5, times=None, **changed) -> Made:
    i, t = np.indices(on.shape)
    period = t.ravel() if times is None else np.asarray(times)[t.ravel()]
    frame = pd.DataFrame(
        {"entity": [f"m{k:02d}" for k in i.ravel()], "period": period, "adopted": np.inf,
         "y": 1.0, "on": on.ravel()}
    )  # fmt: skip
    cells = cells_of(frame)
    found = Made(
        cells=cells,
        entity="markets",
        period="half days",
        periods=2,
        washout=0,
        chance=np.full(on.shape, chance),
        together=drawn_together(cells),
        clusters=on.shape[0],
    )
    return replace(found, **changed)


def zero(what, p, value=1.0, error=0.1) -> Zero:
    return Zero(outcome="clicks", what=what, value=value, std_error=error, p_value=p, p_adjusted=p)


def only(found: tuple[Finding, ...]) -> Finding:
    (one,) = found
    return one


def test_a_fair_coin_passes_as_often_as_it_should() -> None:
    statuses = [only(assignment.check(made(coins(seed)))).status for seed in range(20)]
    assert statuses.count(Status.PASS) >= 19


def test_a_market_whose_scheduler_is_stuck_is_named() -> None:
    on = coins(1)
    on[3] = 1.0
    found = only(assignment.check(made(on)))
    assert (found.status, found.blocks) == (Status.FAIL, "page")
    assert "100% of 60 draws in 'm03' came out on, where 50% were declared" in found.meaning


def test_a_wrong_probability_is_found_and_the_right_one_is_not() -> None:
    on = coins(2, chance=0.3)
    assert only(assignment.check(made(on))).status is Status.FAIL
    assert only(assignment.check(made(on, chance=0.3))).status is Status.PASS
    varying = np.tile(np.where(np.arange(60) % 2, 0.2, 0.7), (12, 1))
    on = (np.random.default_rng(3).random(varying.shape) < varying).astype(float)
    assert only(assignment.check(replace(made(on), chance=varying))).status is Status.PASS


def test_nights_that_are_always_off_are_found() -> None:
    on = coins(4, entities=12, periods=80)
    on[:, 1::2] = coins(5, 12, 40, chance=0.35)
    on[:, ::2] = coins(6, 12, 40, chance=0.65)
    start = np.datetime64("2026-01-01T00:00", "s").astype(np.int64)
    own = made(on, times=start + 43_200 * np.arange(80))
    names = tuple(str(np.datetime64(int(each), "s")) for each in own.cells.times)
    found = only(assignment.check(replace(own, cells=replace(own.cells, periods=names))))
    assert found.status is Status.FAIL
    assert {"00:00", "12:00"} <= {row["of"] for row in found.detail}


def test_a_fixed_turn_is_no_draw() -> None:
    on = np.add.outer(np.arange(12), np.arange(60)) % 2
    found = only(assignment.check(made(on.astype(float))))
    assert found.status is Status.WARN
    assert "more regular than independent draws" in found.meaning
    slow = np.repeat(coins(7, periods=15), 4, axis=1)
    assert "rarer than independent draws" in only(assignment.check(made(slow))).meaning
    days = np.tile(np.arange(60) // 4, (12, 1)) + 100 * np.arange(12)[:, None]
    assert only(assignment.check(replace(made(slow), together=days))).status is Status.PASS


def test_cells_of_one_draw_that_differ_are_found() -> None:
    days = np.tile(np.arange(60) // 2, (12, 1)) + 100 * np.arange(12)[:, None]
    found = only(assignment.check(replace(made(coins(8)), together=days)))
    assert (found.status, found.blocks) == (Status.FAIL, "page")
    assert "carry.block_of says" in found.meaning


@pytest.mark.parametrize(
    ("check", "what", "limits"),
    [
        (balance, "before", (0.001, 0.01)),
        (carry_over, "next", (0.01, 0.05)),
        (negative_controls, "control", (0.001, 0.05)),
    ],
)
def test_what_must_be_zero_is_tested(check, what, limits) -> None:
    own = made(coins(9))
    assert check.check(own) == ()
    for p, status in ((limits[0] / 2, Status.FAIL), (limits[1] * 0.9, Status.WARN),
                      (limits[1] * 2, Status.PASS)):  # fmt: skip
        found = only(check.check(replace(own, tests=(zero(what, p),))))
        assert found.status is status
        assert (found.blocks == "none") == (status is not Status.FAIL)
        assert bool(found.remedy) == (status is not Status.PASS)


def test_denominators_that_move_are_found() -> None:
    own = made(coins(10))
    assert denominators.check(own) == ()
    moved = only(denominators.check(replace(own, tests=(zero("size", 0.0, value=0.5),))))
    assert moved.status is Status.WARN
    assert "50% more of what clicks is a share of" in moved.meaning
    still = only(denominators.check(replace(own, tests=(zero("size", 0.5, value=0.05),))))
    assert still.status is Status.PASS


def test_values_that_vanish_while_on_are_found() -> None:
    own = made(coins(10))
    assert values.check(own) == ()
    gone = only(values.check(replace(own, tests=(zero("value", 0.0001, value=-0.2),))))
    assert (gone.status, gone.blocks) == (Status.FAIL, "design")
    assert "clicks lacks a value more often than while off, by 20% of cells" in gone.meaning
    alike = only(values.check(replace(own, tests=(zero("value", 0.4, value=-0.01),))))
    assert (alike.status, alike.blocks) == (Status.WARN, "none")


def test_few_switches_and_markets_that_never_switch_are_named() -> None:
    assert only(few_switches.check(made(coins(11)))).status is Status.PASS
    on = coins(11)
    on[2] = 0.0
    found = only(few_switches.check(made(on)))
    assert found.status is Status.WARN
    assert "'m02' never is" in found.meaning
    short = only(few_switches.check(made(coins(11, periods=8))))
    assert short.status is Status.WARN
    assert "rests on few changes" in short.meaning
    on[3:] = 1.0
    few = only(few_switches.check(made(on)))
    assert (few.status, few.blocks) == (Status.FAIL, "design")


@pytest.mark.parametrize(
    ("entities", "status"), [(4, Status.FAIL), (9, Status.WARN), (12, Status.PASS)]
)
def test_few_entities_are_counted(entities, status) -> None:
    assert only(few_entities.check(made(coins(12, entities=entities)))).status is status


def test_periods_in_one_state_are_counted_and_gaps_too() -> None:
    assert only(same_state.check(made(coins(13)))).status is Status.PASS
    on = coins(13)
    on[:, :40] = on[:1, :40]
    assert only(same_state.check(made(on))).status is Status.WARN
    together = only(same_state.check(made(np.tile(on[:1], (12, 1)))))
    assert (together.status, together.blocks) == (Status.FAIL, "design")
    times = np.arange(60) + 5 * (np.arange(60) >= 30)
    gap = only(same_state.check(made(coins(13), times=times)))
    assert "Time is missing in 1 places; the 3 half days after each are left out" in gap.meaning


def test_a_pool_that_is_shared_or_not_spoken_of_is_said() -> None:
    own = made(coins(14))
    assert contamination.check(replace(own, pool="separate")) == ()
    assert "does not say" in only(contamination.check(own)).meaning
    assert "side by side" in only(contamination.check(replace(own, pool="shared"))).meaning
