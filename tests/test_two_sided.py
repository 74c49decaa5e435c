"""Experiments on users and creators at once, from the study file to the page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import causal
from causal.base.errors import StudyError
from causal.base.streams import stream
from causal.data.platform import TESTS, Settings, simulate
from causal.data.platform.estimands import two_sided
from causal.data.platform.experiment_tables import PAIR_BOOST, pairs
from causal.design.reading import study_from
from causal.reporting._page import sections
from causal.reporting._result import Result, rounded

STUDIES = Path(__file__).parents[1] / "datasets" / "platform"


def frame(seed: int = 1, *, spill: float = 0.0, users: int = 300, creators: int = 240) -> Any:
    rng = stream(seed, "two-sided frame")
    a, b = rng.integers(0, 2, users), rng.integers(0, 2, creators)
    user, creator = np.divmod(np.arange(users * creators), creators)
    met = rng.random(user.size) < 0.4
    user, creator = user[met], creator[met]
    both, mixed = a[user] * b[creator], a[user] * (1 - b[creator])
    rate = rng.gamma(20, 1 / 20, users)[user] * rng.gamma(20, 1 / 20, creators)[creator]
    shown = rng.poisson(5 * rate * (1 + 0.3 * both + spill * mixed))
    return pd.DataFrame({
        "user_id": user, "creator_id": creator,
        "user_arm": np.where(a[user] == 1, "B", "A"),
        "creator_arm": np.where(b[creator] == 1, "B", "A"),
        "impressions": shown, "clicks": rng.binomial(shown, 0.3),
        "day": pd.Timestamp("2026-03-02") + pd.to_timedelta(rng.integers(0, 14, user.size), "D"),
    })  # fmt: skip


def study(**more: Any) -> Any:
    arms = {"control": "A", "shares": {"A": 0.5, "B": 0.5}}
    return study_from({
        "study": "pair-boost", "kind": "experiment", "question": "Boost <b>creators</b>?",
        "data": {"source": "pairs.parquet"}, "time": "day",
        "parties": {"user": "user_id", "creator": "creator_id"},
        "arms": {"user": {"column": "user_arm", **arms},
                 "creator": {"column": "creator_arm", **arms}},
        "outcomes": [
            {"name": "impressions", "column": "impressions"},
            {"name": "click rate", "numerator": "clicks", "denominator": "impressions",
             "role": "guardrail", "margin": 0.1},
        ],
        "analysis": {"equivalence": {"impressions": 0.2}},
    } | more)  # fmt: skip


@pytest.fixture(scope="module")
def healthy() -> Result:
    return causal.run(study(), table=frame())


def test_a_total_effect_without_spillovers_ships(healthy: Result):
    decision = healthy.content["decision"]
    assert (decision["word"], decision["arm"]) == ("SHIP", "both sides")
    clause = next(each for each in decision["clauses"] if each["name"] == "identified")
    assert clause["holds"]
    assert "ruled out beyond 20%" in clause["words"]


def test_every_estimand_is_a_row_under_its_own_name(healthy: Result):
    rows = healthy.effects
    own = rows[rows["outcome"] == "impressions"]
    assert own["estimand"].nunique() == len(own) == 6
    total = own[own["estimand"] == "both sides treated, against neither"].iloc[0]
    assert total["verdict"] == "raises"
    assert own["verdict"].notna().sum() == 1
    assert abs(total["relative"] - 0.3) < 3 * total["std_error"] / total["baseline"]


def test_a_spillover_takes_the_verdict_away():
    decision = causal.run(study(), table=frame(spill=-0.3)).content["decision"]
    assert decision["word"] == "CANNOT DECIDE"
    start = "The global effect is not identified by this design, because pairs that were given"
    assert decision["sentence"].startswith(start)
    assert decision["title"] == "Cannot decide: the global effect is not identified by this design"


def test_sides_with_treatments_of_their_own_need_a_pool_declared_separate():
    arms = study().model_dump()["arms"] | {"given": "sides"}
    shared = causal.run(study(arms=arms), table=frame()).content["decision"]
    assert "the global effect is not identified by this design" in shared["sentence"].lower()
    apart = causal.run(study(arms=arms, analysis={"pool": "separate"}), table=frame())
    assert apart.content["decision"]["word"] == "SHIP"


def test_an_invalid_experiment_has_no_verdict_and_no_colour():
    table = frame()
    lost = (table["user_id"] % 3 == 0) & (table["user_arm"] == "B")
    result = causal.run(study(), table=table[~lost])
    decision = result.content["decision"]
    assert (decision["word"], decision["greyed"]) == ("CANNOT DECIDE", True)
    assert result.effects["verdict"].isna().all()
    assert not any(word in result.html() for word in ("SHIP", "ROLL BACK"))
    shown = [each for each in sections(result.content) if each.id in ("effects", "both-sides")]
    told = repr([each.blocks for each in shown])
    assert "tone='good'" not in told
    assert told.count("tone='bad'") == 1
    assert "For debugging only" in told


def test_an_empty_arm_fails_with_a_page():
    result = causal.run(study(), table=frame().assign(creator_arm="A"))
    assert result.content["decision"]["word"] == "CANNOT DECIDE"
    failed = {each.name for each in result.findings if each.status == "FAIL"}
    assert failed == {"sample ratio (creators)", "few units (creators)"}
    assert result.effects["estimate"].isna().all()


def test_few_units_in_both_arms_of_their_side_are_left_out_and_many_stop_the_page():
    table = frame()
    for units, status in ((2, "WARN"), (30, "FAIL")):
        crossed = table.copy()
        first = crossed.drop_duplicates("user_id").index[:units]
        crossed.loc[first, "user_arm"] = crossed.loc[first, "user_arm"].map({"A": "B", "B": "A"})
        found = {each.name: each.status for each in causal.check(study(), table=crossed)}
        assert found["in several arms (users)"] == status


def test_the_same_study_and_data_give_the_same_bytes(healthy: Result):
    again = causal.run(study(), table=frame().sample(frac=1, random_state=2), workers=2)
    assert again.html() == healthy.html()
    assert again.content["decision"] == healthy.content["decision"]


def test_the_page_says_what_each_estimand_means(healthy: Result):
    page = healthy.html()
    for words in ("Both sides treated, against neither", "What both together add",
                  "these pairs were given nothing", "is identified", "Boost &lt;b&gt;creators"):  # fmt: skip
        assert words in page
    assert "Boost <b>" not in page


def test_a_report_is_made_again_and_is_the_same(tmp_path: Path):
    frame().to_parquet(tmp_path / "pairs.parquet")
    values = study().model_dump(mode="json", exclude_none=True)
    (tmp_path / "pairs.yaml").write_text(json.dumps(values))
    asked = causal.read_study(tmp_path / "pairs.yaml")
    saved = causal.run(asked).save(tmp_path / "report")
    assert causal.load(saved).title.startswith("Ship both sides")
    found = causal.verify(saved, study=tmp_path / "pairs.yaml")
    assert found.matches, found.words


def test_planning_is_refused_in_words():
    with pytest.raises(StudyError, match="Plan each side as an experiment of its own"):
        causal.plan(study())


@pytest.mark.parametrize("seed", [1, 2])
def test_on_the_platform_the_total_effect_is_zero_and_is_not_claimed(seed: int):
    settings = Settings(seed=seed, size=TESTS)
    everyone, nobody = simulate(settings, two_sided().high), simulate(settings, two_sided().low)
    assert everyone.impressions.item.size == nobody.impressions.item.size
    table = pd.DataFrame(dict(pairs(simulate(settings, PAIR_BOOST))))
    asked = causal.read_study(STUDIES / "pair-boost.yaml")
    result = causal.run(asked, table=table)
    decision = result.content["decision"]
    assert decision["word"] == "CANNOT DECIDE"
    assert "pairs of treated users and untreated creators lost" in decision["sentence"]
    rows = result.effects[result.effects["outcome"] == "impressions"].set_index("estimand")
    mixed = rows.loc["users treated, over creators as they were"]
    assert mixed["ci_low"] < 0 < mixed["ci_high"]
    assert rows.loc["what both together add", "ci_low"] > 0
    assert result.effects["verdict"].isna().all()


def rarely(*, mixed: bool) -> Any:
    """Nothing is shown but to pairs with both sides treated, or also to those with one; once to neither."""
    table = frame(users=60, creators=50)
    treated = (table[["user_arm", "creator_arm"]] == "B").sum(axis=1)
    shown = treated >= (1 if mixed else 2)
    table["impressions"] = np.where(shown, table["impressions"], 0)
    table.loc[treated[treated == 0].index[0], "impressions"] = 1
    return table.assign(clicks=np.minimum(table["clicks"], table["impressions"]))


def tables(result: Result) -> dict[str, list[list[str]]]:
    """The rows of every table of the page, by its caption."""
    found: dict[str, list[list[str]]] = {}

    def look(value: Any) -> None:
        for each in value if isinstance(value, tuple) else ():
            if each.kind == "table":
                rows = [[cell.text for cell in row] for row in each.rows]
                found.setdefault(each.caption, []).extend(rows)
            look(getattr(each, "blocks", ()))
            look(tuple(filter(None, [getattr(each, "table", None)])))

    look(tuple(block for each in sections(rounded(result.content)) for block in each.blocks))
    return found


@pytest.mark.parametrize("mixed", [False, True])
def test_nothing_is_relative_to_pairs_that_may_be_at_zero(mixed: bool):
    outcomes = [{"name": "impressions", "column": "impressions"}]
    found = causal.run(study(outcomes=outcomes), table=rarely(mixed=mixed))
    shown = {each["estimand"]: each for each in found.content["two_sided"]["estimands"][:6]}
    own = shown["both sides treated, against neither"]
    assert own["relative"]["shape"] != "bounded"
    assert own["effect"]["low"] > 0
    assert "figure" not in {each.kind for each in effects_of(found)[0].blocks}
    rows = tables(found)
    (effect, *_) = rows["Effects"]
    assert effect[4] == "–"
    assert effect[5].startswith("not estimable: the control is not distinguishable from zero")
    estimand = rows["Estimands"][0]
    assert estimand[1].startswith("+")
    assert estimand[3] == "–"
    assert not re.search(r"\d%", found.content["decision"]["sentence"])
    assert ("pairs that were given nothing moved" in found.text()) is mixed
    for each in shown.values():
        if each["relative"]["shape"] != "bounded" and each["why"] is None:
            assert f"{100 * each['relative']['value']:,.0f}%" not in found.text()


def effects_of(result: Result) -> tuple[Any, ...]:
    """The groups of the section with effects."""
    (own,) = (each for each in sections(rounded(result.content)) if each.id == "effects")
    return tuple(each for each in own.blocks if each.kind == "group")


def test_what_does_not_vary_or_has_no_denominator_is_not_estimable_and_says_why():
    table = frame(users=60, creators=50)
    pairs = table[["user_id", "user_arm"]].drop_duplicates().merge(
        table[["creator_id", "creator_arm"]].drop_duplicates(), how="cross"
    )  # fmt: skip
    day = pd.Timestamp("2026-03-02") + pd.to_timedelta(np.arange(len(pairs)) % 14, unit="D")
    treated = (pairs["user_arm"] == "B") & (pairs["creator_arm"] == "B")
    seen = np.arange(len(pairs)) % 7 * treated
    found = causal.run(
        study(), table=pairs.assign(impressions=seen, clicks=(seen > 3).astype(int), day=day)
    )
    why = {
        (each["outcome"], each["estimand"]): each["why"]
        for each in found.content["two_sided"]["estimands"]
    }
    assert why["impressions", "both sides treated, against neither"] is None
    assert why["impressions", "users treated, creators not"].startswith("its values do not vary")
    assert set(list(why.values())[6:]) == {"a denominator is zero in a cell"}
    rows = tables(found)["Estimands"]
    assert rows[1][1:6] == ["–"] * 5
    assert rows[1][6] == "not estimable: its values do not vary within the arms"
    alike = causal.run(study(), table=pairs.assign(impressions=5, clicks=2, day=day))
    assert alike.content["decision"]["word"] == "CANNOT DECIDE"
    assert "not estimable: its values do not vary" in alike.text()
