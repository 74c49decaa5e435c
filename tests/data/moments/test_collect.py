"""What the engine sums is what numpy makes of the same rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causal.data.moments.collected import Part
from causal.data.moments.moments import Moments, marginal
from causal.data.moments.rows import moments_of

ARMS = ("A", "B")


def close(found: Moments, expected: Moments) -> None:
    """Equal to 1e-9 of each column's own scale, NaN where nobody asked."""
    assert (found.arms, found.strata) == (expected.arms, expected.strata)
    assert found.columns == expected.columns
    np.testing.assert_array_equal(found.n, expected.n)
    np.testing.assert_array_equal(found.units, expected.units)
    np.testing.assert_allclose(found.mean, expected.mean, rtol=1e-9, atol=1e-12)
    size = np.sqrt(np.einsum("asii->asi", expected.scatter))
    scale = size[..., :, None] * size[..., None, :] + 1e-12
    asked = ~np.isnan(found.scatter)
    apart = np.abs(found.scatter - expected.scatter) / scale
    assert apart[asked].max() < 1e-9


def expected(frame: pd.DataFrame, columns: dict[str, np.ndarray], block=(), cluster=None):
    """The same by numpy."""
    arm = frame["arm"].map({"A": 0, "B": 1}).to_numpy()
    strata = sorted(set(zip(*(frame[name].astype(str) for name in block), strict=True))) or [()]
    place = {values: i for i, values in enumerate(strata)}
    rows = zip(*(frame[name].astype(str) for name in block), strict=True) if block else None
    own = np.array([place[each] for each in rows]) if rows else None
    return moments_of(
        arm,
        np.column_stack([np.asarray(each, dtype=float) for each in columns.values()]),
        arms=ARMS,
        columns=tuple(columns),
        stratum=own,
        strata=strata,
        cluster=None if cluster is None else pd.factorize(frame[cluster])[0],
    )


def plain(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    return {
        "y:revenue": frame["revenue"],
        "x:before": frame["before"],
        "y:visits": frame["visits"],
        "y:ctr": frame["clicks"],
        "d:ctr": frame["impressions"],
    }


def test_units_in_arms_and_strata_are_those_of_numpy(people, collected):
    found = collected(people, block=["market"], covariates=["before"])
    close(found.moments, expected(people, plain(people), block=["market"]))
    assert found.readings[2].level == Part(numerator="y:ctr", denominator="d:ctr")
    assert found.readings[0].covariates == (Part(numerator="x:before"),)
    assert found.counts.randomized.sum() == len(people)


def test_clusters_are_totals_with_their_size(people, collected):
    found = collected(people, cluster="school", block="market", covariates=["before"])
    close(found.moments, expected(people, plain(people), block=["market"], cluster="school"))
    assert found.readings[0].level == Part(numerator="y:revenue", denominator="size")
    assert found.counts.randomized.tolist() == [20, 20]


@pytest.mark.parametrize("cluster", [None, "school"])
def test_days_of_first_exposure_add_up_to_the_whole(people, collected, monkeypatch, cluster):
    """Of clusters too, and where all splits at once would be too many cells."""
    monkeypatch.setattr("causal.data.moments.glance.CELLS", 10)
    found = collected(people, cluster=cluster, exposed_at="seen", modifiers=["power"])
    assert found.cohorts is not None
    assert [day for (day,) in found.cohorts.strata] == list(found.counts.days.values)
    whole = marginal(found.cohorts, [])
    np.testing.assert_array_equal(whole.n, found.moments.n)
    np.testing.assert_allclose(whole.mean, found.moments.mean)
    np.testing.assert_allclose(whole.scatter, found.moments.scatter, rtol=1e-9, atol=1e-6)
