"""Winners are worth less than they look, by as much as simulation says."""

from __future__ import annotations

import numpy as np
import pytest

from causal.base.errors import DesignError
from causal.estimation.experiment.shrinkage import corrected, posterior


@pytest.mark.parametrize("truth", [0.0, 1.0, 2.0, 4.0])
def test_half_of_the_winners_are_corrected_to_below_the_truth(truth: float) -> None:
    rng = np.random.default_rng(int(10 * truth))
    z = truth + rng.normal(size=60_000)
    z = z[np.abs(z) > 1.96][:1_000]
    if truth > 0:
        z = z[z > 0]
    found = np.array([corrected(value, 1.0, 1.96) for value in z])
    share = float(np.mean(found < truth))
    assert share == pytest.approx(0.5, abs=3 * np.sqrt(0.25 / found.size) + 0.01)


def test_a_sure_winner_is_hardly_corrected_and_signs_mirror() -> None:
    assert corrected(9.0, 1.0, 1.96) == pytest.approx(9.0, abs=1e-6)
    assert corrected(-2.2, 1.0, 1.96) == pytest.approx(-corrected(2.2, 1.0, 1.96))
    assert corrected(22.0, 10.0, 1.96) == pytest.approx(10 * corrected(2.2, 1.0, 1.96))


def test_a_bare_winner_may_be_worth_nothing_or_less() -> None:
    assert corrected(1.97, 1.0, 1.96) < 1.0


def test_a_posterior_is_that_of_two_normals() -> None:
    found = posterior(2.0, 0.5, prior_sd=1.0)
    assert found.mean == pytest.approx(1.6)
    assert found.sd == pytest.approx(np.sqrt(1 / (1 + 4)))
    draws = found.mean + found.sd * np.random.default_rng(0).normal(size=400_000)
    assert found.chance_better == pytest.approx((draws > 0).mean(), abs=1e-3)
    assert found.expected_loss == pytest.approx(np.maximum(-draws, 0).mean(), rel=0.2)


def test_a_prior_without_width_is_refused() -> None:
    with pytest.raises(DesignError, match="standard deviation is 0"):
        posterior(1.0, 1.0, prior_sd=0.0)
