"""Group-time effects and their averages: as published, as regression gives them, and covering."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, t

from causal.base.errors import DesignError
from causal.data.cells.cells import Cells, cells_of
from causal.estimation import _inference
from causal.estimation._inference import infer
from causal.estimation.rollout.aggregates import (
    aggregates,
    averaged_influence,
    balanced,
    composition,
)
from causal.estimation.rollout.blocks import covariance_in_blocks, strata_of
from causal.estimation.rollout.group_time import group_time

NEVER = {
    (2004, 2004): (-0.0105032462209624, 0.0232510363681664),
    (2004, 2005): (-0.0704231581031467, 0.0309847667572767),
    (2004, 2006): (-0.137258738889403, 0.0364356642876865),
    (2004, 2007): (-0.100811363085404, 0.0343592258346732),
    (2006, 2004): (0.00652011242423301, 0.0233268051418047),
    (2006, 2005): (-0.00275081875051882, 0.0195585610358817),
    (2006, 2006): (-0.00459460695286304, 0.0177551966592763),
    (2006, 2007): (-0.0412244715462175, 0.0202291807041068),
    (2007, 2004): (0.0305066555832928, 0.01503356028013),
    (2007, 2005): (-0.00272589288611625, 0.0163958328955344),
    (2007, 2006): (-0.0310871193896889, 0.0178775113133435),
    (2007, 2007): (-0.0260544107191966, 0.0166554353492522),
}
NOT_YET = [
    -0.0193723636759221, -0.0783190990620607, -0.136274346328678, -0.100811363085404,
    -0.00256255094261098, -0.00193924609578875, 0.00466087631997615, -0.0412244715462175,
    0.0297593647610311, -0.0024106128000969, -0.0310871193896889, -0.0260544107191966,
]  # fmt: skip
WITH_POPULATION = [
    -0.0145297, -0.0764219, -0.1404483, -0.1069039, -0.0004721, -0.0062025,
    0.0009606, -0.0412939, 0.0267278, -0.0045766, -0.0284475, -0.0287814,
]  # fmt: skip
EVENTS = [
    0.0305066555832928, -0.000563084626385429, -0.0244587449711696, -0.0199318167892593,
    -0.0509573670651939, -0.137258738889403, -0.100811363085404,
]  # fmt: skip


@pytest.fixture(scope="session")
def minimum_wage(test_data) -> pd.DataFrame:
    """County teen employment and minimum wages (Callaway, Sant'Anna 2021), of the R package did."""
    file = test_data / "mpdta" / "mpdta.csv"
    if not file.is_file():
        pytest.skip("no mpdta/mpdta.csv in CAUSAL_TEST_DATA, which is not redistributed here")
    frame = pd.read_csv(file).rename(
        columns={"id": "entity", "year": "period", "g": "adopted", "lemp": "y"}
    )
    return frame.assign(adopted=frame.adopted.replace(0, np.nan))


def test_published_effects_of_minimum_wages_are_reproduced(minimum_wage) -> None:
    cells = cells_of(minimum_wage)
    found = group_time(cells, "y", control="never")
    years = {(int(cells.times[g]), int(cells.times[t])) for g, t in found.labels}
    assert years == set(NEVER)
    published = np.array(list(NEVER.values()))
    np.testing.assert_allclose(found.values, published[:, 0], atol=1e-12)
    np.testing.assert_allclose(
        np.sqrt((found.influence**2).sum(axis=0)), published[:, 1], atol=1e-12
    )
    later = group_time(cells, "y")
    np.testing.assert_allclose(later.values, NOT_YET, atol=1e-12)
    population = cells_of(minimum_wage.rename(columns={"lpop": "x population"}))
    adjusted = group_time(population, "y", control="never")
    np.testing.assert_allclose(adjusted.values, WITH_POPULATION, atol=6e-8)
    overall, influence = averaged_influence(adjusted, population, "overall")
    assert overall[0] == pytest.approx(-0.04175, abs=6e-6)
    assert np.sqrt((influence**2).sum()) == pytest.approx(0.0115, abs=6e-5)


def test_published_averages_are_reproduced(minimum_wage) -> None:
    cells = cells_of(minimum_wage)
    found = group_time(cells, "y", control="never")

    def of(kind, among=found):
        values, influence = averaged_influence(among, cells, kind)
        return values, influence, np.sqrt((influence**2).sum(axis=0))

    value, _, error = of("overall")
    assert value[0] == pytest.approx(-0.0399512751551763, abs=1e-12)
    assert error[0] == pytest.approx(0.0120340127701854, abs=1e-12)
    value, _, error = of("overall", group_time(cells, "y"))
    assert value[0] == pytest.approx(-0.0397636256230437, abs=1e-12)
    assert error[0] == pytest.approx(0.0120524247873419, abs=1e-12)
    value, influence, _ = of("event")
    np.testing.assert_allclose(value, EVENTS, atol=1e-12)
    assert value[3:].mean() == pytest.approx(-0.0772398214573151, abs=1e-12)
    whole = np.sqrt((influence[:, 3:].mean(axis=1) ** 2).sum())
    assert whole == pytest.approx(0.0199649890618494, abs=1e-12)
    value, influence, _ = of("calendar")
    np.testing.assert_allclose(value[2:], [-0.0488159842650431, -0.0370593399359766], atol=1e-12)
    assert value.mean() == pytest.approx(-0.0417004321312822, abs=1e-12)
    whole = np.sqrt((influence.mean(axis=1) ** 2).sum())
    assert whole == pytest.approx(0.01597185188456, abs=1e-12)
    value, _, _ = of("cohort")
    shares = np.array([(cells.adopted == g).mean() for g in cells.cohorts])
    assert shares @ value / shares.sum() == pytest.approx(-0.0310182822287484, abs=1e-12)
    assert composition(found, "event")[-2:] == ((1,), (1,))


def drawn(
    seed: int = 1,
    entities: int = 24,
    *,
    never: bool = True,
    periods: int = 8,
    slope: float = 0.0,
) -> tuple[Cells, dict[tuple[int, int], float]]:
    """Dynamic effects that differ by cohort and entity, errors that remember; and the truth."""
    rng = np.random.default_rng(seed)
    starts = np.array([3, 4, 6, np.inf] if never else [3, 4, 6, 7])
    adopted = np.repeat(starts, entities // 4)
    noise = rng.normal(size=(entities, periods))
    for j in range(1, periods):
        noise[:, j] += 0.5 * noise[:, j - 1]
    time = np.arange(periods)
    x = rng.normal(size=entities) + np.where(np.isfinite(adopted), 0.5, 0.0)
    y = rng.normal(size=(entities, 1)) + rng.normal(size=periods).cumsum() + noise
    y += slope * x[:, None] * time
    since = time - adopted[:, None]
    size = (1 + 0.3 * (adopted == 3)) * (1 + 0.5 * rng.normal(size=entities))
    y += np.where(since >= 0, (0.3 + 0.2 * np.where(since >= 0, since, 0)) * size[:, None], 0.0)
    frame = pd.DataFrame(
        {
            "entity": np.repeat([f"e{i:03d}" for i in range(entities)], periods),
            "period": np.tile(time, entities),
            "adopted": np.repeat(adopted, periods),
            "y": y.ravel(),
        }
    )
    if slope:
        frame["x"] = np.repeat(x, periods)
    truth = {
        (int(g), int(j)): (0.3 + 0.2 * (j - g)) * (1.3 if g == 3 else 1.0) if j >= g else 0.0
        for g in starts[np.isfinite(starts)]
        for j in time
    }
    return cells_of(frame), truth


def test_two_cohorts_and_two_periods_are_the_regression_with_both_effects() -> None:
    cells, _ = drawn(periods=8)
    pair = cells.select(np.flatnonzero((cells.adopted == 4) | np.isinf(cells.adopted)))
    found = group_time(pair, "y")
    at = found.labels.index((4, 5))
    y = pair.y["y"][:, [3, 5]]
    n = len(y)
    treated = np.isfinite(pair.adopted)
    x = np.column_stack(
        [
            np.kron(np.eye(n), np.ones((2, 1))),
            np.tile([0.0, 1.0], n),
            np.kron(treated.astype(float), [0.0, 1.0]),
        ]
    )
    slope = np.linalg.lstsq(x, y.ravel(), rcond=None)[0][-1]
    assert found.values[at] == pytest.approx(slope, abs=1e-12)
    gains = y[:, 1] - y[:, 0]
    one, other = gains[treated], gains[~treated]
    welch = one.var(ddof=1) / one.size + other.var(ddof=1) / other.size
    made = aggregates(found, pair, "cells")
    assert made.std_errors[at] == pytest.approx(np.sqrt(welch), rel=1e-10)
    parts = [each.var(ddof=1) / each.size for each in (one, other)]
    df = welch**2 / sum(p**2 / (each.size - 1) for p, each in zip(parts, (one, other), strict=True))
    assert made.df[at] == pytest.approx(df, rel=1e-10)


@pytest.mark.parametrize("never", [True, False])
def test_effects_are_the_coefficients_of_a_saturated_regression(never) -> None:
    """With the last control left as reference: one dummy for every cohort and period (Wooldridge)."""
    cells, _ = drawn(never=never)
    found = group_time(cells, "y", base="universal", control="never" if never else "not yet")
    last = np.inf if never else cells.cohorts[-1]
    for g in cells.cohorts[:-1] if not never else cells.cohorts:
        own = cells.adopted == g
        for j, (cohort, period) in enumerate(found.labels):
            if cohort != g or (not never and period < 6):
                continue
            other = cells.adopted == last
            if not never and period >= last:
                assert found.refusal[j]
                continue
            gain = cells.y["y"][:, period] - cells.y["y"][:, g - 1]
            assert found.values[j] == pytest.approx(gain[own].mean() - gain[other].mean())


def test_effects_are_those_of_diff_diff() -> None:
    other = pytest.importorskip("diff_diff")
    cells, _ = drawn(3, 60)
    frame = pd.DataFrame(
        {
            "i": np.repeat(np.arange(60), 8),
            "t": np.tile(np.arange(1, 9), 60),
            "g": np.repeat(np.where(np.isfinite(cells.adopted), cells.adopted + 1, 0), 8),
            "y": cells.y["y"].ravel(),
        }
    )
    for control, theirs in (("never", "never_treated"), ("not yet", "not_yet_treated")):
        model = other.CallawaySantAnna(control_group=theirs, n_bootstrap=0)
        made = model.fit(frame, outcome="y", unit="i", time="t", first_treat="g")
        ours = group_time(cells, "y", control=control)
        for (g, j), value in zip(ours.labels, ours.values, strict=True):
            assert made.group_time_effects[(g + 1, j + 1)]["effect"] == pytest.approx(value)


def test_order_and_scale_of_entities_and_covariates_do_not_matter() -> None:
    cells, _ = drawn(2, 80, slope=0.4)
    found = group_time(cells, "y")
    order = np.random.default_rng(1).permutation(80)
    np.testing.assert_allclose(group_time(cells.select(order), "y").values, found.values)
    scaled = replace(cells, covariates=5.0 - 100.0 * cells.covariates)
    again = aggregates(group_time(scaled, "y"), scaled, "event")
    plain = aggregates(found, cells, "event")
    np.testing.assert_allclose(again.values, plain.values)
    np.testing.assert_allclose(again.std_errors, plain.std_errors)


def test_weights_count_as_copies() -> None:
    cells, _ = drawn(4, 24)
    copies = np.concatenate([np.arange(24), np.arange(0, 24, 2)])
    twice = cells.select(copies)
    heavy = replace(cells, weight=1.0 + (np.arange(24) % 2 == 0))
    np.testing.assert_allclose(group_time(twice, "y").values, group_time(heavy, "y").values)


def test_blocks_are_compared_within() -> None:
    cells, _ = drawn(5, 48)
    block = np.arange(48) % 2
    drift = block[:, None] * np.arange(8) * 3.0
    plain = replace(cells, block=block)
    shifted = replace(plain, y={"y": cells.y["y"] + drift})
    np.testing.assert_allclose(group_time(shifted, "y").values, group_time(plain, "y").values)


def test_covariates_that_tell_cohorts_apart_are_refused() -> None:
    cells, _ = drawn(6, 80, slope=0.1)
    apart = replace(cells, covariates=np.isfinite(cells.adopted)[:, None].astype(float))
    words = set(group_time(apart, "y", control="never").refusal)
    assert words == {"covariates tell cohorts apart, or each other"}
    few, _ = drawn(6, 40, slope=0.1)
    assert set(group_time(few, "y").refusal) == {
        "too few for covariates: 10 entities, and 15 are needed"
    }


def test_a_missing_cell_leaves_its_entity_out_of_what_needs_it() -> None:
    cells, _ = drawn()
    cells.y["y"][0, 5] = np.nan
    found = group_time(cells, "y")
    at = found.labels.index((3, 5))
    assert found.treated[:, at].sum() == 5
    assert found.influence[0, at] == 0
    assert np.isfinite(found.values).all()


def test_anticipation_moves_the_period_before() -> None:
    cells, _ = drawn()
    cells.y["y"][cells.adopted == 4, 3] += 100.0
    early = group_time(cells, "y", control="never")
    told = group_time(cells, "y", control="never", anticipation=1)
    late = early.labels.index((4, 5)), told.labels.index((4, 5))
    assert early.values[late[0]] < -90
    assert abs(told.values[late[1]]) < 10


def test_a_cohort_of_one_cluster_is_refused_by_name() -> None:
    cells, _ = drawn(1, 40)
    thin = cells.select(np.flatnonzero((cells.adopted != 4) | (np.arange(40) == 10)))
    found = group_time(thin, "y")
    made = aggregates(found, thin, "cohort")
    assert [bool(each) for each in made.refusal] == [False, True, False]
    assert made.refusal[1].endswith("cohort 4")
    overall = aggregates(found, thin, "overall")
    assert overall.refusal[0]
    rest = aggregates(found.without(np.array([4])), thin, "overall")
    assert rest.refusal == ("",)


def test_fewer_than_five_clusters_are_refused_but_the_whole_is_not() -> None:
    cells, _ = drawn(1, 16)
    found = group_time(cells, "y")
    by = aggregates(found, cells, "cohort")
    assert by.refusal == ("4 treated, and 5 are needed",) * 3
    few = cells.select(np.arange(13))
    controls = aggregates(group_time(few, "y", control="never"), few, "overall")
    assert controls.refusal == ("1 compared with, and 5 are needed",)
    whole, _ = drawn(1, 24)
    assert aggregates(group_time(whole, "y"), whole, "overall").refusal == ("",)


def test_a_constant_outcome_is_refused() -> None:
    cells, _ = drawn()
    cells.y["y"][:] = 0.1 + 0.2
    made = aggregates(group_time(cells, "y"), cells, "overall")
    assert made.refusal == ("its values do not vary",)


def test_clusters_across_cohorts_are_one_block() -> None:
    cells = replace(drawn(1, 48)[0], cluster=np.arange(48) % 6)
    strata, cluster = strata_of(cells)
    assert strata.tolist() == [0] * 6
    made = aggregates(group_time(cells, "y"), cells, "overall")
    assert made.df[0] == pytest.approx(5)
    influence = np.random.default_rng(1).normal(size=(48, 1))
    added = np.array([influence[cluster == g, 0].sum() for g in range(6)])
    v, _ = covariance_in_blocks(influence, strata, cluster)
    assert v[0, 0] == pytest.approx(6 * added.var(ddof=1))


def test_balanced_event_studies_have_the_same_cohorts_throughout() -> None:
    cells, _ = drawn()
    found = balanced(group_time(cells, "y"), 3)
    after = [c for c, e in zip(composition(found, "event"), range(-5, 4), strict=False) if e >= 0]
    assert set(after) == {(3, 4)}


def _alone(cells: Cells, cohorts) -> Cells:
    return cells.select(np.flatnonzero(np.isin(cells.adopted, cohorts)))


REFUSED = {
    "one entity": (lambda cells: cells.select(np.array([0])), {}, "one entity only"),
    "nobody adopts": (lambda cells: _alone(cells, [np.inf]), {}, "nobody adopts"),
    "one cohort": (lambda cells: _alone(cells, [4]), {}, "schedule: single"),
    "no never": (lambda cells: _alone(cells, [3, 4]), {"control": "never"}, "not yet"),
    "no period before": (lambda cells: cells, {"anticipation": 6}, "no cohort has a period"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_panel_without_a_comparison_is_refused(name) -> None:
    change, given, words = REFUSED[name]
    with pytest.raises(DesignError, match=words):
        group_time(change(drawn()[0]), "y", **given)


def test_one_cohort_beside_never_treated_has_averages_that_coincide() -> None:
    cells = _alone(drawn()[0], [4, np.inf])
    found = group_time(cells, "y")
    overall = aggregates(found, cells, "overall")
    np.testing.assert_allclose(overall.values, aggregates(found, cells, "cohort").values)


@pytest.mark.parametrize("never", [True, False])
def test_intervals_cover_with_few_entities(never, monkeypatch) -> None:
    """Cells, the overall effect and the band of the event study, 6 entities a cohort."""
    monkeypatch.setattr(_inference, "DRAWS", 2_000)
    runs, hits = 60, np.zeros(2)
    cell_hits, cells_seen = 0, 0
    for seed in range(runs):
        cells, truth = drawn(1_000 + seed, 24, never=never)
        found = group_time(cells, "y")
        after = found.period >= found.cohort
        known = np.isfinite(found.values)
        true = np.array([truth[label] for label in found.labels])
        made = aggregates(found, cells, "cells")
        bound = t.ppf(0.975, np.where(known, made.df, 1)) * made.std_errors
        inside = np.abs(found.values - true) <= bound
        cell_hits += inside[after & known].sum()
        cells_seen += (after & known).sum()
        overall = aggregates(found, cells, "overall")
        bound = t.ppf(0.975, overall.df[0]) * overall.std_errors[0]
        hits[0] += abs(overall.values[0] - true[after & known].mean()) <= bound
        event = aggregates(found, cells, "event")
        band = infer(event, level=0.95, multiplicity="simultaneous", seed=seed, family="event")
        since = found.period - found.cohort
        among = [known & (since == e) for e in np.unique(since)]
        means = np.array([true[each].mean() if each.any() else np.nan for each in among])
        out = (band.simultaneous_low > means) | (means > band.simultaneous_high)
        hits[1] += not out.any()
    least, most = binom.ppf([0.0005, 0.9995], runs, 0.95)
    assert least <= hits[0] <= most
    assert hits[1] >= least
    assert cell_hits / cells_seen >= 0.95 - 3 * (0.95 * 0.05 / runs) ** 0.5


def test_covariates_mend_trends_that_follow_them() -> None:
    runs, bias, hits = 40, np.zeros(2), 0
    for seed in range(runs):
        cells, truth = drawn(2_000 + seed, 120, slope=0.3)
        found = group_time(cells, "y")
        true = np.mean([truth[label] for label in found.labels if label[1] >= label[0]])
        overall = aggregates(found, cells, "overall")
        bare = replace(cells, covariates=np.zeros((120, 0)))
        plain = aggregates(group_time(bare, "y"), bare, "overall")
        hits += abs(overall.values[0] - true) <= t.ppf(0.975, overall.df[0]) * overall.std_errors[0]
        bias += [overall.values[0] - true, plain.values[0] - true]
    assert abs(bias[0] / runs) < abs(bias[1] / runs) / 3
    assert hits >= binom.ppf(0.0005, runs, 0.95)
