"""Missing values are counted, and an outcome that goes missing with an attribute is found."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from causal.base.finding import Status
from causal.diagnostics.missingness import _clustered, check

Make = Callable[..., Any]


def holed(seed: int, gap: float, rows: int = 1500) -> tuple[Any, Any, Any]:
    """Outcome missing for a tenth of the rows, and more when a = 1; clusters of five rows."""
    rng = np.random.default_rng(seed)
    cluster = np.arange(rows) // 5
    a = rng.integers(0, 2, rows)
    y = np.where(rng.random(rows) < 0.1 + gap * a, np.nan, rng.normal(size=rows))
    return a, y, cluster


def test_an_outcome_missing_more_often_with_the_attribute_fails(study: Make, panel: Make) -> None:
    a, y, cluster = holed(0, gap=0.1)
    found = check(study(), panel({"a": a}, {"y": y}, clusters=cluster))
    (uneven,) = [each for each in found if each.name == "missing outcome"]
    assert uneven.status is Status.FAIL
    assert uneven.attributes == ("a",)
    assert uneven.statistic == pytest.approx(0.1, abs=3 * (0.3 * 0.7 * 4 / 1500) ** 0.5)


def test_an_outcome_missing_evenly_is_not_accused(study: Make, panel: Make) -> None:
    alarms = 0
    for seed in range(200):
        a, y, cluster = holed(seed, gap=0.0)
        found = check(study(), panel({"a": a}, {"y": y}, clusters=cluster))
        alarms += any(each.name == "missing outcome" for each in found)
    assert alarms <= stats.binom.ppf(0.999, 200, 0.002)


def test_a_level_without_its_outcome_is_found(study: Make, panel: Make) -> None:
    rng = np.random.default_rng(1)
    tone = np.array(["calm", "loud", "sad"], dtype=object)[rng.integers(0, 3, 900)]
    y = np.where((tone == "sad") & (rng.random(900) < 0.3), np.nan, 1.0)
    found = check(study(attributes=["tone"]), panel({"tone": tone}, {"y": y}))
    assert any(each.status is Status.FAIL for each in found)


def test_shares_above_a_twentieth_are_a_warning_by_name(study: Make, panel: Make) -> None:
    x = np.where(np.arange(100) < 6, np.nan, 1.0)
    (found,) = check(study(), panel({"a": np.arange(100) % 2, "x": x}))
    assert (found.status, found.columns) == (Status.WARN, ("x",))
    assert found.detail == ({"column": "x", "missing": 0.06},)


def test_a_full_table_passes(study: Make, panel: Make) -> None:
    (found,) = check(study(), panel({"a": [0, 1, 0, 1]}))
    assert (found.status, found.statistic) == (Status.PASS, 0.0)


def test_the_slope_and_its_error_are_those_of_clustered_least_squares(panel: Make) -> None:
    import statsmodels.api as sm

    a, y, cluster = holed(3, gap=0.1, rows=400)
    missing = np.isnan(y).astype(float)
    slope, error = _clustered(a.astype(float), missing, panel({"a": a}, clusters=cluster))
    fit = sm.OLS(missing, sm.add_constant(a.astype(float))).fit(
        cov_type="cluster", cov_kwds={"groups": cluster, "use_correction": False}
    )
    assert slope == pytest.approx(fit.params[1], rel=1e-9)
    assert error == pytest.approx(fit.bse[1] * (80 / 79) ** 0.5, rel=1e-9)
