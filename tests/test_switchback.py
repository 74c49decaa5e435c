"""Studies of a switchback, from the file to the page."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import causal
from causal.workflow import _switchback

STUDY = {
    "study": "fresher",
    "kind": "rollout",
    "schedule": "switchback",
    "question": "What does a fresher ranking do?",
    "data": {"source": "table.parquet"},
    "entity": "market",
    "period": "half_day",
    "treated": "on",
    "pool": "separate",
    "carry": {"periods": 2},
    "outcomes": [{"name": "clicks", "column": "clicks", "goal": "increase"}],
}


@pytest.fixture(autouse=True)
def fewer_draws(monkeypatch) -> None:
    monkeypatch.setattr(_switchback, "DRAWS", 99)


def drawn(seed=0, *, entities=16, periods=60, lags=(0.5, 0.3, 0.1), pick=None) -> pd.DataFrame:
    """Half days switched on by a coin; each acts on the next two as well."""
    rng = np.random.default_rng(seed)
    on = (rng.random((entities, periods)) < 0.5).astype(float)
    if pick is not None:
        on = pick(on)
    y = rng.normal(10, 1, (entities, 1)) + rng.normal(size=(1, periods))
    y = y + 0.5 * rng.normal(size=on.shape)
    for lag, effect in enumerate(lags):
        y[:, lag:] += effect * on[:, : periods - lag]
    i, t = np.indices(on.shape)
    return pd.DataFrame(
        {
            "market": [f"m{k:02d}" for k in i.ravel()],
            "half_day": pd.Timestamp("2026-01-01") + pd.to_timedelta(12 * t.ravel(), unit="h"),
            "on": on.ravel().astype(int),
            "clicks": y.ravel(),
        }
    )


def run(frame: pd.DataFrame, **changed) -> causal.Result:
    return causal.run({**STUDY, **changed}, table=frame, workers=1)


def status(found: causal.Result, name: str) -> str:
    return next(str(each.status) for each in found.findings if each.name == name)


@pytest.fixture(scope="module")
def answered() -> causal.Result:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_switchback, "DRAWS", 99)
        return run(drawn())


def test_what_a_period_does_at_once_and_later_is_told_apart(answered) -> None:
    rows = {row["estimand"]: row for row in answered.content["effects"]}
    truth = {"immediate": 0.5, "total": 0.9, "carry-over": 0.4}
    for name, value in truth.items():
        assert rows[name]["ci_low"] < value < rows[name]["ci_high"]
        assert rows[name]["identification"] == "randomized"
    assert rows["total"]["verdict"] == "raises"
    assert answered.title.startswith("Switched on, clicks rose by 0.")
    assert answered.title.endswith("within 3 half days")
    own = answered.content["switchback"]["outcomes"][0]
    assert sum(each["value"] for each in own["lags"]) == pytest.approx(rows["total"]["estimate"])
    assert own["p_drawn_anew"] == 0.01


def test_the_page_is_the_same_to_the_byte(answered) -> None:
    again = causal.run(STUDY, table=drawn().sample(frac=1, random_state=1), workers=2)
    assert again.html() == answered.html()


def test_no_effect_is_beyond_no_chance() -> None:
    found = run(drawn(1, lags=()))
    assert found.title == "Switched on, clicks did not move beyond chance within 3 half days"
    assert found.content["switchback"]["outcomes"][0]["p_drawn_anew"] > 0.02


def test_a_reach_that_is_too_short_leaves_nothing_estimable() -> None:
    found = run(drawn(2, entities=30, periods=100), carry={"periods": 0})
    assert status(found, "carry-over") == "FAIL"
    assert {row["identification"] for row in found.content["effects"]} == {"not estimable"}
    assert found.title == "What being on did to clicks cannot be told"
    assert "carry-over" in found.content["decision"]["subtitle"]


def test_a_washout_leaves_out_what_follows_a_switch() -> None:
    found = run(drawn(3, entities=20, periods=200), carry={"washout": 2})
    (row,) = found.content["effects"]
    assert (row["estimand"], row["estimator"]) == ("total", "washout")
    assert row["ci_low"] < 0.9 < row["ci_high"]


def test_pools_are_part_of_the_title() -> None:
    shared, unsaid = run(drawn(), pool="shared"), run(drawn(), pool=None)
    assert shared.title.endswith(", against markets that were off and share the pool")
    assert unsaid.title.endswith(", if markets do not share a pool")
    assert status(shared, "contamination") == status(unsaid, "contamination") == "WARN"


def test_a_stuck_scheduler_stops_the_page() -> None:
    def stuck(on):
        on[2] = 1
        return on

    found = run(drawn(4, pick=stuck))
    assert found.title == "What being on did to clicks cannot be told"
    assert found.content["decision"]["greyed"]
    assert {row["verdict"] for row in found.content["effects"]} == {None}
    assert found.content["switchback"]["outcomes"][0]["p_drawn_anew"] is None


def test_values_that_vanish_while_on_take_the_effect_away() -> None:
    frame = drawn(1)
    every = np.arange(len(frame))
    high = frame.clicks > frame.clicks.median()
    gone = run(frame.assign(clicks=frame.clicks.mask((frame.on == 1) & high & (every % 2 == 0))))
    assert status(gone, "values") == "FAIL"
    assert {row["estimate"] for row in gone.content["effects"]} == {None}
    alike = run(frame.assign(clicks=frame.clicks.mask(every % 31 == 0)))
    assert status(alike, "values") == "WARN"
    assert alike.content["effects"][0]["verdict"] == "raises"


def test_all_at_once_is_one_sentence() -> None:
    with pytest.raises(causal.DesignError, match="on and off at the same times"):
        run(drawn(5, pick=lambda on: np.tile(on[:1], (16, 1))))
    checks = causal.check(STUDY, table=drawn(5, pick=lambda on: np.tile(on[:1], (16, 1))))
    assert any(each.name == "periods to compare" and each.status == "FAIL" for each in checks)


def test_four_markets_have_no_interval() -> None:
    found = run(drawn(6, entities=4))
    assert found.title == "What being on did to clicks cannot be told"
    assert all(row["ci_low"] is None for row in found.content["effects"])


def test_missing_half_days_are_left_out_with_what_follows_them() -> None:
    frame = drawn(7)
    lost = frame.index[np.random.default_rng(7).random(len(frame)) < 0.05]
    found = run(frame.drop(lost))
    total = found.content["effects"][0]
    assert abs(total["estimate"] - 0.9) < 3 * total["std_error"]
    assert status(found, "panel") == "WARN"
    assert found.content["switchback"]["outcomes"][0]["cells"] < 0.9 * len(frame)


def test_draws_by_day_and_a_probability_by_cell_are_declared() -> None:
    frame = drawn(8, pick=lambda on: np.repeat(on[:, ::2], 2, axis=1)).assign(chance=0.5)
    frame["day"] = frame.half_day.dt.dayofyear
    carry = {"periods": 1, "block_of": "day", "probability": "chance"}
    found = run(frame, carry=carry)
    assert status(found, "assignment") == "PASS"
    assert status(run(frame, carry={"periods": 1}), "assignment") == "WARN"
    with pytest.raises(causal.DataError, match=r"carry\.probability: column 'chance'"):
        run(frame.assign(chance=0.0), carry=carry)


def test_ratios_weigh_cells_by_their_denominator_and_controls_are_looked_at() -> None:
    rng = np.random.default_rng(9)
    frame = drawn(9)
    shown = rng.integers(50, 400, len(frame))
    frame["clicks"] = rng.binomial(shown, 0.1 + 0.03 * frame.on)
    frame = frame.assign(shown=shown, noise=rng.normal(size=len(frame)))
    found = run(
        frame,
        carry={"periods": 1},
        outcomes=[{"name": "rate", "numerator": "clicks", "denominator": "shown", "margin": 0.05}],
        negative_controls=["noise"],
    )
    (total, *_) = found.content["effects"]
    assert total["ci_low"] < 0.03 < total["ci_high"]
    assert "pp within 2 half days" in found.title
    assert status(found, "negative controls") != "FAIL"
    assert status(found, "denominators") == "PASS"
    hit = run(frame.assign(noise=frame.noise + 2 * frame.on), negative_controls=["noise"])
    assert status(hit, "negative controls") == "FAIL"


def test_what_is_neither_on_nor_off_is_an_error() -> None:
    with pytest.raises(causal.DataError, match="must be 0 or 1"):
        run(drawn().assign(on=2))


def test_check_verify_and_render_work(tmp_path) -> None:
    drawn().to_parquet(tmp_path / "table.parquet")
    file = tmp_path / "study.yaml"
    file.write_text(json.dumps(STUDY))
    assert {"panel", "assignment", "few switches"} <= {each.name for each in causal.check(file)}
    out = causal.run(file).save(tmp_path / "out")
    assert causal.verify(out, study=file).matches
    assert causal.load(out).html() == (out / "report.html").read_text()
