"""AIPW against DoubleML and published answers, its coverage with clusters, its shared fits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

from causal.data.panel import Panel
from causal.design.identification import adjusted
from causal.design.study import Study
from causal.estimation._estimator import Setting
from causal.estimation._fit import fit_design
from causal.estimation._nuisances import Nuisances, OutcomeModel
from causal.estimation.aipw import AIPW, Arms, potential
from tests.estimation.conftest import clustered, panel_of, study_of

Make = Callable[..., tuple[Study, Panel]]


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_it_equals_doubleml_given_the_same_predictions(make: Make) -> None:
    rng = np.random.default_rng(3)
    frame = clustered(1)
    study, panel = make(frame)
    n = panel.rows
    e = np.clip(rng.random(n), 0.1, 0.9)
    f = rng.normal(size=(n, 2))
    pair = ("a", "y")
    given = Nuisances(
        rows=np.ones(n, dtype=bool),
        outcome={pair: OutcomeModel(value=f)},
        propensity={pair: np.column_stack([1 - e, e])},
        expected={},
        without={},
        fits=0,
    )
    setting = Setting(
        study=study, panel=panel, design=adjusted.identify(study, panel), nuisances=given
    )
    for estimand, score in (("ATE", "ATE"), ("ATT", "ATTE")):
        ours = AIPW(estimands={"a": estimand}).fit(setting)
        value, error = doubleml_irm(panel, e, f, score)
        assert ours.values[0] == pytest.approx(value, abs=1e-8)
        # CR1 with every row its own cluster is the plain sandwich times n / (n - 1).
        assert ours.std_errors[0] * np.sqrt((n - 1) / n) == pytest.approx(error, abs=1e-8)


def doubleml_irm(panel: Panel, e: np.ndarray, f: np.ndarray, score: str) -> tuple[float, float]:
    import doubleml
    from sklearn.linear_model import LinearRegression, LogisticRegression

    x = np.column_stack([panel.columns["x1"].values, panel.columns["x2"].values])
    data = doubleml.DoubleMLData.from_arrays(
        x, panel.outcomes["y"].value, panel.columns["a"].values
    )
    model = doubleml.DoubleMLIRM(
        data, LinearRegression(), LogisticRegression(), n_folds=2, score=score
    )
    predictions = {
        "ml_g0": f[:, :1], "ml_g1": f[:, 1:], "ml_m": e[:, None],
    }  # fmt: skip
    model.fit(external_predictions={"d": predictions})
    return float(model.coef[0]), float(model.se[0])


def test_it_lands_in_the_published_band_on_401k(test_data: Path) -> None:
    frame = pd.read_parquet(test_data / "pension_401k" / "sipp1991.parquet")
    study = study_of(
        attributes=["e401"],
        outcomes=[{"name": "assets", "column": "net_tfa"}],
        confounders=["age", "inc", "educ", "fsize", "marr", "twoearn", "db", "pira", "hown"],
    )
    panel = panel_of(frame, study)
    fit = fit_design(study, panel, adjusted.identify(study, panel), workers=2)
    value, error = fit.whole.values[0], fit.whole.std_errors[0]
    assert 7_823 <= value <= 9_371  # DoubleML's published range over learners
    assert 900 < error < 1_500


def test_clustered_intervals_cover_with_learned_models(make: Make) -> None:
    runs = 200
    hits = 0
    for seed in range(runs):
        study, panel = make(clustered(seed), cluster="g")
        fit = fit_design(
            study, panel, adjusted.identify(study, panel), workers=2, second_opinions=False
        )
        half = student.isf(0.025, fit.whole.df[0]) * fit.whole.std_errors[0]
        hits += bool(abs(fit.whole.values[0] - 1.0) <= half)
    assert 0.90 <= hits / runs <= 0.98


def few(calls: list[int], *, models: int) -> bool:
    """Two boosted fits a model and fold, and a small third where columns act jointly."""
    return 2 * models * 5 <= len(calls) <= 3 * models * 5


def test_a_tier_of_binary_attributes_takes_k_plus_m_models_a_fold(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    import lightgbm

    calls = []
    original = lightgbm.train

    def counting(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        return original(*args, **kwargs)

    monkeypatch.setattr(lightgbm, "train", counting)
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.integers(2, size=(400, 3)), columns=["a", "b", "c"])
    frame["x1"], frame["x2"] = rng.normal(size=(2, 400))
    frame["y"], frame["z"] = rng.normal(size=(2, 400))
    study, panel = make(
        frame,
        attributes=["a", "b", "c"],
        outcomes=[{"name": "y", "column": "y"}, {"name": "z", "column": "z"}],
    )
    fit_design(study, panel, adjusted.identify(study, panel))
    assert few(calls, models=3 + 2)
    calls.clear()
    tiers = [{"name": "a"}, {"name": "b", "tier": 2}, {"name": "c", "tier": 2}]
    study, panel = make(
        frame,
        attributes=tiers,
        outcomes=[{"name": "y", "column": "y"}, {"name": "z", "column": "z"}],
    )
    fit_design(study, panel, adjusted.identify(study, panel))
    assert few(calls, models=3 + 2 * 2)
    calls.clear()
    frame["c"] = rng.normal(size=400)
    study, panel = make(
        frame,
        attributes=["a", "b", "c"],
        outcomes=[{"name": "y", "column": "y"}, {"name": "z", "column": "z"}],
    )
    fit_design(study, panel, adjusted.identify(study, panel))
    assert len(calls) == 2 * (3 + 2 + 1 * 2) * 5  # one more fit of each outcome without c


def test_the_size_of_the_overlap_population_is_the_squared_residual() -> None:
    e = np.array([0.2, 0.7])
    arms = Arms(on=np.array([1.0, 0.0]), off=np.array([0.0, 1.0]), e_high=e, e_low=1 - e)
    _, _, size = potential(np.zeros(2), np.zeros(2), np.zeros(2), arms, "ATO")
    np.testing.assert_allclose(size, (arms.on - e) ** 2)


def test_a_ratio_counts_a_denominator_that_the_attribute_moves(make: Make) -> None:
    rng = np.random.default_rng(5)
    n = 4_000
    x = rng.normal(size=n)
    a = (rng.random(n) < 1 / (1 + np.exp(-x))).astype(int)
    d = rng.poisson(np.exp(3 + 0.3 * x + 0.4 * a)) + 1
    clicks = rng.binomial(d, np.clip(0.10 + 0.02 * x + 0.03 * a, 0.01, 0.6))
    frame = pd.DataFrame({"x1": x, "x2": rng.normal(size=n), "a": a, "clicks": clicks, "d": d})
    study, panel = make(
        frame, outcomes=[{"name": "ctr", "numerator": "clicks", "denominator": "d"}]
    )
    fit = fit_design(study, panel, adjusted.identify(study, panel), workers=2)
    truth = ratio_truth()
    assert abs(fit.whole.values[0] - truth) < 3 * fit.whole.std_errors[0]
    assert fit.whole.std_errors[0] < 0.01


def ratio_truth() -> float:
    x = np.random.default_rng(6).normal(size=400_000)
    sums = []
    for a in (1, 0):
        size = np.exp(3 + 0.3 * x + 0.4 * a) + 1
        rate = np.clip(0.10 + 0.02 * x + 0.03 * a, 0.01, 0.6)
        sums.append(float((size * rate).sum() / size.sum()))
    return sums[0] - sums[1]
