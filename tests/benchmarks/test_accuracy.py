"""The accuracy study: truths are true, runs resume, stale results go, the page needs no run."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from benchmarks.accuracy import kept, sources
from benchmarks.accuracy.drawing import POOLED_ROWS, Answer, Drawn, truth
from benchmarks.accuracy.measures import Rate, at_least, at_most, holds, measure
from benchmarks.accuracy.peers import naive
from benchmarks.accuracy.published import CASES, NEEDED, Case, ask
from benchmarks.accuracy.report import write
from benchmarks.accuracy.run import Plan, run
from benchmarks.accuracy.sources import code, key
from causal.base.catalog import members

WORLDS = members("benchmarks.accuracy.worlds")
PEERS = members("benchmarks.accuracy.peers")
DRAWS = 40


def outcome(drawn: Drawn) -> tuple[np.ndarray, np.ndarray]:
    asked = drawn.study["outcomes"][0]
    n = drawn.frame[asked.get("column", asked.get("numerator"))].to_numpy(float)
    d = (
        drawn.frame[asked["denominator"]].to_numpy(float)
        if "denominator" in asked
        else np.ones(n.size)
    )
    return n, d


@pytest.mark.parametrize("name", [w for w in WORLDS if w not in ("platform", "product_large")])
def test_means_and_propensities_are_those_of_the_outcomes_drawn(name: str):
    """Weighted by the true propensity, what was drawn has the mean the truth says."""
    world = WORLDS[name]
    gaps: dict[tuple[str, str, str], list[float]] = {}
    for seed in range(DRAWS):
        drawn = world.draw(seed)
        n, _ = outcome(drawn)
        for (attribute, _), means in drawn.truth.items():
            a, e = drawn.frame[attribute].to_numpy(float), means.propensity
            h = e * (1 - e)  # overlap weights: no row counts too much
            parts = {
                "propensity": (a - e).mean(),
                "high": np.sum(h * a / e * (n - means.high)) / np.sum(h),
                "low": np.sum(h * (1 - a) / (1 - e) * (n - means.low)) / np.sum(h),
            }
            for part, gap in parts.items():
                gaps.setdefault((name, attribute, part), []).append(float(gap))
    limit = 3.29 + np.log10(len(gaps))  # normal quantile of .999, raised for many comparisons
    for where, found in gaps.items():
        values = np.array(found)
        assert abs(values.mean()) <= limit * values.std(ddof=1) / np.sqrt(DRAWS), where


def test_denominators_of_the_ratio_world_are_those_drawn():
    drawn = WORLDS["ratio"].draw(1, 200_000)
    (means,) = drawn.truth.values()
    a, (_, d) = drawn.frame["a"].to_numpy(), outcome(drawn)
    gap = d - np.where(a == 1, means.high_size, means.low_size)
    assert abs(gap.mean()) <= 4 * gap.std() / np.sqrt(gap.size)


@pytest.mark.parametrize("name", sorted(set(WORLDS) - {"platform"}))
def test_a_world_draws_the_same_table_from_the_same_seed(name: str):
    first, again, other = (WORLDS[name].draw(seed).frame for seed in (3, 3, 4))
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(other)


def test_truth_is_exact_where_the_effect_is_one_number():
    assert truth(WORLDS["product"], Answer(attribute="a", estimand="ATO")) == pytest.approx(1)
    assert truth(WORLDS["null"], Answer(attribute="a0")) == 0


def test_truth_is_that_of_the_estimand_and_the_segment():
    overlap = WORLDS["overlap"]
    ate, ato = (truth(overlap, Answer(attribute="a", estimand=e)) for e in ("ATE", "ATO"))
    error = 0.5 / np.sqrt(5 * POOLED_ROWS)
    assert ate == pytest.approx(1, abs=4 * error)
    assert ato < 1 - 0.02
    linear = WORLDS["linear"]
    parts = [truth(linear, Answer(attribute="a", segment="group", value=v)) for v in "pqr"]
    assert parts == pytest.approx([0.6, 1.0, 1.4], abs=4 * error * np.sqrt(3))


def test_an_answer_that_brings_its_own_truth_keeps_it():
    assert truth(WORLDS["null"], Answer(attribute="a0", estimand="ATO", own_truth=0.7)) == 0.7


def plan(folder, **more) -> Plan:
    return Plan(worlds=("heavy",), peers=("naive",), workers=1, folder=folder, **more)


def test_a_second_run_does_nothing_and_a_longer_one_only_the_rest(tmp_path):
    assert run(plan(tmp_path, runs=3)) == 3
    file = kept.path(tmp_path, "heavy", "naive")
    before = file.read_bytes()
    assert run(plan(tmp_path, runs=3)) == 0
    assert file.read_bytes() == before
    assert run(plan(tmp_path, runs=5)) == 2
    assert sorted(kept.load(file)["seed"]) == [0, 1, 2, 3, 4]


def test_worlds_outside_the_twelve_take_fewer_runs():
    from benchmarks.accuracy.run import limit

    assert limit("heavy", WORLDS["heavy"]) > 10**6
    assert limit("smooth", WORLDS["smooth"]) == 200
    assert limit("product_large", WORLDS["product_large"]) == 50


def test_results_of_other_code_are_run_again_and_dropped(tmp_path, monkeypatch):
    run(plan(tmp_path, runs=2))
    monkeypatch.setattr("benchmarks.accuracy.run.key", lambda world, peer: "other")
    assert run(plan(tmp_path, runs=2)) == 2
    held = kept.load(kept.path(tmp_path, "heavy", "naive"))
    assert set(held["key"]) == {"other"}
    assert sorted(held["seed"]) == [0, 1]


def test_only_peers_that_use_our_models_depend_on_our_estimation_sources(monkeypatch):
    def changed(file):
        mark = "changed" if file.parent.name == "estimation" else ""
        return code(file) + mark

    moved = {}
    for name in ("ours", "naive", "statspai_aipw", "statspai_aipw_our_nuisances"):
        before = key(WORLDS["heavy"], PEERS[name])
        with monkeypatch.context() as patch:
            patch.setattr(sources, "code", changed)
            moved[name] = key(WORLDS["heavy"], PEERS[name]) != before
    assert moved == {
        "ours": True, "naive": False, "statspai_aipw": False, "statspai_aipw_our_nuisances": True,
    }  # fmt: skip


def test_comments_and_layout_do_not_make_a_result_stale(tmp_path):
    plain, dressed, other = (tmp_path / f"{i}.py" for i in range(3))
    plain.write_text("def f(x):\n    return x\n")
    dressed.write_text('"""Words."""\ndef f(x):\n    """More."""\n    return (x)  # and more\n')
    other.write_text("def f(x):\n    return -x\n")
    assert code(plain) == code(dressed) != code(other)


def test_the_page_is_a_function_of_the_results_alone(tmp_path):
    run(plan(tmp_path / "results", runs=4))
    pages = []
    for name in ("one", "two"):
        out = tmp_path / name / "accuracy.md"
        write(tmp_path / "results", out)
        pictures = sorted((tmp_path / name / "accuracy").glob("*.svg"))
        assert [p.name for p in pictures] == ["bias.svg", "coverage.svg", "width.svg"]
        pages.append((out.read_bytes(), *(p.read_bytes() for p in pictures)))
    assert pages[0] == pages[1]


def made(estimates: list[float], half: float, *, refused: str = "") -> pd.DataFrame:
    rows = [
        {
            **dict.fromkeys(kept.TEXTS, ""), **dict.fromkeys(kept.NUMBERS, np.nan), "seed": seed,
            "estimate": value, "low": value - half, "high": value + half, "truth": 1.0,
            "refused": refused if seed == 0 else "", "cpu": 1.0,
        }
        for seed, value in enumerate(estimates)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_measures_of_known_numbers():
    own = measure(made([1.0, 1.5, 0.5, 1.0], 0.2))
    assert (own.runs, own.bias, own.pointwise.share, own.abstained) == (4, 0.0, 0.5, 0.0)
    assert own.rmse == pytest.approx(np.sqrt(0.5 / 4))
    assert own.width == pytest.approx(0.4)


def test_an_abstention_is_left_out_of_covered_and_a_miss_in_counted():
    own = measure(made([1.0, 1.0, 1.5, 1.0], 0.2, refused="overlap"))
    assert own.abstained == 0.25
    assert own.pointwise.share == pytest.approx(2 / 3)
    assert own.counted.share == 0.5


def test_bars_of_coverage():
    def at(share, runs):
        return Rate(share=share, error=np.sqrt(0.95 * 0.05 / runs), runs=runs)

    assert holds(at(0.935, 1_000))
    assert not holds(at(0.925, 1_000))
    assert not holds(at(0.975, 1_000))
    assert holds(at(0.91, 200))
    assert not holds(at(0.5, 20))
    assert at_least(at(1.0, 50))
    assert not at_least(at(0.8, 50))
    assert at_most(at(0.05, 50))
    assert not at_most(at(0.3, 50))


def test_the_naive_difference_is_that_of_means():
    drawn = WORLDS["heavy"].draw(0)
    (row,) = naive.answer(drawn).rows
    means = drawn.frame.groupby("a")["y"].mean()
    assert row.estimate == pytest.approx(means[1] - means[0])


def test_every_peer_and_world_says_what_the_study_needs():
    for peer in PEERS.values():
        assert peer.TITLE
        assert peer.RUNS > 0
        assert isinstance(peer.OURS, bool)
    numbers = {world.NUMBER for world in WORLDS.values()}
    assert numbers == set(range(13))


def test_there_are_twenty_published_cases_with_one_rule_each():
    assert (len(CASES), NEEDED) == (20, 17)
    assert len({case.name for case in CASES}) == 20
    for case in CASES:
        assert (case.truth is not None) + (case.band is not None) + bool(case.effect) == 1


def generated(effect: str = "mu1 - mu0", **more) -> tuple[Case, pd.DataFrame]:
    drawn = WORLDS["overlap"].draw(0)
    (means,) = drawn.truth.values()
    whole = drawn.frame.assign(mu0=means.low, mu1=means.high)
    made = {"effect": effect} | more if "truth" not in more and "band" not in more else more
    return Case(
        name="overlap", files=(), attribute="a", outcome="y", source="made here",
        left_out=("mu0", "mu1"), **made,
    ), whole  # fmt: skip


def test_a_case_is_judged_by_the_truth_of_the_estimand_it_was_answered_for():
    case, whole = generated()
    found = ask(case, whole)
    assert found["estimand"] == "ATO"
    assert found["truth"] == pytest.approx(
        truth(WORLDS["overlap"], Answer(attribute="a", estimand="ATO")), abs=0.1
    )
    assert found["columns"] == 5
    assert found["hit"] == (found["low"] <= found["truth"] <= found["high"])


def test_a_published_number_must_lie_inside_and_a_band_must_be_met():
    def hit(**rule) -> bool:
        return ask(*generated(**rule))["hit"]

    assert not hit(truth=5.0)
    assert hit(band=(0.0, 2.0))
    assert not hit(band=(3.0, 4.0))


def test_published_tables_have_the_columns_of_their_cases(test_data):
    from benchmarks.accuracy.published import table

    for case in CASES[:7:3]:
        whole = table(case, test_data)
        assert {case.attribute, case.outcome, *case.held(whole)} <= set(whole.columns)
        assert set(whole[case.attribute]) == {0, 1}
        assert not {"y0", "y1", "mu0", "mu1", "ite"} & set(case.held(whole))


@pytest.mark.filterwarnings("ignore")
def test_other_packages_end_on_our_numbers_when_given_our_models():
    pytest.importorskip("doubleml")
    world: ModuleType = WORLDS["linear"]
    drawn = world.draw(0)
    ours = PEERS["ours"].answer(drawn).rows[0]
    for name in ("doubleml_irm_our_nuisances", "econml_linear_dr_learner_our_nuisances"):
        (theirs,) = PEERS[name].answer(drawn).rows
        assert theirs.estimate == pytest.approx(ours.estimate, rel=1e-6), name


def test_runs_of_earlier_code_are_marked(tmp_path, monkeypatch):
    run(plan(tmp_path / "results", runs=3))
    write(tmp_path / "results", tmp_path / "now.md")
    monkeypatch.setattr("benchmarks.accuracy.found.key", lambda world, peer: "other")
    write(tmp_path / "results", tmp_path / "later.md")
    assert "| 3 |" in (tmp_path / "now.md").read_text()
    assert "| 3 † |" in (tmp_path / "later.md").read_text()
