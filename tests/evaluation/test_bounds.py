"""Omitted-variable bounds: the numbers of DoubleML and of published examples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from causal.estimation.aipw import Arms
from causal.evaluation._bounds import (
    Bias,
    Noise,
    gain,
    largest_bias,
    of_levels,
    of_slope,
    robustness,
    strength,
    times,
)

N = 400
LEVEL = 0.975


def world(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(N, 3))
    a = (rng.random(N) < 1 / (1 + np.exp(-x[:, 0] - 0.5 * x[:, 1]))).astype(float)
    return x, a, a + x @ [1.0, 0.5, 0.2] + rng.normal(size=N)


def peer(kind: str, x: np.ndarray, a: np.ndarray, y: np.ndarray) -> Any:
    """A DoubleML model with linear nuisances, fitted."""
    doubleml = pytest.importorskip("doubleml")
    from sklearn.linear_model import LinearRegression, LogisticRegression

    frame = pd.DataFrame(x, columns=[f"x{j}" for j in range(x.shape[1])]).assign(a=a, y=y)
    data = doubleml.DoubleMLData(frame, "y", "a")
    np.random.seed(1)  # noqa: NPY002 - the peer draws its folds from the global state
    if kind == "PLR":
        model = doubleml.DoubleMLPLR(data, LinearRegression(), LinearRegression(), n_folds=2)
    else:
        model = doubleml.DoubleMLIRM(
            data, LinearRegression(), LogisticRegression(), n_folds=2, score=kind
        )
    return model.fit(store_predictions=True)


def ours(kind: str, model: Any, a: np.ndarray, y: np.ndarray) -> tuple[Bias, Noise]:
    """The same from its nuisances and scores."""
    p = {name: value[:, 0, 0] for name, value in model.predictions.items() if value is not None}
    theta, ones = float(model.coef[0]), np.ones(N)
    if kind == "PLR":
        r_a = a - p["ml_m"]
        noise = of_slope(y - p["ml_l"] - theta * r_a, r_a, ones)
    else:
        f = np.where(a == 1, p["ml_g1"], p["ml_g0"])
        arms = Arms(a, 1 - a, p["ml_m"], 1 - p["ml_m"])
        noise = of_levels(y - f, arms, ones, {"ATTE": "ATT"}.get(kind, kind))
    largest, on_largest = largest_bias(noise)
    scaled = model.framework.scaled_psi[:, 0, 0] / N
    from scipy.stats import norm

    bias = Bias.of(
        value=theta,
        largest=largest,
        influence=np.column_stack([scaled, on_largest]) * np.sqrt((N - 1) / N),
        ways=(np.arange(N),),
        critical=float(norm.ppf(LEVEL)),
    )
    return bias, noise


@pytest.mark.parametrize("kind", ["PLR", "ATE", "ATTE"])
def test_bounds_are_those_of_doubleml(kind: str):
    """DoubleML has no factor G / (G - 1): the influence is scaled to leave it out."""
    x, a, y = world()
    model = peer(kind, x, a, y)
    bias, noise = ours(kind, model, a, y)
    element = model.framework.sensitivity_elements
    assert noise.sigma2 == pytest.approx(element["sigma2"].item(), rel=1e-9)
    assert noise.nu2 == pytest.approx(element["nu2"].item(), rel=1e-9)
    for cf_y, cf_d, rho in ((0.03, 0.03, 1.0), (0.1, 0.2, 0.5)):
        model.sensitivity_analysis(cf_y=cf_y, cf_d=cf_d, rho=rho, level=LEVEL)
        said, size = model.sensitivity_params, strength(cf_y, cf_d, rho)
        for found, key in ((bias.bounds(size), "theta"), (bias.confidence(size), "ci")):
            assert found[0] == pytest.approx(said[key]["lower"][0], rel=1e-6)
            assert found[1] == pytest.approx(said[key]["upper"][0], rel=1e-6)
    model.sensitivity_analysis(level=LEVEL)
    said = model.sensitivity_params
    assert robustness(bias.erasing()) == pytest.approx(said["rv"][0], abs=1e-4)  # its minimiser's
    assert robustness(bias.erasing_interval()) == pytest.approx(said["rva"][0], abs=1e-4)


@pytest.mark.parametrize("kind", ["PLR", "ATE"])
def test_benchmarks_are_those_of_doubleml(kind: str):
    x, a, y = world(3)
    long, short = peer(kind, x, a, y), peer(kind, x[:, 1:], a, y)
    np.random.seed(1)  # noqa: NPY002
    from doubleml.utils.gain_statistics import gain_statistics

    said = gain_statistics(long, short)
    moments = [
        (float(model.coef[0]), noise.sigma2, noise.nu2)
        for model in (long, short)
        for _, noise in (ours(kind, model, a, y),)
    ]
    found = gain(*moments)
    for name in ("cf_y", "cf_d", "rho"):
        assert getattr(found, name) == pytest.approx(said[name][0], rel=1e-6)


def test_overlap_weights_have_the_representer_of_the_slope():
    x, a, y = world()
    e = np.clip(0.5 + 0.1 * x[:, 0], 0.1, 0.9)
    left, ones = y - y.mean(), np.ones(N)
    level = of_levels(left, Arms(a, 1 - a, e, 1 - e), ones, "ATO")
    assert level.nu2 == pytest.approx(1 / np.mean((a - e) ** 2))
    assert level.sigma2 == pytest.approx(np.mean(left**2))


def test_published_robustness_value_of_darfur():
    """Cinelli and Hazlett (2020), table 1: t = 4.18 with 783 degrees of freedom, RV 13.9%."""
    rng = np.random.default_rng(1)
    n, t, df = 789, 4.184445, 783
    r_a = rng.normal(size=n)
    r_a -= r_a.mean()
    noise = rng.normal(size=n)
    noise -= noise.mean() + r_a * (noise @ r_a) / (r_a @ r_a)
    theta = t * np.sqrt(noise @ noise / df / (r_a @ r_a))
    largest, influence = largest_bias(of_slope(noise, r_a, np.ones(n)))
    bias = Bias.of(
        value=theta,
        largest=largest,
        influence=np.column_stack([influence, influence]),
        ways=(np.arange(n),),
        critical=1.96,
    )
    assert round(robustness(bias.erasing()), 3) == 0.139


def test_what_erases_an_interval_is_weaker_than_what_erases_the_estimate():
    x, a, y = world()
    bias, _ = ours("ATE", peer("ATE", x, a, y), a, y)
    needed = bias.erasing_interval()
    assert 0 < needed < bias.erasing()
    assert bias.confidence(needed)[0] == pytest.approx(0, abs=1e-9)
    assert bias.bounds(bias.erasing())[0] == pytest.approx(0, abs=1e-12)


def test_a_factor_so_many_times_as_strong_is_just_strong_enough():
    like = gain((1.0, 1.0, 4.0), (1.4, 1.2, 3.5))
    k = times(0.3, like)
    assert strength(k * like.cf_y, k * like.cf_d) == pytest.approx(0.3)
    assert times(0.3, gain((1.0, 1.0, 4.0), (1.0, 1.0, 4.0))) == np.inf


def test_the_representer_keeps_a_size_where_overlap_is_poor():
    a, e = np.r_[1.0, np.zeros(N - 1)], np.full(N, 0.4)
    e[0] = 1e-3
    noise = of_levels(np.ones(N), Arms(a, 1 - a, e, 1 - e), np.ones(N), "ATE")
    assert noise.nu2 > 0
    assert times(np.inf, gain((1.0, 1.0, 4.0), (1.4, 1.2, 3.5))) == np.inf
