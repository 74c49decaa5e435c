"""Kinds: what values show, what a declaration may change, and what does not fit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causal.base.errors import DataError
from causal.content.attribute import Attribute
from causal.data.kinds import attribute_column, covariate_column, number_column
from causal.data.values import values


def column(cells, dtype=None):
    import pyarrow as pa

    return values("x", "attributes", pa.array(cells, type=dtype, from_pandas=True))


def attribute(cells, **given):
    return attribute_column(column(cells), Attribute(name="x", **given))


@pytest.mark.parametrize(
    ("cells", "kind", "levels", "codes"),
    [
        ([True, False, True], "binary", ("0", "1"), [1, 0, 1]),
        ([True, True], "binary", ("0", "1"), [1, 1]),
        ([0, 1, None], "binary", ("0", "1"), [0, 1, np.nan]),
        ([0.0, 0.0], "binary", ("0", "1"), [0, 0]),
        ([1, 2, 1], "binary", ("1", "2"), [0, 1, 0]),
        ([10.0, 2.0], "binary", ("2", "10"), [1, 0]),
        (["yes", "no", "yes"], "binary", ("no", "yes"), [1, 0, 1]),
        (["b", "a", "c", None], "categorical", ("a", "b", "c"), [1, 0, 2, np.nan]),
        (["é", "z", "Z"], "categorical", ("Z", "z", "é"), [2, 1, 0]),
        (["a", "a"], "categorical", ("a",), [0, 0]),
        ([3, 1, 2], "continuous", (), [3, 1, 2]),
        ([0.5, 1.5], "continuous", (), [0.5, 1.5]),
        ([7, 7], "continuous", (), [7, 7]),
    ],
)
def test_the_kind_is_read_off_the_values(cells, kind, levels, codes):
    found = attribute(cells)
    assert (found.kind, found.levels) == (kind, levels)
    np.testing.assert_array_equal(found.values, codes)


def test_a_declared_kind_overrules_what_the_values_show():
    found = attribute([10, 9, 10.5], kind="categorical")
    assert found.levels == ("9", "10", "10.5")
    np.testing.assert_array_equal(found.values, [1, 0, 2])
    assert attribute([0, 1, 1], kind="continuous").levels == ()
    assert attribute([True, False], kind="continuous").values.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("cells", "given", "words"),
    [
        ([1, 2, 3], {"kind": "binary"}, "declared binary and has 3"),
        (["a", "b"], {"kind": "continuous"}, "declared continuous and holds text"),
        ([str(each) for each in range(51)], {}, "has 51 levels, and at most 50"),
        ([1, 2, 3], {"reference": 1}, "has no reference level"),
        (["a", "b", "c"], {"contrast": (1, 2)}, "a contrast is for continuous"),
        (["sad", "glad", "calm"], {"reference": "sadd"}, "Did you mean 'sad'"),
        ([None, None], {}, "every value of column 'x' is missing"),
        (pd.to_datetime(["2024-01-01"]), {}, "holds times"),
    ],
)
def test_what_does_not_fit_is_refused_with_words(cells, given, words):
    with pytest.raises(DataError, match=words):
        attribute(cells, **given)


def test_fifty_levels_are_allowed():
    assert len(attribute([f"{each:02d}" for each in range(50)]).levels) == 50


def test_the_reference_is_the_level_that_others_are_compared_with():
    tone = attribute(["sad", "calm", "glad"], reference="glad")
    assert tone.levels[tone.reference] == "glad"
    assert tone.levels == ("calm", "glad", "sad")
    turned = attribute(["no", "yes", None], reference="yes")
    assert turned.levels == ("yes", "no")
    np.testing.assert_array_equal(turned.values, [1, 0, np.nan])
    assert attribute([True, False], reference=True).levels == ("1", "0")
    assert attribute([1, 2], reference=1.0).levels == ("1", "2")


def test_a_confounder_may_have_any_number_of_levels_and_hold_times():
    many = covariate_column(column([f"{each:03d}" for each in range(200)]))
    assert len(many.levels) == 200
    days = covariate_column(column(pd.to_datetime(["1970-01-02", None])))
    np.testing.assert_array_equal(days.values, [1, np.nan])
    assert days.kind == "continuous"


def test_an_empty_confounder_is_one_level_or_all_nan_for_numbers():
    import pyarrow as pa

    text = covariate_column(column([None, None], pa.string()))
    assert text.levels == ("(missing)",)
    assert text.missing.all()
    assert covariate_column(column([None, None], pa.float64())).missing.all()


def test_a_negative_control_must_be_numbers():
    assert number_column(column([0, 1, None])).kind == "binary"
    assert number_column(column([0.5, 1])).kind == "continuous"
    with pytest.raises(DataError, match="holds text, and numbers are needed"):
        number_column(column(["a", "b"]))
