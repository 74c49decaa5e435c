"""Imputation, one regression for all, and effects that cannot be there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, t

from causal.data.cells.cells import Cells, cells_of
from causal.design.rollout import Rollout
from causal.estimation.rollout import _untreated
from causal.estimation.rollout.aggregates import aggregates
from causal.estimation.rollout.group_time import group_time
from causal.estimation.rollout.imputation import _filled_in, _weights, agreement, imputed
from causal.estimation.rollout.placebo import dealt_anew, too_early
from causal.estimation.rollout.staggered import _alike, of_one_cluster
from causal.estimation.rollout.twfe import two_way

ROLLOUT = Rollout.model_validate(
    {
        "study": "the-boost",
        "kind": "rollout",
        "data": {"source": "table.parquet"},
        "entity": "entity",
        "period": "period",
        "adopted": "adopted",
        "outcomes": [{"name": "y", "column": "y"}],
    }
)


@pytest.fixture(scope="session")
def minimum_wage(test_data) -> Cells:
    """County teen employment and minimum wages (Callaway, Sant'Anna 2021), of the R package did."""
    file = test_data / "mpdta" / "mpdta.csv"
    if not file.is_file():
        pytest.skip("no mpdta/mpdta.csv in CAUSAL_TEST_DATA, which is not redistributed here")
    frame = pd.read_csv(file).rename(
        columns={"id": "entity", "year": "period", "g": "adopted", "lemp": "y"}
    )
    return cells_of(frame.assign(adopted=frame.adopted.replace(0, np.nan)))


def panel(
    seed: int = 1,
    entities: int = 24,
    *,
    starts: tuple[float, ...] = (3, 4, 6, np.inf),
    effect: float = 0.5,
    growth: float = 0.2,
    periods: int = 8,
) -> Cells:
    """Independent errors that remember; effects that grow."""
    rng = np.random.default_rng(seed)
    adopted = np.repeat(np.array(starts), entities // len(starts))
    noise = rng.normal(size=(entities, periods))
    for j in range(1, periods):
        noise[:, j] += 0.5 * noise[:, j - 1]
    since = np.arange(periods) - adopted[:, None]
    y = rng.normal(size=(entities, 1)) + rng.normal(size=periods) + noise
    y += np.where(since >= 0, effect + growth * np.where(since >= 0, since, 0), 0.0)
    return cells_of(
        pd.DataFrame(
            {
                "entity": np.repeat([f"e{i:03d}" for i in range(entities)], periods),
                "period": np.tile(np.arange(periods), entities),
                "adopted": np.repeat(adopted, periods),
                "y": y.ravel(),
            }
        )
    )


def filled_in(cells: Cells) -> float:
    """The overall mean by a regression with dummies."""
    y, treated = cells.y["y"], cells.treated
    i, j = np.nonzero(~treated & np.isfinite(y))
    n, periods = y.shape
    x = np.zeros((i.size, n + periods))
    x[np.arange(i.size), i] = x[np.arange(i.size), n + j] = 1.0
    b = np.linalg.lstsq(x, y[i, j], rcond=None)[0]
    i, j = np.nonzero(treated & np.isfinite(y))
    return float((y[i, j] - b[i] - b[n + j]).mean())


def test_imputation_of_minimum_wages_is_as_published(minimum_wage) -> None:
    found = imputed(minimum_wage, "y")
    published = [-0.0477099, -0.0310669, -0.0522349, -0.1360781, -0.1047075]
    np.testing.assert_allclose(found.values, published, atol=6e-8)
    assert found.errors[0] == pytest.approx(0.0132225, rel=0.05)
    assert found.events == (0, 1, 2, 3)


def test_imputation_is_the_regression_with_dummies_and_errors_leave_out_each() -> None:
    cells = panel()
    cells.y["y"][2, 1] = np.nan
    found = imputed(cells, "y")
    assert found.values[0] == pytest.approx(filled_in(cells), abs=1e-10)
    without = [filled_in(cells.select(np.delete(np.arange(24), i))) for i in range(24)]
    np.testing.assert_allclose(found.left.without[:, 0], without, atol=1e-10)
    error = np.sqrt(((np.array(without) - found.values[0]) ** 2).sum() * 23 / 24)
    assert found.errors[0] == pytest.approx(error)


def test_imputation_is_that_of_diff_diff() -> None:
    other = pytest.importorskip("diff_diff")
    cells = panel(3)
    entities, periods = cells.y["y"].shape
    frame = pd.DataFrame(
        {
            "i": np.repeat(np.arange(entities), periods),
            "t": np.tile(np.arange(1, periods + 1), entities),
            "g": np.repeat(np.where(np.isfinite(cells.adopted), cells.adopted + 1, 0), periods),
            "y": cells.y["y"].ravel(),
        }
    )
    made = other.ImputationDiD().fit(frame, outcome="y", unit="i", time="t", first_treat="g")
    assert imputed(cells, "y").values[0] == pytest.approx(made.overall_att, abs=1e-9)


def test_periods_without_untreated_cells_are_not_filled_in() -> None:
    cells = panel(starts=(3, 4, 6, 7))
    found = imputed(cells, "y")
    assert max(found.events) == 3
    assert np.isfinite(found.values).all()


def test_many_clusters_are_left_out_together(monkeypatch) -> None:
    cells = panel(2, 200)
    each = imputed(cells, "y")
    monkeypatch.setattr(_untreated, "MOST_GROUPS", 50)
    some = imputed(cells, "y")
    assert (each.df, some.df) == (199, 49)
    assert some.errors[0] == pytest.approx(each.errors[0], rel=0.35)


def test_imputation_within_blocks_is_not_moved_by_what_blocks_share() -> None:
    cells = panel(3, 48)
    block = np.arange(48) % 2
    plain = replace(cells, block=block)
    drift = block[:, None] * np.arange(8) ** 2
    shifted = replace(plain, y={"y": cells.y["y"] + drift})
    np.testing.assert_allclose(imputed(shifted, "y").values, imputed(plain, "y").values, atol=1e-9)


def test_imputation_covers() -> None:
    runs, hits = 100, 0
    for seed in range(runs):
        cells = panel(3_000 + seed)
        found = imputed(cells, "y")
        since = (np.arange(8) - cells.adopted[:, None])[cells.treated]
        truth = 0.5 + 0.2 * since.mean()
        hits += abs(found.values[0] - truth) <= t.ppf(0.975, found.df) * found.errors[0]
    least, most = binom.ppf([0.0005, 0.9995], runs, 0.95)
    assert least <= hits <= most


def test_agreement_finds_trends_that_covariates_would_mend_and_no_noise() -> None:
    def z(cells: Cells) -> float:
        return agreement(cells, group_time(cells, "y", base="universal")).z

    noise = [abs(z(panel(seed, 48))) for seed in range(40)]
    assert sum(value > 2 for value in noise) <= binom.ppf(0.999, 40, 0.05)
    cells = panel(1, 48)
    apart = np.isfinite(cells.adopted)[:, None] * np.arange(8) * -2.0
    assert abs(z(replace(cells, y={"y": cells.y["y"] + apart}))) > 3


def many_cohorts(seed: int, *, entities: int = 60, cohorts: int = 20, never: float = 0.0) -> Cells:
    """Cohorts of three or so, some of one; effects that differ by cohort and grow."""
    rng = np.random.default_rng(seed)
    starts, periods = np.arange(3, 3 + cohorts), cohorts + 6
    adopted = np.where(rng.random(entities) < never, np.inf, rng.choice(starts, entities))
    since = np.arange(periods) - adopted[:, None]
    effect = rng.normal(size=cohorts + 3)[np.where(np.isinf(adopted), 0, adopted).astype(int)]
    y = 2 * rng.normal(size=(entities, 1)) + 5 * rng.normal(size=periods)
    y = y + np.where(since >= 0, effect[:, None] + 0.1 * np.maximum(since, 0), 0.0)
    y += rng.normal(size=(entities, periods))
    return cells_of(
        pd.DataFrame(
            {
                "entity": np.repeat([f"e{i:03d}" for i in range(entities)], periods),
                "period": np.tile(np.arange(periods), entities),
                "adopted": np.repeat(adopted, periods),
                "y": y.ravel(),
            }
        )
    )


@pytest.mark.parametrize("never", [0.0, 0.3])
def test_many_cohorts_of_few_agree_as_often_as_they_should(never: float) -> None:
    runs = 50
    z = []
    for seed in range(runs):
        cells = many_cohorts(seed, never=never)
        found = group_time(cells, "y", base="universal").without(of_one_cluster(cells))
        z.append(abs(agreement(_alike(ROLLOUT, cells, "y"), found).z))
    assert np.isfinite(z).all()
    assert sum(value > 2 for value in z) <= binom.ppf(0.999, runs, 0.0455)
    assert sum(value > 3 for value in z) <= binom.ppf(0.999, runs, 0.0027)


def test_both_opinions_are_of_the_same_cells_whatever_is_missing() -> None:
    quiet = many_cohorts(1, never=0.3)
    rng = np.random.default_rng(1)
    since = np.arange(quiet.y["y"].shape[1]) - quiet.adopted[:, None]
    steps = 1.0 + np.nan_to_num(quiet.adopted, posinf=0.0)[:, None] * np.maximum(since, 0)
    y = np.where(since >= 0, steps, 0.0) + np.arange(since.shape[1]) ** 2
    y = np.where(rng.random(y.shape) < 0.05, np.nan, y)
    cells = replace(quiet, y={"y": y})
    found = group_time(cells, "y", base="universal").without(of_one_cluster(cells))
    both = agreement(_alike(ROLLOUT, cells, "y"), found)
    assert both.difference == pytest.approx(0.0, abs=1e-8)


def test_the_influence_of_imputation_is_what_leaving_one_out_moves() -> None:
    cells = panel(5, 240)
    found = group_time(cells, "y", base="universal")
    value, influence = _filled_in(cells, cells.y["y"], _weights(cells, found.select(np.array(
        [j for j, (g, t) in enumerate(found.labels) if t >= g]
    ))))  # fmt: skip
    each = imputed(cells, "y")
    assert value == pytest.approx(each.values[0], abs=1e-10)
    moved = each.values[0] - each.left.without[:, 0]
    centred = influence - pd.Series(influence).groupby(cells.adopted).transform("mean")
    moved = moved - pd.Series(moved).groupby(cells.adopted).transform("mean")
    assert np.corrcoef(centred, moved)[0, 1] > 0.999


def test_one_regression_is_that_of_pyfixest() -> None:
    pyfixest = pytest.importorskip("pyfixest")
    cells = panel()
    cells.y["y"][2, 1] = np.nan
    found = two_way(cells, "y")
    frame = pd.DataFrame(
        {
            "y": cells.y["y"].ravel(),
            "d": cells.treated.ravel().astype(float),
            "i": np.repeat(np.arange(24), 8),
            "t": np.tile(np.arange(8), 24),
        }
    ).dropna()
    fit = pyfixest.feols("y ~ d | i + t", data=frame, vcov={"CRV1": "i"})
    assert found.value == pytest.approx(float(fit.coef()["d"]), abs=1e-8)
    assert found.error == pytest.approx(float(fit.se()["d"]), rel=1e-6)


def test_one_regression_of_minimum_wages_is_as_published(minimum_wage) -> None:
    found = two_way(minimum_wage, "y")
    assert found.value == pytest.approx(-0.0365489, abs=6e-8)
    assert found.error == pytest.approx(0.0132652, abs=6e-8)


def test_weights_add_up_and_turn_negative_only_where_adopters_are_controls() -> None:
    cells = panel(starts=(1, 2, 6, 7), periods=12)
    found = two_way(cells, "y")
    assert np.nansum(found.weights) == pytest.approx(1.0)
    assert found.negative_sum < -0.05
    assert 0 < found.negative_share < 1
    pair = cells.select(np.flatnonzero(np.isin(cells.adopted, [6, 7])))
    single = two_way(replace(pair, adopted=np.where(pair.adopted == 7, np.inf, 6.0)), "y")
    assert (single.negative_sum, single.negative_share) == (0.0, 0.0)
    everyone = replace(pair, adopted=np.full(len(pair.entities), 4.0))
    assert two_way(everyone, "y") is None


def test_dates_too_early_find_what_acts_before_adoption_and_nothing_else() -> None:
    starts = (5, 6, 8, np.inf)
    quiet = [
        min(each.p_value for each in too_early(panel(seed, 24, starts=starts, periods=10), "y"))
        for seed in range(40)
    ]
    assert sum(p < 0.05 / 3 for p in quiet) <= binom.ppf(0.999, 40, 0.05)
    cells = panel(1, 24, starts=starts, periods=10)
    since = np.arange(10) - cells.adopted[:, None]
    early = replace(cells, y={"y": cells.y["y"] + 3.0 * ((since < 0) & (since >= -2))})
    found = too_early(early, "y")
    assert [each.periods for each in found] == [2, 3, 4]
    assert found[0].p_value < 0.001
    assert found[0].value == pytest.approx(3.0, abs=1.5)
    told = too_early(early, "y", anticipation=2)
    assert min(each.p_value for each in told) > 0.001


def test_dates_too_early_do_not_see_the_effect() -> None:
    cells = panel(1, 24, starts=(5, 6, 8, np.inf), periods=10)
    large = replace(cells, y={"y": cells.y["y"] + 1e3 * cells.treated})
    ours = [each.value for each in too_early(large, "y")]
    np.testing.assert_allclose(ours, [each.value for each in too_early(cells, "y")])
    assert too_early(panel(starts=(1, 2, 2, np.inf)), "y") == ()


def test_dates_dealt_anew_are_exact_and_find_an_effect() -> None:
    strong = panel(1, 24, effect=3.0)
    assert dealt_anew(strong, "y", seed=1, draws=49) == pytest.approx(0.02)
    assert dealt_anew(strong, "y", seed=1, draws=19) == dealt_anew(strong, "y", seed=1, draws=19)
    none = [
        dealt_anew(panel(seed, 16, effect=0, growth=0, periods=6, starts=(2, 4, 4, np.inf)), "y",
                   seed=seed, draws=19)
        for seed in range(25)
    ]  # fmt: skip
    assert sum(p <= 0.05 for p in none) <= binom.ppf(0.999, 25, 0.05)


def test_clusters_that_adopt_together_change_dates_together() -> None:
    cells = replace(panel(1, 24, effect=3.0), cluster=np.arange(24) // 2)
    assert dealt_anew(cells, "y", seed=1, draws=19) == pytest.approx(0.05)
    assert aggregates(group_time(cells, "y"), cells, "overall").df[0] < 12
