import numpy as np
import pytest
from scipy.stats import t as student

from causal.base.errors import DataError, DesignError
from causal.estimation.rollout._lags import Switched
from causal.estimation.rollout._named import Named
from causal.estimation.rollout.switchback import ahead, by_chance, by_lag, switchback

NAMED = Named(rollout="new ranker", outcome="clicks")
LAGS = (0.5, 0.3, 0.1)


def world(seed, *, entities=12, periods=60, lags=LAGS, rho=0.3):
    rng = np.random.default_rng(seed)
    on = (rng.random((entities, periods)) < 0.5).astype(float)
    noise = rng.normal(size=(entities, periods))
    for t in range(1, periods):
        noise[:, t] += rho * noise[:, t - 1]
    y = rng.normal(size=(entities, 1)) + rng.normal(size=(1, periods)) + noise
    for lag, effect in enumerate(lags):
        y[:, lag:] += effect * on[:, : periods - lag]
    return y, on


def by_dummies(y, on, size, lags, drop):
    """Weighted least squares on dummies: coefficients, bread, rows' x and residuals."""
    entities, periods = y.shape
    kept = np.isfinite(y) & (size > 0) & (np.arange(periods) >= drop)
    i, t = np.nonzero(kept)
    x = np.stack([on[i, t - lag] for lag in range(lags + 1)], axis=1)
    x = np.hstack([x, np.eye(entities)[i], np.eye(periods)[t][:, drop + 1 :]])
    w, out = size[i, t], y[i, t]
    bread = np.linalg.inv((x * w[:, None]).T @ x)
    beta = bread @ (x * w[:, None]).T @ out
    return beta, bread, (x * (w * (out - x @ beta))[:, None]) @ bread, i, t, kept


@pytest.mark.parametrize("entities", [12, 34])
def test_effects_and_errors_are_those_of_weighted_least_squares_on_dummies(entities):
    y, on = world(1, entities=entities, periods=20)
    rng = np.random.default_rng(2)
    size = rng.integers(1, 9, y.shape).astype(float)
    y[3, 9] = np.nan
    found = switchback(Switched(y=y, on=on, size=size, periods=2), NAMED)
    beta, _, score, i, t, kept = by_dummies(y, on, size, 2, 3)
    longer, _, more, *_ = by_dummies(y, on, size, 3, 3)
    assert found.values == pytest.approx(
        [beta[0], beta[:3].sum(), beta[1:3].sum(), longer[:4].sum() - beta[:3].sum()], rel=1e-8
    )
    rows = np.stack(
        [
            score[:, 0],
            score[:, :3].sum(1),
            score[:, 1:3].sum(1),
            more[:, :4].sum(1) - score[:, :3].sum(1),
        ],
        axis=1,
    )
    cells = np.zeros((*y.shape, 4))
    cells[i, t] = rows
    clusters = np.square(cells.sum(1)).sum(0) * entities / (entities - 1)
    n, used = kept.sum(), entities + 17 + 2
    over = np.square(cells).sum((0, 1))
    for lag in (1, 2, 3):
        over += 2 * (1 - lag / 4) * (cells[:, lag:] * cells[:, :-lag]).sum((0, 1))
    over *= n / (n - used)
    expected = np.maximum(clusters, over) if entities < 30 else clusters
    assert found.std_errors == pytest.approx(np.sqrt(expected), rel=1e-8)
    assert found.df[0] == entities - 1


def test_the_baseline_is_the_mean_while_off_with_its_error_by_entity():
    import statsmodels.api as sm

    y, on = world(12, entities=40)
    found = switchback(Switched(y=y, on=on, periods=0), NAMED)
    off = (on == 0) & (np.arange(60) >= 1)
    i = np.nonzero(off)[0]
    fit = sm.OLS(y[off], np.ones(off.sum())).fit(
        cov_type="cluster", cov_kwds={"groups": i, "use_correction": False}
    )
    assert found.baseline[0] == pytest.approx(fit.params[0])
    assert found.baseline_variance[0, 1] == pytest.approx(fit.bse[0] ** 2 * 40 / 39)


def test_total_and_immediate_cover_as_often_as_they_say():
    runs, truth = 200, np.array([0.5, 0.9, 0.4, 0.0])
    hits = np.zeros(4)
    for seed in range(runs):
        y, on = world([seed, 3])
        found = switchback(Switched(y=y, on=on, periods=2), NAMED)
        hits += np.abs(found.values - truth) <= student.ppf(0.975, 11) * found.std_errors
    assert (hits / runs >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / runs)).all()


def test_too_few_lags_are_told_by_the_next():
    y, on = world(4, entities=20, periods=120)
    short = switchback(Switched(y=y, on=on, periods=1, washout=0), NAMED)
    none = switchback(Switched(y=y, on=on, periods=0), NAMED)
    enough = switchback(Switched(y=y, on=on, periods=2), NAMED)
    z = [each.values[3] / each.std_errors[3] for each in (none, short, enough)]
    assert z[0] > 3
    assert z[0] > z[1] > z[2]
    assert abs(z[2]) < 2.5
    assert none.refusal[2] == "one period acts on none after it"


def test_a_washout_leaves_the_lasting_effect():
    y, on = world(5, entities=20, periods=800)
    found = switchback(Switched(y=y, on=on, periods=0, washout=2), NAMED)
    assert [each.estimand for each in found.labels] == ["total"]
    assert abs(found.values[0] - 0.9) <= 3 * found.std_errors[0]
    assert found.std_errors[0] < 0.1


