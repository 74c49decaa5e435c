import numpy as np
import pytest
from scipy.stats import t as student

from causal.base.errors import DataError, DesignError
from causal.estimation._inference import infer
from causal.estimation.exposure.exploration import examination, sets

CURVE = np.array([1.0, 0.7, 0.5, 0.35])


def traffic(seed, *, users=150, creators=60, requests=8, rate=0.5):
    """Requests of four items in random order; users and creators differ in how much they click."""
    rng = np.random.default_rng(seed)
    user = np.repeat(np.arange(users), requests * 4)
    slot = np.tile(np.arange(1, 5), users * requests)
    creator = rng.integers(0, creators, user.size)
    chance = rate * CURVE[slot - 1]
    chance = chance * (1 + 0.3 * rng.uniform(-1, 1, users)[user])
    chance = chance * (1 + 0.3 * rng.uniform(-1, 1, creators)[creator])
    return (rng.random(user.size) < chance).astype(float), slot, user, creator


def test_values_are_ratios_of_means_with_errors_of_the_delta_method():
    y, slot, user, creator = traffic(1)
    whole = examination(y, slot, (user, creator), name="click")
    found = whole.estimates
    mean = np.array([y[slot == k].mean() for k in range(1, 5)])
    assert found.values == pytest.approx(mean[1:] / mean[0])
    assert [each.contrast for each in found.labels] == ["2 / 1", "3 / 1", "4 / 1"]

    def clustered(code):
        code = np.unique(code, return_inverse=True)[1]
        parts = np.stack(
            [
                np.bincount(code, (slot == k) * (y - mean[k - 1]) / (slot == k).sum())
                for k in range(1, 5)
            ],
            axis=1,
        )
        return parts.T @ parts * len(parts) / (len(parts) - 1)

    v = clustered(user) + clustered(creator) - clustered(user * 1_000 + creator)
    for k in range(1, 4):
        slope = np.zeros(4)
        slope[0], slope[k] = -mean[k] / mean[0] ** 2, 1 / mean[0]
        assert found.std_errors[k - 1] == pytest.approx(np.sqrt(slope @ v @ slope))
        joint = v[np.ix_([k, 0], [k, 0])]
        q = student.ppf(0.975, 59)
        for end in (sets(whole, level=0.95)[k - 1].low, sets(whole, level=0.95)[k - 1].high):
            take = np.array([1.0, -end])
            assert (take @ mean[[k, 0]]) ** 2 == pytest.approx(q**2 * take @ joint @ take, rel=1e-6)


def test_one_way_is_the_ratio_of_least_squares_with_clustered_errors():
    import statsmodels.api as sm

    y, slot, user, _ = traffic(2)
    x = (slot[:, None] == np.arange(1, 5)).astype(float)
    fit = sm.OLS(y, x).fit(cov_type="cluster", cov_kwds={"groups": user, "use_correction": False})
    slope = np.array([-fit.params[2] / fit.params[0] ** 2, 1 / fit.params[0]])
    v = fit.cov_params()[np.ix_([0, 2], [0, 2])] * 150 / 149
    found = examination(y, slot, (user,), name="click").estimates
    assert found.std_errors[1] == pytest.approx(np.sqrt(slope @ v @ slope), rel=1e-8)


def test_intervals_sets_and_the_band_cover_as_often_as_they_say():
    runs, hits, both, band = 100, np.zeros(3), np.zeros(3), 0
    for seed in range(runs):
        y, slot, user, creator = traffic([seed, 3], users=80)
        found = examination(y, slot, (user, creator), name="click")
        read = infer(
            found.estimates, level=0.95, multiplicity="simultaneous", seed=seed, family="slots"
        )
        hits += (read.ci_low <= CURVE[1:]) & (read.ci_high >= CURVE[1:])
        both += [
            each.low <= c <= each.high
            for each, c in zip(sets(found, level=0.95), CURVE[1:], strict=True)
        ]
        inside = (read.simultaneous_low <= CURVE[1:]) & (read.simultaneous_high >= CURVE[1:])
        band += inside.all()
    least = 0.95 - 3 * np.sqrt(0.95 * 0.05 / runs)
    assert (hits / runs >= least).all()
    assert (both / runs >= least).all()
    assert band / runs >= least


def test_a_weight_counts_as_so_many_rows():
    y, slot, user, creator = traffic(4, users=40)
    weight = np.random.default_rng(5).integers(1, 4, y.size)
    weighted = examination(
        y, slot, (user, creator), name="click", weight=weight.astype(float)
    ).estimates
    rows = np.repeat(np.arange(y.size), weight)
    repeated = examination(y[rows], slot[rows], (user[rows], creator[rows]), name="click").estimates
    assert weighted.values == pytest.approx(repeated.values)
    assert weighted.std_errors == pytest.approx(repeated.std_errors)


def test_codes_with_gaps_change_nothing():
    y, slot, user, creator = traffic(6, users=40)
    one = examination(y, slot, (user, creator), name="click").estimates
    other = examination(y, slot, (user * 7 + 3, creator * 11), name="click").estimates
    assert np.array_equal(one.std_errors, other.std_errors)


def test_a_rare_outcome_and_few_clusters_are_refused_and_a_usual_one_is_not():
    rare = examination(*_args(traffic(7, users=20, rate=0.02)), name="click").estimates
    assert "too little was had of the first slot" in rare.refusal[0]
    few = examination(*_args(traffic(7, creators=4)), name="click").estimates
    assert few.refusal[0] == "4 clusters; at least 5 are needed"
    assert examination(*_args(traffic(7)), name="click").estimates.refusal == ("",) * 3


def test_bad_slots_and_outcomes_are_errors():
    y, slot, user, creator = traffic(8)
    with pytest.raises(DataError, match="Slots start at 0; the first place must be 1"):
        examination(y, slot - 1, (user, creator), name="click")
    with pytest.raises(DesignError, match="All exploration rows are in the first slot"):
        examination(y, 0 * slot + 1, (user, creator), name="click")
    with pytest.raises(DesignError, match="The mean of 'click' in the first slot is zero"):
        examination(0 * y, slot, (user, creator), name="click")
    with pytest.raises(DataError, match="exploration rows have no outcome"):
        examination(np.where(y > 0, np.nan, y), slot, (user, creator), name="click")


def _args(drawn):
    y, slot, user, creator = drawn
    return y, slot, (user, creator)


def test_a_place_of_which_nearly_nothing_was_had_has_no_interval():
    y, slot, user, creator = traffic(31)
    y[slot == 4] = 0.0
    found = examination(y, slot, (user, creator), name="click").estimates
    assert found.refusal == ("", "", "0 rows of this place have any; at least 5 are needed")
    same = examination(np.where(slot == 3, 1.0, y), slot, (user,), name="click").estimates
    assert same.refusal[1] == "all rows of this place have the same"


def test_one_cluster_is_an_error_in_words():
    y, slot, user, _ = traffic(32)
    with pytest.raises(DesignError, match="All exploration rows are of one cluster"):
        examination(y, slot, (0 * user,), name="click")
