"""What a success model promises."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from causal.content.attribute import Kind
from causal.data.panel import Column, Measured
from causal.interpretation.boosting import objective_of
from causal.interpretation.success_model import SuccessModel, explain

SMALL = SuccessModel(rounds=60, leaves=7, explained=900, refits=6, refit_rows=400, interactions=0)
CAUSAL = re.compile(r"\b(driv\w+|caus\w+|impact\w*|lift\w*|because)\b", re.IGNORECASE)


@pytest.fixture(scope="module")
def explained(world):
    study, panel = world
    return explain(study, panel, workers=2, model=SMALL)[0]


def _row(explanation, name):
    return next(row for row in explanation.importance if name in row.members)


def test_noise_is_below_the_floor_and_signal_above(explained):
    assert not _row(explained, "noise").above_floor
    assert not _row(explained, "coin").above_floor
    assert all(_row(explained, name).above_floor for name in ("a", "b", "tone"))


def test_a_column_without_values_or_variation_is_not_used(explained):
    for name in ("constant", "empty"):
        row = _row(explained, name)
        assert row.value == 0.0
        assert row.above_floor is False


def test_correlated_columns_are_one_group(explained):
    assert _row(explained, "b").members == ("b", "twin")
    assert _row(explained, "b").group == "b (+1)"
    assert explained.correlated == (("b", "twin"),)


def test_same_numbers_for_any_number_of_workers(world, explained):
    study, panel = world
    alone = explain(study, panel, workers=1, model=SMALL)[0]
    assert json.dumps(alone.to_dict()) == json.dumps(explained.to_dict())


def test_it_is_an_association_without_causal_words(explained):
    content = explained.to_dict()
    assert content["kind"] == "association"
    assert content["units_of_shap"] == "log-odds"
    assert not CAUSAL.search(json.dumps(content))


def test_intervals_and_ranks_hold_the_value(explained):
    for at, row in enumerate(explained.importance, start=1):
        assert 0.0 <= row.low <= row.value <= row.high
        assert row.rank_low <= row.rank_high
        if row.value > 0:  # unused columns tie for the last rank
            assert row.rank_low <= at <= row.rank_high


def test_the_swarm_has_few_bins_that_add_up(explained):
    for swarm in explained.swarm:
        assert 1 <= len(swarm["bins"]) <= 40
        assert sum(each["share"] for each in swarm["bins"]) == pytest.approx(1.0)
        levels = [each["level"] for each in swarm["bins"] if each["level"] is not None]
        assert all(0.0 <= level <= 1.0 for level in levels)
    assert len(explained.swarm) <= 12


def test_dependence_follows_the_truth(explained):
    curves = {curve["group"]: curve for curve in explained.dependence}
    rising = [point["shap"] for point in curves["b (+1)"]["points"]]
    assert rising[-1] - rising[0] > 1.0
    tone = {point["x"]: point["shap"] for point in curves["tone"]["points"]}
    assert set(tone) == {"level 0", "level 1", "level 2", "level 3", None}
    assert max(tone, key=tone.get) == "level 2"
    assert all(
        point["low"] <= point["high"] for curve in curves.values() for point in curve["points"]
    )


def test_calibration_bins_cover_all_rows(explained):
    assert len(explained.calibration) == 10
    assert sum(each["share"] for each in explained.calibration) == pytest.approx(1.0)
    assert explained.value_low < explained.value < explained.value_high
    assert explained.log_loss < explained.log_loss_constant


def test_a_row_of_weight_zero_is_as_if_absent(world):
    study, panel = world
    keep = np.random.default_rng(3).random(panel.rows) < 0.7
    liked = panel.outcomes["liked"]
    silent = replace(panel, outcomes={"liked": replace(liked, weight=keep.astype(float))})
    absent = replace(
        panel, outcomes={"liked": replace(liked, value=np.where(keep, liked.value, np.nan))}
    )
    few = replace(SMALL, refits=2)
    first = explain(study, silent, model=few)[0].to_dict()
    assert first == explain(study, absent, model=few)[0].to_dict()
    assert first["rows"] == int(keep.sum())


def test_weights_count_and_their_scale_does_not(world):
    study, panel = world
    liked = panel.outcomes["liked"]
    few = replace(SMALL, refits=2)

    def value(weight):
        measured = {"liked": replace(liked, weight=weight)}
        return explain(study, replace(panel, outcomes=measured), model=few)[0].value

    uneven = np.where(panel.columns["a"].values == 1, 8.0, 1.0)
    assert value(uneven) == value(uneven * 1024)
    assert value(uneven) != value(np.ones(panel.rows))


def test_a_ratio_is_learned_by_its_denominator(builder, outcome_of):
    rng = np.random.default_rng(5)
    a, shown = (rng.random(1_500) < 0.5).astype(float), rng.integers(50, 5_000, 1_500).astype(float)
    clicks = rng.binomial(shown.astype(int), 0.02 + 0.02 * a).astype(float)
    study, panel = builder(
        {"a": a, "noise": rng.normal(size=1_500)},
        {"ctr": outcome_of["ratio"]("ctr", clicks, shown)},
    )
    found = explain(study, panel, model=replace(SMALL, refits=2, learning_rate=0.2))[0]
    assert found.objective == "cross_entropy"
    assert found.metric == "AUC"
    points = {point["x"]: point["shap"] for point in found.dependence[0]["points"]}
    truth = np.log(0.04 / 0.96) - np.log(0.02 / 0.98)
    assert points["level 1"] - points["level 0"] == pytest.approx(truth, abs=0.1)


def test_roles_decide_what_a_success_model_may_see(builder, outcome_of):
    rng = np.random.default_rng(6)
    names = ("a", "kept", "whom", "later", "before", "winner")
    study, panel = builder(
        {name: rng.normal(size=400) for name in names},
        {"liked": outcome_of["binary"]("liked", (rng.random(400) < 0.5).astype(float))},
        roles={
            "confounders": ("kept",),
            "modifiers": ("whom",),
            "mediators": ("later",),
            "negative_controls": ("before",),
            "post_outcome": ("winner",),
        },
    )
    found = explain(study, panel, model=replace(SMALL, refits=0))[0]
    seen = sorted(name for row in found.importance for name in row.members)
    assert seen == ["a", "kept", "whom"]
    assert all(row.low is None and row.above_floor is None for row in found.importance)


@pytest.mark.parametrize(
    ("value", "words"),
    [(np.ones(60), "the same in every row"), (np.full(60, np.nan), "No row has both")],
)
def test_an_outcome_that_cannot_be_modelled_says_why(builder, outcome_of, value, words):
    study, panel = builder({"a": np.arange(60.0)}, {"y": outcome_of["binary"]("y", value)})
    found = explain(study, panel)[0]
    assert words in found.reason
    assert found.to_dict()["importance"] == []


def test_few_clusters_leave_out_what_rests_on_refits(builder, outcome_of):
    rng = np.random.default_rng(8)
    study, panel = builder(
        {"a": rng.normal(size=300)},
        {"y": outcome_of["binary"]("y", (rng.random(300) < 0.5).astype(float))},
        clusters=np.arange(300) % 6,
        folds=3,
    )
    found = explain(study, panel, model=SMALL)[0]
    assert found.importance[0].noise_floor is None
    assert any("Fewer than 8 clusters" in note for note in found.notes)


def test_memorising_clusters_earns_no_accuracy(builder, outcome_of):
    rng = np.random.default_rng(12)
    clusters = np.repeat(np.arange(150), 10)
    luck = (rng.random(150) < 0.5).astype(float)[clusters]
    study, panel = builder(
        {"mark": rng.normal(size=150)[clusters]},
        {"y": outcome_of["binary"]("y", luck)},
        clusters=clusters,
    )
    found = explain(study, panel, model=replace(SMALL, refits=6, min_leaf=5))[0]
    assert found.value_low < 0.5 < found.value_high  # in-sample it would be near 1
    assert not found.importance[0].above_floor


def test_a_large_table_is_sampled_and_says_so(world):
    study, panel = world
    found = explain(study, panel, model=replace(SMALL, refits=2, most_rows=1_000))[0]
    assert found.rows == 1_000
    assert found.notes == ("The model reads 1,000 of 1,800 rows, drawn in proportion to clusters.",)


def test_a_second_cluster_key_is_said(world):
    study, panel = world
    two = study.model_copy(update={"cluster": ("creator", "user")})
    both = replace(panel, clusters=(*panel.clusters, np.arange(panel.rows) % 50))
    found = explain(two, both, model=replace(SMALL, refits=2))[0]
    assert found.notes[0].startswith("Out of fold by the first cluster key, creator; rows that")


def test_heavy_tails_are_said(builder):
    rng = np.random.default_rng(9)
    heavy = Measured(name="shares", value=rng.pareto(1.1, 500), weight=np.ones(500))
    even = Measured(name="minutes", value=rng.normal(size=500), weight=np.ones(500))
    assert objective_of(heavy) == "regression"
    study, panel = builder({"a": rng.normal(size=500)}, {"shares": heavy, "minutes": even})
    shares, minutes = explain(study, panel, model=replace(SMALL, refits=2))
    assert any("half of the outcome's variance" in note for note in shares.notes)
    assert minutes.notes == ()
    assert (shares.metric, shares.units_of_shap) == ("R2", "units of the outcome")


def test_online_news_reaches_the_published_auc(test_data, builder, outcome_of):
    pytest.importorskip("pyarrow")
    from pyarrow import parquet

    table = parquet.read_table(test_data / "online_news" / "articles.parquet")
    values = {name: table[name].to_numpy() for name in table.column_names if name != "shares"}
    popular = (table["shares"].to_numpy() >= 1_400).astype(float)
    study, panel = builder(values, {"popular": outcome_of["binary"]("popular", popular)}, folds=5)
    found = explain(study, panel, workers=2, model=SuccessModel(refits=2))[0]
    assert found.value > 0.70
    assert 1 <= len(found.interactions) <= 10
    assert ("weekday", 7) in {(row.group, len(row.members)) for row in found.importance}
    assert len(json.dumps(found.to_dict())) < 100_000


def test_unseen_levels_get_a_label():
    column = Column(name="tone", kind=Kind.CATEGORICAL, values=np.zeros(3), levels=())
    from causal.interpretation.pictures import dependence

    drawn = dependence(np.zeros(3), column, np.zeros(3), np.ones(3), smallest=1)
    assert drawn["points"][0]["x"] == "0"