def test_drawn_again_no_effect_is_rejected_as_seldom_as_it_says_and_an_effect_is_found():
    runs, rejected = 60, 0
    for seed in range(runs):
        y, on = world([seed, 6], entities=5, periods=16, lags=())
        rejected += by_chance(Switched(y=y, on=on, periods=1), 0.5, draws=39, seed=seed) <= 0.05
    assert rejected / runs <= 0.05 + 3 * np.sqrt(0.95 * 0.05 / runs)
    y, on = world(7)
    assert by_chance(Switched(y=y, on=on, periods=2), 0.5, draws=99, seed=1) == 0.01


def test_the_same_seed_gives_the_same_p_and_what_switches_together_is_drawn_together():
    y, on = world(8, entities=6, periods=24, lags=(0.2,))
    on = np.repeat(on[:, ::2], 2, axis=1)
    cells = Switched(y=y, on=on, periods=1)
    pairs = (np.arange(24) // 2)[None] + 100 * np.arange(6)[:, None]
    first = by_chance(cells, 0.5, together=pairs, draws=60, seed=1)
    assert first == by_chance(cells, np.full(y.shape, 0.5), together=pairs, draws=60, seed=1)
    assert first != by_chance(cells, 0.5, draws=60, seed=1)


def test_few_entities_and_a_constant_outcome_are_refused():
    y, on = world(9, entities=4)
    assert switchback(Switched(y=y, on=on), NAMED).refusal[0] == "4 entities; at least 5 are needed"
    y, on = world(9)
    assert switchback(Switched(y=0 * y + 3, on=on), NAMED).refusal[0] == "the outcome does not vary"
    assert switchback(Switched(y=y, on=on), NAMED).refusal == ("",) * 4


def test_switches_that_all_entities_share_are_an_error():
    y, on = world(10)
    with pytest.raises(DesignError, match="on and off at the same times"):
        switchback(Switched(y=y, on=np.broadcast_to(on[:1], on.shape).copy()), NAMED)
    alternate = np.add.outer(np.arange(12), np.arange(60)) % 2
    with pytest.raises(DesignError, match="do not tell 3 periods' effects apart"):
        switchback(Switched(y=y, on=alternate.astype(float)), NAMED)


def test_bad_switches_are_errors():
    y, on = world(11)
    with pytest.raises(DataError, match=r"must be 0 or 1; the data has \[0.5\] too"):
        Switched(y=y, on=on / 2)
    with pytest.raises(DataError, match="No cell is on, or none is off"):
        Switched(y=y, on=0 * on)
    with pytest.raises(DesignError, match="one or the other"):
        Switched(y=y, on=on, periods=1, washout=1)
    with pytest.raises(DesignError, match="4 periods are too few"):
        Switched(y=y[:, :4], on=on[:, :4])
    with pytest.raises(DesignError, match="must lie between 0 and 1"):
        by_chance(Switched(y=y, on=on), 1.0)


def test_lags_add_up_to_the_total():
    y, on = world(13)
    cells = Switched(y=y, on=on, periods=2)
    lags, whole = by_lag(cells, NAMED), switchback(cells, NAMED)
    assert [each.estimand for each in lags.labels] == ["lag 0", "lag 1", "lag 2"]
    assert lags.values[0] == pytest.approx(whole.values[0])
    assert lags.values.sum() == pytest.approx(whole.values[1])
    assert lags.std_errors[0] == pytest.approx(whole.std_errors[0])


def test_the_next_period_does_nothing_unless_switches_follow_the_outcome():
    runs, hits = 60, 0
    for seed in range(runs):
        y, on = world([seed, 14])
        found = ahead(Switched(y=y, on=on, periods=2), NAMED)
        hits += abs(found.values[0]) <= student.ppf(0.975, 11) * found.std_errors[0]
    assert hits / runs >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / runs)
    y, on = world(15, lags=())
    on[:, 1:] = y[:, :-1] > np.median(y, axis=0)[None, :-1]
    found = ahead(Switched(y=y, on=on, periods=1), NAMED)
    assert found.values[0] > 5 * found.std_errors[0]


def test_cells_whose_past_is_unknown_do_not_count():
    y, on = world(16, entities=20, periods=40)
    unknown = on.copy()
    unknown[4, 20] = np.nan
    weight = Switched(y=y, on=unknown, periods=2).kept()
    assert (weight[4, 20:24] == 0).all()
    assert weight[4, 24] == 1
    assert (weight[5, 3:] == 1).all()
    broken = Switched(y=y, on=on, periods=2, breaks=(10,)).kept()
    assert (broken[:, 10:13] == 0).all()
    assert (broken[:, 13] == 1).all()


def test_errors_are_by_the_cluster_that_is_named():
    y, on = world(17, entities=80)
    cluster = np.arange(80) // 2
    found = switchback(Switched(y=y, on=on, cluster=cluster, periods=1), NAMED)
    alone = switchback(Switched(y=y, on=on, periods=1), NAMED)
    both = alone.influence.reshape(40, 2, -1).sum(axis=1)
    assert found.influence == pytest.approx(both)
    assert found.df[0] == 39
    few = switchback(Switched(y=y, on=on, cluster=np.arange(80) % 4, periods=1), NAMED)
    assert few.refusal[0] == "4 clusters; at least 5 are needed"
