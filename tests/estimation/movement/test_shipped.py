"""Shipped experiments split a share exactly, and what is left has an honest interval."""

from __future__ import annotations

import numpy as np
import pytest

from causal.base.errors import DesignError
from causal.estimation._estimates import Estimates, Label, Size
from causal.estimation.experiment.shrinkage import corrected
from causal.estimation.movement._attribution import Attribution
from causal.estimation.movement._checked import made
from causal.estimation.movement.shipped import Shipped, split

ERRORS = np.array([0.1, 0.2])


def shares(values: tuple[float, float] = (0.5, -1.0)) -> Attribution:
    """Two shares, of x and of y, with independent errors."""
    nodes = ("x", "y")
    label = Label(attribute="", contrast="", outcome="y", estimand="", design="", estimator="",
                  population="", identification="")  # fmt: skip
    rows = Estimates(
        labels=(label,) * 2,
        sizes=(Size(units=9, clusters=9, treated=None, effective_units=9.0),) * 2,
        values=np.array(values),
        influence=np.diag(ERRORS),
        ways=(),
        df=np.full(2, 1e6),
        baseline=np.zeros(2),
        baseline_variance=np.zeros((2, 2)),
        refusal=("", ""),
    )
    return Attribution(form="order", nodes=nodes, groups=(("x",), ("y",)), estimates=rows,
                       move=rows, monte_carlo=None, fits=0, support=())  # fmt: skip


def test_claimed_and_unexplained_add_up_to_the_share() -> None:
    shipped = [
        Shipped(name="a", node="x", effect=0.3, std_error=0.01, share=0.5),
        Shipped(name="b", node="x", effect=-0.1, std_error=0.02),
    ]
    x, y = split(shares(), shipped, level=0.95)
    assert [each.name for each in x.claims] == ["a", "b"]
    assert x.claimed + x.unexplained == pytest.approx(x.share, abs=1e-15)
    assert x.claimed == pytest.approx(0.5 * 0.3 - corrected(0.1, 0.02, 1.96), abs=1e-6)
    assert x.std_error == pytest.approx(np.sqrt(0.1**2 + 0.005**2 + 0.02**2), rel=0.01)
    assert (y.claims, y.claimed, y.unexplained) == ((), 0, -1.0)
    assert y.high - y.unexplained == pytest.approx(1.96 * 0.2, rel=1e-3)


def test_an_experiment_claims_from_the_group_its_node_was_told_with() -> None:
    from dataclasses import replace

    whole = shares()
    one = replace(whole, nodes=("x and y",), groups=(("x", "y"),),
                  estimates=whole.estimates.select(np.array([0])))  # fmt: skip
    (found,) = split(one, [Shipped(name="a", node="y", effect=9.0, std_error=1.0)], level=0.95)
    assert found.claimed == pytest.approx(9.0, abs=1e-6)


@pytest.mark.parametrize("truth", [0.0, 1.0, 3.0])
def test_what_is_unexplained_is_covered_though_only_winners_ship(truth: float) -> None:
    rng = np.random.default_rng(int(truth))
    z = truth + rng.normal(size=20_000)
    z = z[np.abs(z) > 1.96][:100]
    held = []
    for effect in z:
        share = truth + 0.1 * rng.normal()
        x, _ = split(
            shares((share, 0.0)),
            [Shipped(name="a", node="x", effect=float(effect), std_error=1.0)],
            level=0.95,
        )
        held.append(x.low <= 0.0 <= x.high)
    assert np.mean(held) >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / z.size)


def test_an_experiment_on_an_unknown_node_is_refused_with_the_nearest() -> None:
    with pytest.raises(DesignError, match="'posittion', which is no node"):
        split(shares(), [Shipped(name="a", node="posittion", effect=1, std_error=1)], level=0.95)


def test_an_error_that_is_not_above_zero_and_a_share_above_one_are_refused() -> None:
    with pytest.raises(DesignError, match="std_error is 0"):
        Shipped(name="a", node="x", effect=1.0, std_error=0.0)
    with pytest.raises(DesignError, match=r"share is 1\.5"):
        Shipped(name="a", node="x", effect=1.0, std_error=0.1, share=1.5)


def test_checks_are_told_what_is_claimed_and_nothing_of_shares_without_claims() -> None:
    found = shares()
    claims = split(found, [Shipped(name="a", node="x", effect=9.0, std_error=1.0)], level=0.95)
    told = made(found, low=np.zeros(2), high=np.ones(2), claimed=claims)
    assert told.claimed[0] == pytest.approx(9.0, abs=1e-6)
    assert np.isnan(told.claimed[1])
    assert np.isnan(made(found, low=np.zeros(2), high=np.ones(2)).claimed).all()
