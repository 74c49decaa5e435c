"""Parts of an effect from cells of what the ranker read and what users saw."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from causal.data.read import read_frame
from causal.design.reading import study_from
from causal.design.request import request
from causal.estimation._inference import infer
from causal.estimation.paths.separable import separable

STUDY = {
    "study": "s",
    "kind": "attributes",
    "data": {
        "source": "t.csv",
        "derive": {"video": "CASE WHEN ranked = shown THEN shown END"},
    },
    "unit": "item",
    "cluster": "creator",
    "attributes": ["video"],
    "assignment": "randomized",
    "exposure": {"ranked": "ranked", "shown": "shown", "pool_share": 0.1},
    "outcomes": [{"name": "clicks", "column": "clicks"}],
}
TRUTH = {"user": 1.0, "ranker": 3.0, "total": 4.0}


def drawn(seed: int, items: int = 400, creators: int = 80) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    creator = rng.integers(0, creators, items)
    cell = rng.integers(0, 3, items)
    ranked, shown = (cell > 0).astype(int), (cell == 2).astype(int)
    level = rng.normal(0, 2, creators)[creator] + rng.normal(0, 4, items)
    return pd.DataFrame(
        {
            "item": np.arange(items),
            "creator": creator,
            "ranked": ranked,
            "shown": shown,
            "clicks": 5 + 3 * ranked + shown + level,
        }
    )


def found(frame: pd.DataFrame):
    study = study_from(STUDY)
    return separable(study, read_frame(frame, request(study)))


def test_parts_are_differences_of_cells_and_add_up() -> None:
    frame = drawn(0)
    mean = frame.groupby(["ranked", "shown"]).clicks.mean()
    made = found(frame)
    by = dict(zip((label.path for label in made.labels), made.values, strict=True))
    assert by["ranker"] == pytest.approx(mean[1, 0] - mean[0, 0], abs=1e-12)
    assert by["user"] == pytest.approx(mean[1, 1] - mean[1, 0], abs=1e-12)
    assert by["total"] == pytest.approx(by["user"] + by["ranker"], abs=1e-12)


def test_errors_are_those_of_a_clustered_regression() -> None:
    frame = drawn(1)
    fit = smf.ols("clicks ~ ranked + shown", frame).fit(
        cov_type="cluster", cov_kwds={"groups": frame.creator, "use_correction": False}
    )
    groups = frame.creator.nunique()
    made = found(frame)
    own = made.std_errors[:2] / np.sqrt(groups / (groups - 1))
    assert own == pytest.approx(fit.bse[["shown", "ranked"]].to_numpy(), rel=1e-9)


def test_intervals_cover_each_part() -> None:
    runs, hits, all_at_once = 200, np.zeros(3), 0
    for seed in range(runs):
        made = found(drawn(1_000 + seed))
        read = infer(made, level=0.95, multiplicity="simultaneous", seed=1, family="f")
        truth = np.array([TRUTH[label.path] for label in made.labels])
        hits += (read.ci_low <= truth) & (truth <= read.ci_high)
        all_at_once += bool(
            ((read.simultaneous_low <= truth) & (truth <= read.simultaneous_high)).all()
        )
    noise = 3 * np.sqrt(0.95 * 0.05 / runs)
    assert (np.abs(hits / runs - 0.95) < noise).all()
    assert abs(all_at_once / runs - 0.95) < noise


def test_without_the_middle_cell_the_parts_are_refused() -> None:
    frame = drawn(2)
    made = found(frame[(frame.ranked == frame.shown)])
    refused = dict(zip((label.path for label in made.labels), made.refusal, strict=True))
    assert "the ranker takes to have it and users see without it" in refused["ranker"]
    assert refused["user"]
    assert not refused["total"]


def test_what_is_held_fixed_makes_parts_as_sharp_as_regression_does() -> None:
    """Fully interacted regression in a randomised experiment (Lin 2013)."""
    frame = drawn(0)
    frame["x"] = np.random.default_rng(99).normal(size=len(frame))
    frame["clicks"] += 6 * frame.x
    study = study_from({**STUDY, "confounders": ["x"]})
    panel = read_frame(frame, request(study))
    made, plain = separable(study, panel, held=("x",)), separable(study, panel)
    by = dict(zip((label.path for label in made.labels), made.values, strict=True))
    errors = dict(zip((label.path for label in made.labels), made.std_errors, strict=True))
    assert by["total"] == pytest.approx(by["user"] + by["ranker"], abs=1e-12)
    assert (made.std_errors < 0.7 * plain.std_errors).all()
    frame = frame.assign(alone=frame.ranked - frame.shown, both=frame.shown)
    fit = smf.ols("clicks ~ alone * x + both * x", frame.assign(x=frame.x - frame.x.mean())).fit(
        cov_type="cluster", cov_kwds={"groups": frame.creator}
    )
    for path, name in (("ranker", "alone"), ("total", "both")):
        assert by[path] == pytest.approx(fit.params[name], abs=0.25 * fit.bse[name])
        assert errors[path] == pytest.approx(fit.bse[name], rel=0.15)


def test_without_the_middle_cell_means_are_compared_as_they_are() -> None:
    frame = drawn(2).assign(x=0.0)
    frame["x"] = np.random.default_rng(3).normal(size=len(frame))
    frame = frame[frame.ranked == frame.shown]
    study = study_from({**STUDY, "confounders": ["x"]})
    panel = read_frame(frame, request(study))
    made, plain = separable(study, panel, held=("x",)), separable(study, panel)
    np.testing.assert_array_equal(made.values, plain.values)
