"""Comparisons of any experiment: turned and scaled outcomes, other names and orders, merged parts."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causal.content.metric import Metric
from causal.content.outcome import Goal, Role
from causal.data.moments.collected import Part, Reading
from causal.data.moments.moments import Moments, merged
from causal.data.moments.rows import SIZE, moments_of
from causal.estimation.experiment._adjustment import Adjustment
from causal.estimation.experiment.comparisons import Comparison, compare
from causal.estimation.experiment.decided import Procedure, Rules
from causal.estimation.experiment.effects import Asked
from tests._readouts import differences

NAMES = ("y", "z", "d", "x")
RELATIVE = ("relative", "relative_decided", "relative_always")
MIRRORED = ("effect", "decided", "raw", "always", *RELATIVE)


@st.composite
def experiments(draw: Any) -> dict[str, Any]:
    """How an experiment is drawn, and how it is read."""
    return {
        "seed": draw(st.integers(0, 2**32 - 1)),
        "arms": draw(st.integers(2, 4)),
        "clustered": draw(st.booleans()),
        "strata": draw(st.sampled_from([1, 3])),
        "adjustment": draw(st.sampled_from(list(Adjustment))),
        "procedure": draw(st.sampled_from(list(Procedure))),
        "shift": draw(st.sampled_from([-8.0, 0.0, 8.0])),
    }


def rows(how: dict[str, Any]) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(how["seed"])
    groups = 90 if how["clustered"] else 400
    cluster = np.repeat(np.arange(groups), rng.integers(2, 9, groups) if how["clustered"] else 1)
    n = cluster.size
    arm = rng.permutation(np.arange(groups) % how["arms"])[cluster]
    x = rng.normal(size=n)
    y = how["shift"] + 0.3 * arm + x + rng.normal(size=groups)[cluster] + rng.normal(size=n)
    z = 5 + 0.5 * x + rng.normal(size=n)
    return {
        "arm": arm, "cluster": cluster, "stratum": rng.integers(0, how["strata"], groups)[cluster],
        "x": np.column_stack([y, z, rng.poisson(4, n) + 1.0, x]),
    }  # fmt: skip


def read(how: dict[str, Any], data: dict[str, np.ndarray], **more: Any) -> Moments:
    given = {
        "arms": tuple("ABCD"[: how["arms"]]),
        "strata": tuple((name,) for name in "pqr"[: how["strata"]]),
    } | more
    return moments_of(
        data["arm"], data["x"], columns=NAMES, stratum=data["stratum"],
        cluster=data["cluster"] if how["clustered"] else None, **given,
    )  # fmt: skip


def compared(
    how: dict[str, Any], moments: Moments, goal: Goal = Goal.INCREASE, absolute: float = 0.3
) -> tuple[Comparison, ...]:
    size = SIZE if how["clustered"] else None
    metrics = [
        Metric(name="y", column="y", goal=goal),
        Metric(name="r", column=None, numerator="z", denominator="d"),
        Metric(name="kept", column="y", role=Role.GUARDRAIL, goal=goal, absolute_margin=absolute),
    ]
    beside = (Part(numerator="x", denominator=size),)
    level = Part(numerator="y", denominator=size)
    readings = [
        Reading(metric="y", level=level, covariates=beside),
        Reading(metric="r", level=Part(numerator="z", denominator="d"), covariates=beside),
        Reading(metric="kept", level=level, covariates=beside),
    ]
    asked = Asked(arm_column="arm", clustered=how["clustered"], adjustment=how["adjustment"])
    rules = Rules(procedure=how["procedure"], level=0.95, seed=1, looks=(0.5, 1.0), information=1.0)
    return compare(moments, readings, metrics, asked, rules)


def alike(one: Any, other: Any) -> None:
    assert not list(differences(asdict(one), asdict(other), at=one.__class__.__name__))


def mirrored(one: Any) -> Any:
    if one is None:
        return None
    low, high = (None if end is None else -end for end in (one.high, one.low))
    return replace(one, value=None if one.value is None else -one.value, low=low, high=high)


@settings(max_examples=25, deadline=None)
@given(how=experiments())
def test_a_negated_outcome_mirrors_its_comparisons(how: dict[str, Any]) -> None:
    data = rows(how)
    base = compared(how, read(how, data))
    data["x"] = data["x"] * [-1.0, 1.0, 1.0, 1.0]
    for one, found in zip(base, compared(how, read(how, data), Goal.DECREASE), strict=True):
        if one.metric == "r":
            alike(one, found)
            continue
        expected = replace(
            one,
            goal=Goal.DECREASE,
            control=-one.control,
            treated=-one.treated,
            corrected=None if one.corrected is None else -one.corrected,
            **{name: mirrored(getattr(one, name)) for name in MIRRORED},
        )
        alike(expected, found)


@settings(max_examples=15, deadline=None)
@given(how=experiments(), power=st.integers(-9, 9))
def test_a_scaled_outcome_scales_its_absolute_numbers(how: dict[str, Any], power: int) -> None:
    data, factor = rows(how), 10.0**power
    base = compared(how, read(how, data))
    data["x"] = data["x"] * [factor, 1.0, 1.0, 1.0]
    for one, found in zip(base, compared(how, read(how, data), absolute=0.3 * factor), strict=True):
        assert found.p_value == pytest.approx(one.p_value, rel=1e-6)
        assert found.decided_p == pytest.approx(one.decided_p, rel=1e-6)
        assert found.df == pytest.approx(one.df, rel=1e-6)
        alike(one.relative, found.relative)
        by = 1.0 if one.metric == "r" else factor
        for name in ("effect", "decided", "raw"):
            mine, theirs = getattr(one, name), getattr(found, name)
            ends = [by * each for each in (mine.value, mine.low, mine.high)]
            assert [theirs.value, theirs.low, theirs.high] == pytest.approx(ends, rel=1e-6)


@settings(max_examples=15, deadline=None)
@given(how=experiments(), cut=st.integers(2, 6))
def test_rows_strata_and_parts_in_any_order_give_the_same(how: dict[str, Any], cut: int) -> None:
    data = rows(how)
    base = compared(how, read(how, data))
    rng = np.random.default_rng(how["seed"])
    order = rng.permutation(data["arm"].size)
    turned = {name: each[order] for name, each in data.items()}
    turned["stratum"] = how["strata"] - 1 - turned["stratum"]
    names = tuple((name,) for name in "rqp"[-how["strata"] :])
    whole = read(how, turned, strata=names)
    parts = [
        read(how, {name: each[turned["cluster"] % cut == part] for name, each in turned.items()},
             strata=names)
        for part in range(cut)
    ]  # fmt: skip
    for one, found, summed in zip(
        base, compared(how, whole), compared(how, merged(parts)), strict=True
    ):
        alike(one, found)
        alike(one, summed)
