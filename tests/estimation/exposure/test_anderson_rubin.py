import numpy as np
import pytest
from scipy.stats import f as fisher
from scipy.stats import t as student

from causal.base.errors import DataError, DesignError
from causal.estimation.experiment.fieller import relative
from causal.estimation.exposure.anderson_rubin import Effects, from_rows, of_rows, worth


def rows(seed, first, *, groups=60, each=20, instruments=1, value=0.5):
    """Clustered, confounded exposure that instruments move by ``first``."""
    rng = np.random.default_rng(seed)
    n, cluster = groups * each, np.repeat(np.arange(groups), each)
    z = 0.7 * rng.normal(size=(groups, instruments))[cluster]
    z += 0.7 * rng.normal(size=(n, instruments))
    u = 0.5 * rng.normal(size=groups)[cluster] + rng.normal(size=n)
    d = first * z.sum(axis=1) + 0.8 * u
    d += 0.6 * (0.5 * rng.normal(size=groups)[cluster] + rng.normal(size=n))
    return value * d + u, d, z, cluster


def refused(effects, b, level=0.95):
    """The test at one value, written out."""
    k, g = effects.y.size, effects.clusters
    apart = effects.y - b * effects.d
    v = effects.yy - b * (effects.yd + effects.yd.T) + b * b * effects.dd
    statistic = apart @ np.linalg.inv(v) @ apart
    return statistic > k * (g - 1) / (g - k) * fisher.ppf(level, k, g - k)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_one_instrument_is_the_set_of_fieller(sign):
    one = Effects(
        y=np.array([0.5]), d=np.array([sign * 2.0]), yy=np.array([[0.02]]),
        yd=np.array([[-0.01]]), dd=np.array([[0.03]]), clusters=40.0,
    )  # fmt: skip
    theirs = relative(
        0.5, 2.0, variance=0.02, baseline_variance=0.03, covariance=-sign * 0.01,
        critical=float(student.ppf(0.975, 39)),
    )  # fmt: skip
    ours = worth(one, level=0.95)
    assert ours.intervals[0] == pytest.approx(sorted((sign * theirs.low, sign * theirs.high)))
    assert ours.best == pytest.approx(sign * 0.25)
    assert ours.first_stage == pytest.approx(4 / 0.03)


@pytest.mark.parametrize("instruments", [1, 2, 3, 5])
@pytest.mark.parametrize("first", [0.0, 0.05, 0.15, 0.5])
def test_a_value_is_in_the_set_just_when_the_test_does_not_refuse_it(first, instruments):
    values = np.concatenate([np.linspace(-3, 3, 61), [-1e3, 1e3]])
    for seed in range(10):
        effects = from_rows(*rows([seed, instruments], first, instruments=instruments))
        found = worth(effects, level=0.95)
        assert [b in found for b in values] == [not refused(effects, b) for b in values]


def test_the_best_value_is_where_the_instruments_contradict_least():
    effects = from_rows(*rows(3, 0.3, instruments=3))
    found = worth(effects, level=0.95)

    def statistic(b):
        v = effects.yy - b * (effects.yd + effects.yd.T) + b * b * effects.dd
        return (effects.y - b * effects.d) @ np.linalg.solve(v, effects.y - b * effects.d)

    near = found.best + np.array([-1e-3, 0.0, 1e-3])
    assert np.argmin([statistic(b) for b in near]) == 1
    assert found.point == found.best
    assert 0 < found.contradiction < 1


def test_a_piece_between_the_nodes_is_found():
    near = 1e-4
    effects = Effects(
        y=np.array([0.7, 0.7 + near]), d=np.array([1.0, 1.0]),
        yy=np.eye(2) * 1e-9, yd=np.zeros((2, 2)), dd=np.eye(2) * 1e-9, clusters=500.0,
    )  # fmt: skip
    found = worth(effects, level=0.95)
    assert found.kind == "bounded"
    assert found.intervals[0][1] - found.intervals[0][0] < 2 * near
    assert 0.7 + near / 2 in found


@pytest.mark.parametrize(
    ("instruments", "first", "groups"),
    [(1, 0.0, 15), (1, 0.1, 60), (3, 0.0, 60), (3, 0.1, 15), (3, 0.4, 60)],
)
def test_the_set_covers_however_weak_the_instruments_are(instruments, first, groups):
    runs, hits = 150, 0
    for seed in range(runs):
        drawn = rows([seed, 5], first, instruments=instruments, groups=groups, each=6)
        hits += 0.5 in worth(from_rows(*drawn), level=0.95)
    assert hits / runs >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / runs)


def test_without_a_first_stage_the_set_is_unbounded_and_no_point_is_claimed():
    kinds = [worth(from_rows(*rows([seed, 6], 0.0)), level=0.95) for seed in range(40)]
    assert sum(each.kind in ("whole line", "rays") for each in kinds) >= 30
    assert all(each.point is None for each in kinds if each.first_stage < 10)
    assert all(
        np.isinf(each.intervals[0][0]) for each in kinds if each.kind in ("whole line", "rays")
    )


