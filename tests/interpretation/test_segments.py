"""Shrinkage against a published case, and the sentence that says for whom."""

from __future__ import annotations

import numpy as np
import pytest

from causal.base.errors import DataError
from causal.interpretation.segments import for_whom, shrink

# Vaccine trials of Colditz et al. (1994), the standard example of meta-analysis:
# (cases, others) among the vaccinated and among the controls.
TRIALS = np.array(
    [
        (4, 119, 11, 128),
        (6, 300, 29, 274),
        (3, 228, 11, 209),
        (62, 13_536, 248, 12_619),
        (33, 5_036, 47, 5_761),
        (180, 1_361, 372, 1_079),
        (8, 2_537, 10, 619),
        (505, 87_886, 499, 87_892),
        (29, 7_470, 45, 7_232),
        (17, 1_699, 65, 1_600),
        (186, 50_448, 141, 27_197),
        (5, 2_493, 3, 2_338),
        (27, 16_886, 29, 17_825),
    ],
    dtype=float,
)


def test_the_between_variance_is_the_published_one():
    a, b, c, d = TRIALS.T
    log_risk_ratio = np.log(a / (a + b)) - np.log(c / (c + d))
    error = np.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))
    shrunken, between = shrink(log_risk_ratio, error)
    assert between == pytest.approx(0.3088, abs=5e-5)  # metafor, method DL
    precision = 1 / (error**2 + between)
    mean = precision @ log_risk_ratio / precision.sum()
    assert mean == pytest.approx(-0.7141, abs=5e-5)
    assert np.all(np.abs(shrunken - mean) <= np.abs(log_risk_ratio - mean))


def test_without_excess_spread_all_are_at_the_common_mean():
    shrunken, between = shrink([1.0, 1.1, 0.9], [1.0, 1.0, 1.0])
    assert between == 0.0
    assert shrunken == pytest.approx([1.0, 1.0, 1.0])


def test_shrinking_lowers_the_error_when_truths_are_normal():
    rng = np.random.default_rng(1)
    truth = rng.normal(size=2_000)
    errors = rng.uniform(0.5, 2.0, size=2_000)
    noisy = truth + errors * rng.normal(size=2_000)
    shrunken, between = shrink(noisy, errors)
    assert between == pytest.approx(1.0, abs=0.2)
    assert np.mean((shrunken - truth) ** 2) < 0.6 * np.mean((noisy - truth) ** 2)


def test_hidden_and_certain_cells_pass_through():
    shrunken, _ = shrink([1.0, None, 3.0, 9.0], [1.0, None, 1.0, 0.0])
    assert np.isnan(shrunken[1])
    assert shrunken[3] == 9.0
    assert shrunken[[0, 2]].tolist() == [1.5, 2.5]
    alone, between = shrink([4.0], [1.0])
    assert (alone.tolist(), between) == ([4.0], 0.0)


def test_lengths_must_agree():
    with pytest.raises(DataError, match="one standard error for each"):
        shrink([1.0, 2.0], [1.0])


def _segment(p_value, *cells):
    values = [
        {"segment_value": name, "difference": difference, "difference_p": p, "hidden": False}
        for name, difference, p in cells
    ]
    return {"segment": "topic", "tests": {"p_value": p_value}, "values": values}


@pytest.mark.parametrize(
    ("segment", "words"),
    [
        (
            _segment(0.3, ("news", 0.1, 0.001)),
            "No clear difference between segments of topic (p = 0.3).",
        ),
        (
            _segment(1e-9, ("news", 0.1, 1e-9), ("art", -0.1, 0.001), ("x", 0.0, 0.9)),
            "The effect differs between segments of topic (p < 0.001): "
            "above average in news, below average in art.",
        ),
        (
            _segment(0.04, ("news", 0.1, 0.03), ("art", -0.1, 0.04)),
            "The effect differs between segments of topic (p = 0.04), "
            "but no single segment stands out from the average.",
        ),
        (
            {"segment": "topic", "tests": None, "values": [{"hidden": True}]},
            "Every segment of topic is too small to be shown.",
        ),
        (
            _segment(None, ("news", None, None)),
            "Differences between segments of topic could not be tested.",
        ),
    ],
)
def test_one_sentence_says_for_whom(segment, words):
    assert for_whom(segment) == words
