"""Studies of a move, from the file to the page."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import causal

STUDY = {
    "study": "clicks-moved",
    "kind": "movement",
    "question": "Why did clicks move?",
    "data": {"source": "table.parquet"},
    "cluster": "user",
    "before": "week = 0",
    "after": "week = 1",
    "outcomes": [{"name": "click rate", "column": "clicked"}],
    "segments": ["topic", ["topic", "new"]],
    "mechanisms": [["topic", "position"], ["position", "click rate"], ["topic", "click rate"]],
    "shipped": [
        {"name": "layout", "node": "position", "effect": -0.03, "std_error": 0.01, "threshold": 2}
    ],
}
SEGMENTS = {key: STUDY[key] for key in STUDY if key not in ("mechanisms", "shipped")}


def drawn(seed: int = 0, rows: int = 4_000, down: float = 1.0) -> pd.DataFrame:
    """Positions got worse in the second week; what a position and a topic are worth did not."""
    rng = np.random.default_rng(seed)
    user, week = rng.integers(0, 300, rows), rng.integers(0, 2, rows)
    topic = np.minimum((4 * rng.random(rows) + 0.3 * week).astype(int), 3)
    position = np.clip(np.round(2 + 0.3 * topic + down * week + rng.normal(size=rows)), 1, 8)
    line = -0.5 + 0.3 * topic - 0.3 * position + 0.4 * rng.normal(size=300)[user]
    return pd.DataFrame(
        {
            "user": user,
            "week": week,
            "topic": np.array(["art", "cars", "</script>", "select"])[topic],
            "new": rng.random(rows) < 0.3,
            "position": position.astype(int),
            "clicked": (rng.random(rows) < 1 / (1 + np.exp(-line))).astype(int),
        }
    )


@pytest.fixture(scope="module")
def explained() -> causal.Result:
    return causal.run(STUDY, table=drawn(), workers=1)


def test_the_mechanism_that_changed_is_named(explained) -> None:
    shares = {each["node"]: each for each in explained.content["mechanisms"]}
    assert shares["position"]["clear"]
    assert shares["position"]["share"] < 0
    assert not shares["click rate"]["clear"]
    assert explained.title.startswith("Click rate fell by")
    assert "position explains" in explained.title


def test_every_split_adds_up_to_the_move(explained) -> None:
    content = explained.content
    move = content["move"][0]["difference"]
    assert sum(each["share"] for each in content["mechanisms"]) == pytest.approx(move, abs=1e-9)
    for cut in content["mix"]:
        parts = [each[part]["value"] for each in cut["segments"] for part in cut["parts"]]
        assert sum(parts) == pytest.approx(move, abs=1e-12)
        totals = [cut["totals"][part]["value"] for part in cut["parts"]]
        assert sum(totals) == pytest.approx(move, abs=1e-12)


def test_what_shipped_is_a_part_of_the_share_of_its_mechanism(explained) -> None:
    own = next(each for each in explained.content["mechanisms"] if each["node"] == "position")
    assert own["claimed"] + own["unexplained"] == pytest.approx(own["share"], abs=1e-12)
    assert -0.03 < own["claimed"] < 0


def test_the_page_is_safe_and_the_same_to_the_byte(explained) -> None:
    page = explained.html()
    assert "&lt;/script&gt;" in page or "\\u003c/script" in page
    again = causal.run(STUDY, table=drawn().sample(frac=1, random_state=1), workers=2)
    assert again.html() == page


def test_every_effect_of_segments_is_a_comparison(explained) -> None:
    rows = explained.effects
    badges = rows.groupby("estimator").identification.unique()
    assert list(badges["mix and rate"]) == ["descriptive"]
    words = explained.text()
    mix = words[words.index("Mix and rate") : words.index("Methods")]
    for causal_word in ("caused", "due to", "because", "effect of"):
        assert causal_word not in mix


def test_no_move_has_nothing_to_explain() -> None:
    frame = drawn(1, down=0.0).assign(topic="art")
    found = causal.run(SEGMENTS, table=frame, workers=1)
    assert found.title == "Click rate did not move beyond chance"
    assert found.content["decision"]["state"] == "no move"


def test_a_changed_log_stops_the_page() -> None:
    frame = drawn(2)
    frame.loc[(frame.week == 1), "topic"] = frame.topic.str.upper()
    found = causal.run(SEGMENTS, table=frame, workers=1)
    assert found.failed
    assert found.title == "Why click rate moved cannot be told"
    assert all(each["verdict"] is None for each in found.content["effects"])


def test_segments_that_cancel_are_told_where_the_whole_stands_still() -> None:
    rng = np.random.default_rng(8)
    week = rng.integers(0, 2, 20_000)
    best = rng.random(20_000) < 0.5 - 0.2 * week
    chance = np.where(best, 0.3, 0.1) + 0.04 * week
    frame = drawn(8, rows=20_000).assign(
        week=week, topic=np.where(best, "best", "rest"), clicked=rng.random(20_000) < chance
    )
    found = causal.run(SEGMENTS, table=frame, workers=1).content["decision"]
    assert found["state"] == "no move"
    assert "Two moves cancel: by topic, mix alone made −" in found["subtitle"]


@pytest.mark.parametrize(("values", "kind"), [((0.2, 0.6), "mean"), ((0, 1), "proportion")])
def test_a_mean_below_one_is_a_share_only_of_what_is_0_or_1(values, kind) -> None:
    frame = drawn(9, rows=500)
    frame["clicked"] = np.where(frame.clicked == 1, values[1], values[0])
    found = causal.run(SEGMENTS, table=frame, workers=1).content
    assert found["outcomes"][0]["kind"] == kind
    assert ("%" in found["decision"]["subtitle"].split("(")[0]) == (kind == "proportion")


def test_one_row_that_weighs_more_than_all_stops_the_page() -> None:
    frame = drawn(10, rows=500).assign(w=1.0)
    frame.loc[frame.index[0], "w"] = 1e6
    found = causal.run(SEGMENTS | {"weight": "w"}, table=frame, workers=1)
    (failed,) = [each for each in found.findings if each.status == "FAIL"]
    assert (failed.name, failed.blocks) == ("few clusters", "page")
    assert "one of them decides the move" in failed.meaning


def test_a_node_that_one_period_lacks_is_told_with_the_next_one() -> None:
    frame = drawn(11, rows=2_000)
    frame.loc[(frame.week == 1) & (frame.topic == "art"), "topic"] = "arts"
    graph = [["topic", "position"], ["position", "click rate"]]
    study = STUDY | {"segments": [], "shipped": [], "mechanisms": graph}
    found = causal.run(study, table=frame, workers=1).content
    assert found["form"] == "order"
    assert [each["nodes"] for each in found["mechanisms"]] == [
        ["topic", "position"],
        ["click rate"],
    ]
    chosen = causal.run(study | {"analysis": {"form": "shapley"}}, table=frame, workers=1)
    assert chosen.title.endswith("which mechanism did it cannot be told")
    assert all(each["unexplained"] is None for each in chosen.content["mechanisms"])


def test_mechanisms_that_are_told_all_together_explain_nothing() -> None:
    frame = drawn(12, rows=1_000).assign(log=lambda f: f.week, old=lambda f: f.week * 2)
    graph = [["log", "old"], ["log", "click rate"], ["old", "click rate"]]
    found = causal.run(STUDY | {"segments": [], "shipped": [], "mechanisms": graph}, table=frame)
    assert [each["nodes"] for each in found.content["mechanisms"]] == [["log", "old", "click rate"]]
    assert found.content["decision"]["state"] == "cannot be told"
    assert "explain" not in found.title


@pytest.mark.parametrize("key", ["effect", "std_error", "threshold"])
def test_a_shipped_number_that_is_none_is_refused_in_words(key) -> None:
    shipped = [STUDY["shipped"][0] | {key: float("nan")}]
    with pytest.raises(causal.StudyError, match=rf"shipped\[0\].{key} is nan"):
        causal.run(STUDY | {"shipped": shipped}, table=drawn(rows=100))


def test_few_clusters_stop_the_page() -> None:
    found = causal.run(SEGMENTS, table=drawn(3).assign(user=lambda f: f.user % 6), workers=1)
    assert [each.name for each in found.findings if each.status == "FAIL"] == ["few clusters"]


def test_small_segments_are_added_up() -> None:
    study = SEGMENTS | {"parties": {"user": "user"}, "settings": {"minimum_cell": 120}}
    frame = drawn(4)
    frame.loc[frame.index[:100], "topic"] = [f"rare {k % 5}" for k in range(100)]
    found = causal.run(study, table=frame, workers=1)
    cut = found.content["mix"][0]
    assert cut["hidden"] >= 5
    assert "rare" not in json.dumps(found.content["mix"]) + json.dumps(found.content["cells"])


def test_three_terms_on_request() -> None:
    study = SEGMENTS | {"analysis": {"interaction": True}}
    found = causal.run(study, table=drawn(5), workers=1)
    assert found.content["mix"][0]["parts"] == ["mix", "rate", "interaction"]
    assert "Both together" in found.text()


def test_check_verify_and_render_work(tmp_path) -> None:
    drawn().to_parquet(tmp_path / "table.parquet")
    file = tmp_path / "study.yaml"
    file.write_text(json.dumps(SEGMENTS))
    assert {each.name for each in causal.check(file)} == {"few clusters", "logging"}
    out = causal.run(file).save(tmp_path / "out")
    assert causal.verify(out, study=file) is not None
    assert causal.load(out).html() == (out / "report.html").read_text()


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_parts_add_up_to_the_move_in_the_files_too(explained, tmp_path, unit) -> None:
    frame = drawn(13).assign(clicked=lambda f: np.float32(unit * np.pi) * f.clicked)
    found = explained if unit == 1 else causal.run(SEGMENTS, table=frame, workers=1)
    out = found.save(tmp_path / "out")
    content, effects = causal.load(out).content, pd.read_parquet(out / "effects.parquet")
    move = content["move"][0]["difference"]
    near = pytest.approx(move, rel=1e-9, abs=1e-9 * unit)
    assert content["move"][0]["after"] - content["move"][0]["before"] == near
    for cut in content["mix"]:
        parts = [each[part]["value"] for each in cut["segments"] for part in cut["parts"]]
        assert sum(parts) == near
        own = effects.attribute == " x ".join(cut["columns"])
        rows = effects[own & (effects.estimator == "mix and rate")]
        assert rows[rows.segment_value.notna()].estimate.sum() == near
    if unit == 1:
        assert sum(each["share"] for each in content["mechanisms"]) == near
        assert effects[effects.segment == "mechanism"].estimate.sum() == near


def test_a_node_that_is_no_column_is_found_by_check() -> None:
    wrong = [["topc", "position"], *STUDY["mechanisms"][1:]]
    study = STUDY | {"mechanisms": wrong, "segments": []}
    with pytest.raises(causal.DataError, match=r"there is no column 'topc'.*topic"):
        causal.check(study, table=drawn())


@pytest.mark.parametrize("call", [causal.plan, causal.calibrate])
def test_other_commands_refuse_it_in_words(call) -> None:
    with pytest.raises(causal.StudyError, match="'movement'"):
        call(SEGMENTS)


def test_rows_may_be_independent() -> None:
    study = {key: value for key, value in STUDY.items() if key != "cluster"}
    found = causal.run(study, table=drawn(6, rows=2_000), workers=1)
    assert "Rows are taken as independent" in found.text()
    assert "placebo periods" in {each.name for each in found.findings}
