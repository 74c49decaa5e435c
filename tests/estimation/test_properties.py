"""What must not matter does not: scale, order, names, duplicates; what must matter does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from causal.data.panel import Panel
from causal.design.study import Study
from causal.estimation._boosting import Boosting
from causal.estimation._fit import Fit, fit_design
from causal.workflow import identify
from tests.estimation.conftest import clustered, panel_of, study_of

SMALL = Boosting(rounds=10, leaves=6)


def fitted(frame: pd.DataFrame, design: str = "adjusted", **changes: Any) -> Fit:
    """Fit one design of a frame with small models."""
    study = study_of(**({"cluster": "g"} | changes))
    panel = panel_of(frame, study)
    return fit_design(
        study, panel, named(study, panel, design), boosting=SMALL, second_opinions=False
    )


def named(study: Study, panel: Panel, name: str) -> Any:
    return next(design for design in identify(study, panel) if design.name == name)


def numbers(fit: Fit) -> np.ndarray:
    return np.column_stack([fit.whole.values, fit.whole.std_errors])


WORLD = clustered(3, clusters=60, size=8).assign(
    id=np.arange(480), block=np.arange(480) // 4, d=np.arange(480) % 7 + 1
)
EVERY_DESIGN = pytest.mark.parametrize(
    ("design", "block"), [("naive", []), ("adjusted", []), ("within", ["block"])]
)


@EVERY_DESIGN
def test_the_unit_of_the_outcome_scales_everything(design: str, block: list[str]) -> None:
    once = numbers(fitted(WORLD, design, block=block))
    for scale in (1e-9, -3.0, 1e12):
        scaled = numbers(fitted(WORLD.assign(y=WORLD.y * scale), design, block=block))
        np.testing.assert_allclose(scaled, once * [scale, abs(scale)], rtol=2e-5)


@EVERY_DESIGN
def test_a_constant_added_to_the_outcome_changes_nothing(design: str, block: list[str]) -> None:
    once = numbers(fitted(WORLD, design, block=block))
    np.testing.assert_allclose(
        numbers(fitted(WORLD.assign(y=WORLD.y + 7.0), design, block=block)), once, rtol=2e-5
    )


@EVERY_DESIGN
def test_swapping_the_arms_negates(design: str, block: list[str]) -> None:
    once = numbers(fitted(WORLD, design, block=block))
    swapped = numbers(fitted(WORLD.assign(a=1 - WORLD.a), design, block=block))
    tolerance = 1e-9 if design != "adjusted" else 0.15 * once[0, 1]
    np.testing.assert_allclose(swapped * [-1, 1], once, atol=tolerance)


def test_the_order_of_rows_and_columns_changes_nothing() -> None:
    once = numbers(fitted(WORLD, unit="id"))
    mixed = WORLD.sample(frac=1, random_state=1)[sorted(WORLD.columns, reverse=True)]
    np.testing.assert_array_equal(numbers(fitted(mixed, unit="id")), once)


@EVERY_DESIGN
def test_the_names_of_clusters_blocks_and_levels_change_nothing(
    design: str, block: list[str]
) -> None:
    codes = WORLD.assign(g=(WORLD.g * 37) % 101, block=(WORLD.block * 31) % 127, a=WORLD.a)
    other = codes.assign(a=np.where(codes.a == 1, "yes", "no"))
    study = {"block": block, "unit": "id"}
    first = fitted(WORLD, design, **study)
    second = fitted(other, design, **study, attributes=[{"name": "a", "reference": "no"}])
    # Folds move with the names: over twelve sets of names the estimate had a spread of 0.04.
    tolerance = 1e-9 if design != "adjusted" else 3 * np.sqrt(2) * 0.04
    np.testing.assert_allclose(numbers(second), numbers(first), atol=tolerance)
    assert second.whole.sizes[0].clusters == first.whole.sizes[0].clusters


def test_an_outcome_given_twice_has_the_same_numbers_twice() -> None:
    fit = fitted(
        WORLD.assign(again=WORLD.y),
        outcomes=[{"name": "y", "column": "y"}, {"name": "again", "column": "again"}],
    )
    assert fit.whole.values[0] == fit.whole.values[1]
    assert np.ptp(fit.whole.covariance()) == pytest.approx(0, abs=1e-15)


@EVERY_DESIGN
def test_weights_of_one_are_no_weights(design: str, block: list[str]) -> None:
    once = numbers(fitted(WORLD, design, block=block))
    weighted = numbers(fitted(WORLD.assign(w=1.0), design, block=block, weight="w"))
    np.testing.assert_array_equal(weighted, once)


@pytest.mark.parametrize(("design", "block"), [("naive", []), ("within", ["block"])])
def test_a_weight_of_k_is_a_row_repeated_k_times(design: str, block: list[str]) -> None:
    repeated = WORLD.loc[WORLD.index.repeat(WORLD.d)]
    np.testing.assert_allclose(
        numbers(fitted(WORLD, design, block=block, weight="d")),
        numbers(fitted(repeated, design, block=block)),
        rtol=1e-9,
    )


def test_rows_with_an_unknown_outcome_or_attribute_are_left_out_of_that_estimate() -> None:
    frame = WORLD.assign(z=WORLD.y)
    frame.loc[:99, "y"] = np.nan
    frame["a"] = frame["a"].astype(float)
    frame.loc[90:119, "a"] = np.nan
    fit = fitted(
        frame,
        "naive",
        outcomes=[{"name": "y", "column": "y"}, {"name": "z", "column": "z"}],
    )
    assert [size.units for size in fit.whole.sizes] == [480 - 120, 480 - 30]
    alone = fitted(frame.dropna(), "naive")
    assert fit.whole.values[0] == pytest.approx(alone.whole.values[0])
    assert fit.whole.std_errors[0] == pytest.approx(alone.whole.std_errors[0], rel=0.02)


def test_a_missing_confounder_is_a_level_of_its_own() -> None:
    """Rows whose confounder is missing differ in the outcome: leaving them out is not needed."""
    rng = np.random.default_rng(0)
    n = 4_000
    lost = rng.random(n) < 0.5
    a = (rng.random(n) < np.where(lost, 0.8, 0.2)).astype(int)
    x = np.where(lost, np.nan, rng.normal(size=n))
    frame = pd.DataFrame({"a": a, "x1": x, "y": 2.0 * lost + a + rng.normal(size=n)})
    fit = fitted(frame, confounders=["x1"], cluster=[])
    assert fit.whole.sizes[0].units == n
    assert abs(fit.whole.values[0] - 1) < 3 * fit.whole.std_errors[0]


def test_a_confounder_with_a_hundred_levels_is_held_fixed() -> None:
    rng = np.random.default_rng(1)
    n = 6_000
    level = rng.integers(100, size=n)
    push = rng.normal(size=100)
    a = (rng.random(n) < 1 / (1 + np.exp(-push[level]))).astype(int)
    frame = pd.DataFrame({"a": a, "k": [f"k{code}" for code in level], "y": a + push[level]})
    frame["y"] += rng.normal(size=n)
    study = study_of(confounders=["k"])
    panel = panel_of(frame, study)
    adjusted = fit_design(study, panel, named(study, panel, "adjusted"), second_opinions=False)
    naive = fitted(frame, "naive", confounders=["k"], cluster=[])
    bias = adjusted.whole.values[0] - 1
    assert abs(naive.whole.values[0] - 1) > 0.5
    assert abs(bias) < 3 * adjusted.whole.std_errors[0]


def test_a_level_with_three_rows_is_not_estimable() -> None:
    frame = WORLD.assign(
        a=np.where(WORLD.index.isin([50, 200, 400]), "rare", np.where(WORLD.a == 1, "on", "off"))
    )
    fit = fitted(frame, cluster=[], attributes=[{"name": "a", "reference": "off"}])
    reasons = dict(
        zip([label.contrast for label in fit.whole.labels], fit.whole.refusal, strict=True)
    )
    assert "only 3 clusters" in reasons["rare - off"]


def test_one_cluster_is_not_estimable() -> None:
    fit = fitted(WORLD.assign(g=0), "naive")
    assert "at least 5 are needed" in fit.whole.refusal[0]


@pytest.mark.parametrize("kind", ["continuous", "binary"])
def test_an_attribute_constant_within_blocks_is_not_estimable_within(kind: str) -> None:
    values = WORLD.block * 1.5 if kind == "continuous" else WORLD.block % 2
    fit = fitted(WORLD.assign(a=values), "within", block=["block"])
    assert fit.whole.refusal[0] == "the attribute does not vary within any block on its own"


def test_a_known_propensity_is_used_and_no_model_is_fitted_for_it() -> None:
    frame = WORLD.assign(p=0.25 + 0.5 * (WORLD.x2 > 0))
    fit = fitted(frame, propensity="p")
    nuisances = fit.nuisances
    assert nuisances is not None
    assert nuisances.fits == np.unique(fit.setting.panel.folds).size  # The outcome model alone.
    p = fit.setting.panel.propensities["a"]
    np.testing.assert_array_equal(nuisances.propensity[("a", "y")], np.column_stack([1 - p, p]))


def test_a_later_tier_never_enters_the_models_of_an_earlier_one() -> None:
    """The second tier is the mediator of the first: the total effect is direct plus through it."""
    rng = np.random.default_rng(2)
    n = 4_000
    a = rng.integers(2, size=n)
    b = (rng.random(n) < 0.2 + 0.6 * a).astype(int)
    frame = pd.DataFrame({"a": a, "b": b, "x1": rng.normal(size=n), "x2": rng.normal(size=n)})
    frame["y"] = a + 2.0 * b + rng.normal(size=n)
    tiers = [{"name": "a", "tier": 1}, {"name": "b", "tier": 2}]
    fit = fitted(frame, attributes=tiers, cluster=[])
    assert "b" not in fit.design.adjustment["a"]
    assert "a" in fit.design.adjustment["b"]
    truth = np.array([1 + 2 * 0.6, 2.0])
    assert np.all(np.abs(fit.whole.values - truth) < 3 * fit.whole.std_errors)


def test_segments_average_to_the_whole() -> None:
    from causal.estimation._scores import Segments

    study = study_of(cluster="g")
    panel = panel_of(WORLD, study)
    codes = (panel.columns["x2"].values > 0).astype(np.int64)
    cut = Segments(name="x2", codes=codes, levels=("low", "high"))
    fit = fit_design(
        study,
        panel,
        named(study, panel, "adjusted"),
        cuts=(cut,),
        boosting=SMALL,
        second_opinions=False,
    )
    share = np.bincount(codes) / codes.size
    weights = share if fit.estimands["a"] == "ATE" else None
    if weights is None:
        size = fit.scores[0].high[:, 1]
        weights = np.bincount(codes, weights=size) / size.sum()
    assert fit.segmented.values @ weights == pytest.approx(fit.whole.values[0])


def test_a_headline_estimator_that_is_asked_for_is_used() -> None:
    for name in ("aipw", "inverse_weighting", "partially_linear"):
        fit = fitted(WORLD, settings={"estimators": [name]})
        assert {label.estimator for label in fit.whole.labels} == {name}
