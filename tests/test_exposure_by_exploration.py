"""Studies of exposure by exploration traffic, from the file to the page."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import causal

CURVE = np.array([1.0, 0.7, 0.5, 0.35])
STUDY = {
    "study": "places",
    "kind": "exposure",
    "data": {"source": "rows.parquet"},
    "unit": "row",
    "design": "exploration",
    "exploration": "explored",
    "position": "place",
    "propensity": "chance",
    "covariates": ["quality"],
    "parties": {"user": "user", "creator": "creator"},
    "outcomes": [{"name": "clicks", "column": "clicked"}],
}
DOSE = STUDY | {"study": "dose", "item": "item", "period": "day", "strata": "topic"}


def drawn(seed: int = 0, requests: int = 1_500) -> pd.DataFrame:
    """Requests of four of twelve items; a third of them in random order, the rest by quality."""
    rng = np.random.default_rng(seed)
    items = 400
    quality = rng.normal(size=items)
    born = rng.integers(0, 24, items)
    day = np.sort(rng.integers(0, 28, requests))
    rows = []
    for request in range(requests):
        there = np.flatnonzero((born <= day[request]) & (born > day[request] - 12))
        pool = rng.choice(there, min(12, there.size), replace=False)
        explored = bool(rng.random() < 1 / 3)
        if not explored:
            pool = pool[np.argsort(-quality[pool])]
        for place, item in enumerate(pool[:4], start=1):
            clicked = rng.random() < CURVE[place - 1] * (0.4 + 0.1 * np.tanh(quality[item]))
            rows.append((request, day[request], item, place, explored, clicked, pool.size))
    frame = pd.DataFrame(
        rows, columns=["request", "day", "item", "place", "explored", "clicked", "left"]
    )
    return frame.assign(
        row=np.arange(len(frame)),
        clicked=frame.clicked.astype(int),
        user=rng.integers(0, 200, requests)[frame.request],
        creator=frame.item // 4,
        topic=np.array(["a", "b"])[frame.item % 2],
        quality=quality[frame.item],
        chance=np.where(frame.explored, 1 / (frame.left - frame.place + 1), 0.5),
    )


@pytest.fixture(scope="module")
def curve() -> causal.Result:
    return causal.run(STUDY, table=drawn(1), workers=1)


@pytest.fixture(scope="module")
def dose() -> causal.Result:
    return causal.run(DOSE, table=drawn(2), workers=1)


def test_the_curve_holds_what_places_do(curve) -> None:
    rows = curve.content["examination"]
    assert [each["slot"] for each in rows] == [1, 2, 3, 4]
    for each, truth in zip(rows[1:], CURVE[1:], strict=True):
        assert each["simultaneous_low"] < truth < each["simultaneous_high"]
        assert each["low"] < each["value"] < each["high"]
    assert curve.title.startswith("Place 4 brings")
    assert curve.content["decision"]["state"] == "examination"
    assert not curve.failed


def test_all_rows_would_have_told_another_curve(curve) -> None:
    mean = drawn(1).groupby("place").clicked.mean()
    truth = [each["value"] for each in curve.content["examination"]]
    assert mean[4] / mean[1] < truth[3]


def test_effects_of_places_are_randomised_rows(curve) -> None:
    rows = curve.effects
    assert set(rows.estimand) == {"examination"}
    assert set(rows.identification) == {"randomized"}


def test_a_weak_dose_is_a_set_and_nothing_else(dose) -> None:
    (found,) = dose.content["sets"]
    assert found["point"] is None
    assert dose.title == "The instrument moves exposure too little to tell what it is worth"
    row = dose.effects[dose.effects.estimator == "Anderson-Rubin set"].iloc[0]
    assert np.isnan(row.estimate)
    assert {"What a place does", "What one more impression is worth"} <= set(
        dose.text().splitlines()
    )
    assert "items whose periods end after the log are left out" in dose.text()


def test_an_order_that_is_not_chance_stops_the_page() -> None:
    found = causal.run(
        STUDY | {"propensity": None}, table=drawn(3).assign(explored=True), workers=1
    )
    assert found.content["decision"]["reason"] == "uniform order"
    assert found.content["decision"]["greyed"]
    assert found.effects.verdict.isna().all()


def test_exploration_that_prefers_some_items_stops_the_page() -> None:
    frame = drawn(6, requests=3_000)
    frame = frame[~frame.explored | (frame.quality > 0)]
    study = {key: DOSE[key] for key in DOSE if key not in ("position", "propensity", "strata")}
    found = causal.run(study, table=frame, workers=1)
    assert found.content["decision"]["reason"] == "negative controls"
    assert next(f for f in found.findings if f.name == "negative controls").columns == ("quality",)


def test_check_verify_and_render_work(tmp_path) -> None:
    drawn(4).to_parquet(tmp_path / "rows.parquet")
    file = tmp_path / "study.yaml"
    file.write_text(json.dumps(DOSE))
    names = {each.name for each in causal.check(file)}
    assert names == {
        "first stage",
        "uniform order",
        "propensity of exploration",
        "negative controls",
    }
    out = causal.run(file).save(tmp_path / "out")
    assert causal.verify(out, study=file) is not None
    assert causal.load(out).html() == (out / "report.html").read_text()


def test_the_page_is_the_same_to_the_byte(dose) -> None:
    again = causal.run(DOSE, table=drawn(2).sample(frac=1, random_state=1), workers=2)
    assert again.html() == dose.html()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"place": lambda f: f.place - 1}, "start at 0 on exploration rows; the first place must"),
        ({"place": lambda f: f.place.where(f.row > 40)}, "has no whole number in"),
        ({"chance": 0.0}, "have no probability above 0"),
        ({"explored": False}, "is true in no row"),
        ({"explored": "maybe"}, "must say true or false"),
        ({"clicked": lambda f: f.clicked.where(f.row > 40)}, "'clicks' is missing in"),
        ({"day": lambda f: f.day + 0.5}, "period: some rows have no whole number"),
        ({"item": lambda f: f.item.where(f.row > 40)}, "item: column 'item' is missing in 41"),
    ],
)
def test_columns_that_cannot_serve_are_errors(change, words) -> None:
    with pytest.raises(causal.DataError, match=words):
        causal.run(DOSE, table=drawn(5, requests=600).assign(**change), workers=1)


def test_rows_without_an_outcome_are_left_out_of_its_places_and_counted() -> None:
    frame = drawn(21).astype({"clicked": float})
    lacks = frame.explored & (frame.row % 10 == 0)
    frame["clicked"] = frame.clicked.mask(lacks)
    found = causal.run(STUDY, table=frame, workers=1)
    said = f"{int(lacks.sum())} exploration rows have no 'clicks' and are left out of its places."
    assert found.content["data"]["notes"] == [said]
    known = frame[frame.explored & ~lacks]
    mean = known.groupby("place").clicked.mean()
    shown = [each["mean"] for each in found.content["examination"]]
    assert shown == pytest.approx(mean.tolist())
    with pytest.raises(causal.DataError, match="outcomes: no exploration row has a value"):
        causal.run(STUDY, table=frame.assign(clicked=frame.clicked.mask(frame.explored)), workers=1)


def test_the_title_names_a_place_that_can_be_told() -> None:
    frame = drawn(22)
    frame.loc[frame.place == 4, "clicked"] = 0
    found = causal.run(STUDY, table=frame, workers=1)
    assert found.title.startswith("Place 3 brings")
    assert found.content["examination"][-1]["why"]
    assert "Not told: place 4: 0 rows of this place have any" in found.html()
    assert "clicks by place" in found.html().lower()


def test_a_failed_order_is_not_said_to_be_chance() -> None:
    found = causal.run(STUDY, table=drawn(24).assign(explored=True, chance=1.0), workers=1)
    assert found.content["decision"]["greyed"]
    assert "Nothing is read from places" in found.html()
    assert "were placed by chance" not in found.html()
    assert set(found.effects.identification) <= {"descriptive", "not estimable"}


def test_rows_of_one_user_are_an_error_in_words() -> None:
    with pytest.raises(causal.DesignError, match="of one cluster"):
        causal.run(STUDY, table=drawn(23).assign(user=1), workers=1)
