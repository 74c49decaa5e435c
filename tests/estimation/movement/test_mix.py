"""Mix and rate: exact, as published, and with errors that hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, t

from causal.content.outcome import Outcome
from causal.data.movement.collect import collect_periods
from causal.data.movement.request import MovementRequest
from causal.data.movement.sums import SegmentSums, Spread
from causal.data.request import Request
from causal.estimation.movement.cells import apart
from causal.estimation.movement.mix import beyond, mix_rate


def read(frame: pd.DataFrame, cluster: tuple[str, ...] = ("user",)) -> SegmentSums:
    flags = {"before": "week = 0", "after": "week = 1"}
    request = MovementRequest(
        table=Request(flags=flags),
        outcomes=(Outcome(name="rate", column="y"),),
        segments=(("topic",),),
        cluster=cluster,
    )
    return collect_periods(request, frame=frame).cut[0]


def of(share: np.ndarray, rate: np.ndarray) -> SegmentSums:
    """Sums of known shares and rates, of 1,000 independent rows a period."""
    bottom = 1000 * np.asarray(share, dtype=float)
    top = bottom * np.asarray(rate, dtype=float)
    return sums_of(top[None], bottom[None], bottom.round().astype(np.int64), 1000)


def sums_of(top: np.ndarray, bottom: np.ndarray, rows: np.ndarray, groups: int) -> SegmentSums:
    segments = top.shape[2]
    return SegmentSums(
        outcome="rate",
        columns=("topic",),
        values=tuple((str(s),) for s in range(segments)),
        rows=rows,
        users=np.zeros(segments, dtype=np.int64),
        largest=np.full(segments, np.nan),
        top=top.sum(axis=0),
        bottom=bottom.sum(axis=0),
        spread=(Spread(sign=1, top=top, bottom=bottom, groups=groups),),
        clusters=(groups,),
    )


def summed(frame: pd.DataFrame, value: str = "y", segments: int = 4) -> SegmentSums:
    """Sums by user as the engine gives them, segments in the order of topics."""
    users = np.unique(frame.user, return_inverse=True)[1]
    groups = int(users.max()) + 1
    top, bottom = np.zeros((groups, 2, segments)), np.zeros((groups, 2, segments))
    at = (users, frame.week.to_numpy(), frame.topic.to_numpy())
    np.add.at(top, at, frame[value].to_numpy())
    np.add.at(bottom, at, 1.0)
    return sums_of(top, bottom, bottom.sum(axis=0).astype(np.int64), groups)


def drawn(seed: int, rows: int = 4_000, users: int = 80) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    user, week = rng.integers(0, users, rows), rng.integers(0, 2, rows)
    taste = rng.normal(size=users)
    topic = np.minimum((4 * rng.random(rows) + 0.3 * week).astype(int), 3)
    line = -1 + 0.3 * topic + 0.2 * week * (topic == 2) + 0.6 * taste[user]
    chance = 1 / (1 + np.exp(-line))
    return pd.DataFrame(
        {"user": user, "week": week, "topic": topic, "chance": chance,
         "y": (rng.random(rows) < chance).astype(float)}
    )  # fmt: skip


def test_parts_of_a_worked_example() -> None:
    """Two segments: .4 and .6 of rows at .10 and .20 become .5 and .5 at .10 and .30."""
    sums = of([[0.4, 0.6], [0.5, 0.5]], [[0.1, 0.2], [0.1, 0.3]])
    mix = [0.1 * (0.1 - 0.18), -0.1 * (0.25 - 0.18)]
    rate = [0.0, 0.1 * 0.55]
    np.testing.assert_allclose(mix_rate(sums).values[:4], [*mix, *rate], atol=1e-15)
    three = mix_rate(sums, interaction=True).values
    np.testing.assert_allclose(three[:2], [0.1 * (0.1 - 0.16), -0.1 * (0.2 - 0.16)], atol=1e-15)
    np.testing.assert_allclose(three[2:6], [0, 0.6 * 0.1, 0, -0.1 * 0.1], atol=1e-15)


@pytest.mark.parametrize("interaction", [False, True])
@pytest.mark.parametrize("seed", range(20))
def test_parts_add_up_to_the_move_exactly(seed: int, interaction: bool) -> None:
    rng = np.random.default_rng(seed)
    share = rng.dirichlet(np.ones(7), size=2)
    share[0, 0] = 0.0
    share /= share.sum(axis=1, keepdims=True)
    sums = of(share, rng.normal(size=(2, 7)) * 10.0 ** rng.integers(-3, 4))
    parts = mix_rate(sums, interaction=interaction)
    k = 3 if interaction else 2
    moved = float(np.diff(sums.means)[0])
    scale = np.abs(sums.means).max()
    assert parts.values[: 7 * k].sum() == pytest.approx(moved, abs=1e-13 * scale)
    assert parts.values[-k - 1 : -1].sum() == pytest.approx(moved, abs=1e-13 * scale)


def test_a_segment_that_one_period_lacks_is_all_mix() -> None:
    sums = of([[0.0, 1.0], [0.2, 0.8]], [[0.0, 0.1], [0.6, 0.1]])
    parts = mix_rate(sums)
    assert parts.values[2] == 0
    assert parts.values[:2].sum() == pytest.approx(0.1)
    assert beyond(sums).refusal[0] == "one period has no row of it"


def test_turning_the_periods_round_turns_every_sign() -> None:
    frame = drawn(1)
    one, other = mix_rate(read(frame)), mix_rate(read(frame.assign(week=1 - frame.week)))
    np.testing.assert_allclose(one.values, -other.values, atol=1e-15)
    np.testing.assert_allclose(one.std_errors, other.std_errors, rtol=1e-9)


def test_errors_are_those_of_leaving_out_each_cluster() -> None:
    frame = drawn(2, users=60)
    found = mix_rate(summed(frame))
    left = np.array([mix_rate(summed(frame[frame.user != u])).values for u in range(60)])
    jackknife = np.sqrt(((left - left.mean(axis=0)) ** 2).sum(axis=0) * 59 / 60)
    # The two agree to the order of one over the clusters.
    np.testing.assert_allclose(found.std_errors, jackknife, rtol=0.06)


def test_sums_of_the_engine_give_the_same_parts() -> None:
    frame = drawn(2)
    engine, ours = read(frame), summed(frame)
    order = [int(value[0]) for value in engine.values]
    one, other = mix_rate(engine), mix_rate(ours)
    for part in (0, 4):
        at = np.array(order) + part
        np.testing.assert_allclose(one.values[part : part + 4], other.values[at], atol=1e-12)
        np.testing.assert_allclose(one.std_errors[part : part + 4], other.std_errors[at])
    np.testing.assert_allclose(one.std_errors[-3:], other.std_errors[-3:])


def test_the_move_of_independent_rows_has_the_error_of_two_means() -> None:
    frame = drawn(3)
    found = mix_rate(read(frame, cluster=()))
    parts = [frame.y[frame.week == w] for w in (0, 1)]
    expected = np.sqrt(sum(part.var(ddof=0) / part.size for part in parts))
    assert found.std_errors[-1] == pytest.approx(expected, rel=1e-3)


def test_intervals_hold_the_truth_with_clusters() -> None:
    runs, hits = 200, np.zeros(3)
    many = drawn(10_000, rows=1_000_000, users=50_000)
    truth = mix_rate(summed(many, "chance")).values[-3:]
    for seed in range(runs):
        found = mix_rate(summed(drawn(seed)))
        reach = t.isf(0.025, found.df[-3:]) * found.std_errors[-3:]
        hits += np.abs(found.values[-3:] - truth) <= reach
    least = binom.ppf(0.002, runs, 0.95)
    assert (hits >= least).all(), hits


def test_two_ways_of_clusters_are_both_counted() -> None:
    frame = drawn(4).assign(day=lambda f: f.index % 25)
    both = mix_rate(read(frame, cluster=("user", "day"))).std_errors[-1]
    ones = [mix_rate(read(frame, cluster=(name,))).std_errors[-1] for name in ("user", "day")]
    rows = mix_rate(read(frame, cluster=())).std_errors[-1]
    assert both**2 == pytest.approx(ones[0] ** 2 + ones[1] ** 2 - rows**2, rel=0.05)


def test_one_cluster_gives_no_error() -> None:
    found = mix_rate(read(drawn(5).assign(user=1)))
    assert set(found.refusal) == {"one cluster has no error"}


def test_a_segment_of_few_clusters_has_no_interval_and_is_no_anomaly() -> None:
    frame = drawn(5).assign(user=lambda f: 4 * (f.user % 10) + f.topic)
    found = read(frame)
    assert found.counts.max() == 10
    few = read(frame[(frame.topic != 1) | (frame.user < 30)])
    at = next(s for s, value in enumerate(few.values) if value == ("1",))
    assert few.counts[:, at].max() == 8
    parts = mix_rate(few)
    missing = parts.std_errors[:8] == 0
    assert missing.nonzero()[0].tolist() == [at, 4 + at]
    assert parts.values[:8].sum() == pytest.approx(np.diff(few.means)[0], abs=1e-12)
    assert parts.std_errors[-1] > 0
    refused = [bool(each) for each in beyond(few).refusal]
    assert refused == [s == at for s in range(4)]
    assert apart([few], level=0.95)
    assert ("1",) not in [each.values for each in apart([few], level=0.95)]


@pytest.mark.parametrize("clustered", [False, True])
def test_rare_events_that_double_everywhere_set_no_segment_apart(clustered: bool) -> None:
    """Small segments without an event must not look sure of having none."""
    runs, false = 5, 0
    size = 1 / np.arange(1, 41) ** 1.2
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        week = rng.integers(0, 2, 20_000)
        frame = pd.DataFrame(
            {
                "week": week,
                "topic": rng.choice(40, 20_000, p=size / size.sum()),
                "user": rng.integers(0, 1_000, 20_000),
                "y": (rng.random(20_000) < 0.01 * (1 + week)).astype(float),
            }
        )
        sums = summed(frame, segments=40) if clustered else read(frame, ())
        false += any(each.p_adjusted < 0.05 for each in apart([sums], level=0.95))
    assert false <= binom.ppf(0.999, runs, 0.05)


def test_what_moved_apart_is_found_among_rare_events() -> None:
    rng = np.random.default_rng(1)
    week, topic = rng.integers(0, 2, 60_000), rng.integers(0, 30, 60_000)
    chance = np.where((topic == 7) & (week == 1), 0.05, 0.01)
    frame = pd.DataFrame(
        {"week": week, "topic": topic, "user": 0, "y": rng.random(60_000) < chance}
    )
    found = apart([read(frame, ())], level=0.95)
    assert [each.values for each in found if each.p_adjusted < 0.05] == [("7",)]


def test_beyond_is_the_move_of_a_segment_less_the_whole() -> None:
    frame = drawn(6)
    found = beyond(read(frame))
    rate = frame.groupby(["week", "topic"]).y.mean()
    whole = frame.groupby("week").y.mean()
    expected = rate[1] - rate[0] - (whole[1] - whole[0])
    order = [int(value[0]) for value in read(frame).values]
    np.testing.assert_allclose(found.values, expected[order], atol=1e-12)
