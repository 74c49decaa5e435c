"""Equal to tea-tasting on means, ratios and CUPED: effect, interval, p and degrees of freedom."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import causal
from causal.data.moments.collected import Part, Reading
from causal.data.moments.rows import moments_of
from causal.design.reading import study_from
from causal.estimation.experiment._adjustment import Adjustment
from causal.estimation.experiment.decided import Procedure, Rules, decide
from causal.estimation.experiment.effects import Asked, effects

COLUMNS = ("y", "d", "x", "xd")


def rows(seed: int, n: int = 3_000) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    arm = rng.integers(0, 2, n)
    xd = rng.poisson(4, n) + 1.0
    x = rng.poisson(0.4 * xd).astype(float)
    d = rng.poisson(xd * (1 + 0.08 * arm)) + 1.0
    y = rng.poisson(d * 0.3 * np.exp(0.2 * x / xd) * (1 + 0.115 * arm)).astype(float)
    return pd.DataFrame({"variant": arm, "y": y, "d": d, "x": x, "xd": xd})


def reading(*, ratio: bool, covariate: bool) -> Reading:
    below, known = ("d", "xd") if ratio else (None, None)
    covariates = (Part(numerator="x", denominator=known),) if covariate else ()
    return Reading(metric="m", level=Part(numerator="y", denominator=below), covariates=covariates)


@pytest.mark.parametrize("ratio", [False, True])
@pytest.mark.parametrize("covariate", [False, True])
@pytest.mark.parametrize("seed", [1, 2])
def test_it_agrees_with_tea_tasting(*, ratio: bool, covariate: bool, seed: int) -> None:
    tt = pytest.importorskip("tea_tasting")
    frame = rows(seed)
    if ratio:
        own = {"numer_covariate": "x", "denom_covariate": "xd"} if covariate else {}
        metric = tt.RatioOfMeans("y", "d", **own, equal_var=False, use_t=True)
    else:
        metric = tt.Mean("y", "x" if covariate else None, equal_var=False, use_t=True)
    theirs = tt.Experiment({"m": metric}, variant="variant").analyze(frame)["m"]
    moments = moments_of(
        frame["variant"].to_numpy(), frame[list(COLUMNS)].to_numpy(float),
        arms=("0", "1"), columns=COLUMNS,
    )  # fmt: skip
    adjustment = Adjustment.CUPED if covariate else Adjustment.NONE
    found = effects(
        moments, [reading(ratio=ratio, covariate=covariate)],
        Asked(arm_column="variant", adjustment=adjustment),
    )  # fmt: skip
    ours = decide(found, Rules(procedure=Procedure.FIXED, level=0.95, seed=1), together=False)
    assert found.values[0] == pytest.approx(theirs.effect_size, rel=1e-9)
    assert ours.low[0] == pytest.approx(theirs.effect_size_ci_lower, rel=1e-9)
    assert ours.high[0] == pytest.approx(theirs.effect_size_ci_upper, rel=1e-9)
    assert ours.p_value[0] == pytest.approx(theirs.pvalue, rel=1e-7)
    assert found.values[0] / found.baseline[0] == pytest.approx(theirs.rel_effect_size, rel=1e-3)


def test_a_whole_readout_agrees_with_tea_tasting() -> None:
    """From a table to the JSON: a mean, one with a covariate, a ratio."""
    tt = pytest.importorskip("tea_tasting")
    frame = rows(3)
    how = {"equal_var": False, "use_t": True}
    theirs = tt.Experiment(
        {
            "plain": tt.Mean("d", **how),
            "adjusted": tt.Mean("y", "x", **how),
            "rate": tt.RatioOfMeans("y", "d", **how),
        },
        variant="variant",
    ).analyze(frame)
    study = study_from({
        "study": "tea", "kind": "experiment", "data": {"source": "frame"}, "unit": "unit",
        "arms": {"column": "variant", "control": "0"},
        "outcomes": [
            {"name": "plain", "column": "d"},
            {"name": "adjusted", "column": "y", "before": "x", "role": "secondary"},
            {"name": "rate", "numerator": "y", "denominator": "d", "role": "secondary"},
        ],
    })  # fmt: skip
    made = causal.run(study, table=frame.assign(unit=np.arange(len(frame))))
    for each in made.content["comparisons"]:
        own = theirs[each["outcome"]]
        effect = each["effect"]
        assert effect["value"] == pytest.approx(own.effect_size, rel=1e-9)
        assert effect["low"] == pytest.approx(own.effect_size_ci_lower, rel=1e-9)
        assert effect["high"] == pytest.approx(own.effect_size_ci_upper, rel=1e-9)
        assert each["p_value"] == pytest.approx(own.pvalue, rel=1e-7)
        assert each["relative"]["value"] == pytest.approx(own.rel_effect_size, rel=1e-3)