def test_a_strong_first_stage_gives_a_bounded_set_and_a_point():
    found = worth(from_rows(*rows(7, 1.0)), level=0.95)
    assert found.kind == "bounded"
    assert found.why_no_point == ""
    assert found.intervals[0][0] < found.point < found.intervals[0][1]


def test_instruments_that_contradict_each_other_leave_nothing():
    effects = Effects(
        y=np.array([1.0, -1.0]), d=np.array([1.0, 1.0]),
        yy=np.eye(2) * 1e-3, yd=np.zeros((2, 2)), dd=np.eye(2) * 1e-3, clusters=200.0,
    )  # fmt: skip
    found = worth(effects, level=0.95)
    assert (found.kind, found.intervals, found.point) == ("empty", (), None)
    assert "contradict each other" in found.why_no_point
    assert found.contradiction < 1e-6


def test_scales_of_outcome_and_exposure_scale_the_set():
    y, d, z, cluster = rows(8, 0.5, instruments=2)
    first = worth(from_rows(y, d, z, cluster), level=0.95)
    other = worth(
        from_rows(1e6 * y, 1e-3 * d, z @ np.array([[3.0, 1], [0, 5]]), cluster), level=0.95
    )
    assert np.array(other.intervals) == pytest.approx(1e9 * np.array(first.intervals), rel=1e-6)
    assert other.first_stage == pytest.approx(first.first_stage, rel=1e-8)


def test_covariates_are_taken_out_as_by_a_regression():
    y, d, z, cluster = rows(9, 0.5)
    rng = np.random.default_rng(10)
    x = rng.normal(size=(y.size, 2))
    moved = from_rows(y + x @ [3, -2], d + x @ [1, 5], z + x @ [[1], [2]], cluster, x)
    plain = from_rows(y, d, z, cluster, x)
    assert moved.y == pytest.approx(plain.y)
    assert moved.yd == pytest.approx(plain.yd)


def test_strata_are_taken_out_as_by_dummies():
    y, d, z, cluster = rows(12, 0.5, instruments=2)
    rng = np.random.default_rng(13)
    stratum, x = rng.integers(0, 9, y.size), rng.normal(size=(y.size, 1))
    dummies = np.column_stack([x, np.eye(9)[stratum][:, 1:]])
    by_dummies = from_rows(y, d, z, cluster, dummies)
    by_strata = from_rows(y, d, z, cluster, x, stratum)
    assert by_strata.y == pytest.approx(by_dummies.y)
    assert by_strata.dd == pytest.approx(by_dummies.dd)
    assert by_strata.cross == pytest.approx(by_dummies.cross)


def test_returns_to_schooling_are_those_of_linearmodels():
    pytest.importorskip("linearmodels", reason="linearmodels is not installed: no Card data")
    from linearmodels.datasets import card

    data = card.load().dropna(subset=["lwage", "educ", "nearc4"])
    known = ["exper", "expersq", "black", "smsa", "south", "smsa66"]
    known += [f"reg66{i}" for i in range(2, 10)]
    effects = from_rows(
        data["lwage"].to_numpy(float), data["educ"].to_numpy(float),
        data[["nearc4"]].to_numpy(float), np.arange(len(data)), data[known].to_numpy(float),
    )  # fmt: skip
    found = worth(effects, level=0.95)
    assert found.best == pytest.approx(0.1315038, abs=1e-6)
    assert found.first_stage == pytest.approx(14.21, rel=0.02)
    assert found.intervals[0] == pytest.approx((0.0284, 0.2806), abs=0.005)


def test_too_few_clusters_nothing_that_varies_and_gaps_are_errors():
    y, d, z, cluster = rows(11, 0.5, groups=6, instruments=3)
    with pytest.raises(DesignError, match=r"6 independent .* are too few for 3 instruments; 7 are"):
        worth(from_rows(y, d, z, cluster), level=0.95)
    y, d, z, cluster = rows(11, 0.5)
    with pytest.raises(DataError, match="does not vary once the covariates are known"):
        from_rows(y, 0 * d + 1, z, cluster)
    with pytest.raises(DataError, match="does not vary once the covariates are known"):
        from_rows(y, d, z, cluster, z)
    with pytest.raises(DataError, match="has no value in some rows"):
        from_rows(np.where(y > 2, np.nan, y), d, z, cluster)
    with pytest.raises(DataError, match="does not vary within the arms"):
        worth(of_rows(np.ones((9, 1)), np.ones((9, 1))), level=0.95)
    empty = of_rows(np.full((9, 1), np.nan), np.ones((9, 1)))
    with pytest.raises(DataError, match="an arm is empty"):
        worth(empty, level=0.95)
