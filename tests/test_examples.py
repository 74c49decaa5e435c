"""The shipped studies and notebooks: what they find, and that they stay as they are described."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest

import causal
from causal.base.finding import Finding, Status
from causal.reporting._result import Result

ROOT = Path(__file__).resolve().parent.parent
UPWORTHY = ROOT / "datasets" / "upworthy"
NEWS = ROOT / "datasets" / "online-news"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def failed(findings: tuple[Finding, ...]) -> list[str]:
    return [each.name for each in findings if each.status is Status.FAIL]


def effect(result: Result, attribute: str, design: str) -> pd.Series:
    rows = result.effects
    chosen = rows[
        (rows["attribute"] == attribute) & (rows["design"] == design) & rows["segment"].isna()
    ]
    return chosen.iloc[0]


@pytest.fixture(scope="module")
def headline_style() -> Result:
    return causal.run(causal.read_study(UPWORTHY / "headline-style.yaml"))


@pytest.fixture(scope="module")
def popularity() -> Result:
    return causal.run(causal.read_study(NEWS / "popularity.yaml"))


@pytest.fixture(scope="module")
def broken() -> Finding:
    findings = causal.check(causal.read_study(UPWORTHY / "headline-style-all.yaml"))
    assert failed(findings) == ["sample ratio"]
    return findings[0]


def test_the_broken_period_is_found_and_dated(broken):
    assert broken.blocks == "page"
    assert broken.starts is not None
    assert broken.ends is not None
    # The publisher of the archive dates the break 25 June 2013 to 10 January 2014.
    assert "2013-06-18" <= broken.starts.isoformat() <= "2013-06-25"
    assert "2014-01-10" <= broken.ends.isoformat() <= "2014-01-17"
    assert broken.statistic > 0.7


def test_the_study_leaves_out_what_the_finding_says(broken):
    line = broken.remedy.rpartition("where: ")[2]
    study = causal.read_study(UPWORTHY / "headline-style.yaml")
    assert study.data.where == line
    counts = re.search(r"(\d+) of (\d+) blocks", broken.meaning)
    assert counts is not None
    failing, blocks = (f"{int(each):,}" for each in counts.groups())
    said = f"# {failing} of the {blocks} tests of these dates ({broken.statistic:.1%})"
    assert said in study.text


def test_without_the_broken_period_no_check_fails(headline_style):
    assert not headline_style.failed


def test_a_question_mark_lowers_and_a_digit_raises_click_through(headline_style):
    assert effect(headline_style, "question_mark", "within")["verdict"] == "lowers"
    assert effect(headline_style, "digit", "within")["verdict"] == "raises"
    assert headline_style.title.startswith("Question mark lowers CTR")


def test_comparison_across_tests_claims_what_randomisation_does_not_bear_out(headline_style):
    across, inside = (effect(headline_style, "second_person", d) for d in ("adjusted", "within"))
    assert across["verdict"] == "lowers"
    assert inside["verdict"] == "no clear effect"
    difference = next(
        each
        for each in headline_style.content["agreement"]
        if (each["attribute"], each["second"]) == ("second_person", "adjusted")
    )
    assert abs(difference["z"]) > 3


def test_the_twin_differs_in_design_alone():
    study = causal.read_study(UPWORTHY / "headline-style.yaml")
    twin = causal.read_study(UPWORTHY / "headline-style-across.yaml")
    assert twin.data == study.data
    assert twin.attributes == study.attributes
    assert twin.outcomes == study.outcomes
    assert twin.confounders == study.modifiers
    assert not twin.block
    assert twin.assignment == "observational"


def test_the_twin_checks_out_and_that_is_the_point():
    findings = causal.check(causal.read_study(UPWORTHY / "headline-style-across.yaml"))
    assert failed(findings) == []
    assert "sample ratio" not in {each.name for each in findings}


@pytest.mark.parametrize(
    ("attribute", "reference", "error"),
    [("question_mark", -0.00097, 0.00013), ("digit", 0.00060, 0.00015)],
)
def test_single_attributes_agree_with_the_reference(attribute, reference, error):
    """Values computed outside the project: block is test and image, weighted by impressions."""
    from causal import workflow
    from causal.estimation._fit import fit_design

    study = causal.read_study(UPWORTHY / "headline-style.yaml")
    alone = study.model_copy(
        update={
            "attributes": tuple(each for each in study.attributes if each.name == attribute),
            "block": ("test_id", "eyecatcher_id"),
            "modifiers": (),
        }
    )
    panel = workflow.read_panel(alone)
    within = next(d for d in workflow.identify(alone, panel) if d.name == "within")
    whole = fit_design(alone, panel, within).whole
    assert abs(whole.values[0] - reference) <= error / 2
    assert abs(whole.std_errors[0] - error) <= 0.1 * error


def test_popularity_is_predicted_about_as_well_as_was_published(popularity):
    model = popularity.content["success_models"][0]
    assert (model["outcome"], model["metric"]) == ("popularity", "AUC")
    # 0.73 was published on five times as many articles with further columns.
    assert model["value_low"] <= 0.73
    assert model["value"] >= 0.70


def test_nothing_observational_is_said_to_be_an_effect(popularity):
    assert popularity.content["headline"] == "adjusted"
    assert "associated" in popularity.title
    assert popularity.content["decision"]["do"] == []
    assert popularity.content["decision"]["do_not"] == []


def test_images_go_with_popularity_and_do_not_make_it(popularity):
    assert effect(popularity, "images", "naive")["ci_low"] > 0
    assert effect(popularity, "images", "adjusted")["verdict"] == "ruled out"


def test_shares_of_linked_articles_are_refused(popularity):
    used = {row["column"] for row in popularity.content["columns_in_out"] if row["used"]}
    assert not {name for name in used if name.startswith("self_reference")}


@pytest.mark.parametrize("text", ["1 of 3 — or not ... go", "Wait — what?", "He said ‘No.’"])
def test_a_dash_alone_is_no_word(text):
    import duckdb

    study = causal.read_study(UPWORTHY / "headline-style.yaml")
    count = study.data.derive["word_count"]
    words = duckdb.sql(f"SELECT {count} FROM (SELECT $1 AS text)", params=[text]).fetchone()
    expected = {"1 of 3 — or not ... go": 6, "Wait — what?": 2, "He said ‘No.’": 3}
    assert words == (expected[text],)


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        ("They call it ‘magic.’", True),
        ("Is the 'world is ending' news true?", True),
        ('He said "no"', True),
        ("The parents' view isn't ours", False),
        ("Don't let the kids' school fail", False),
    ],
)
def test_an_apostrophe_is_no_quotation(text, quotes):
    import duckdb

    study = causal.read_study(UPWORTHY / "headline-style.yaml")
    derived = study.data.derive["quotation"]
    found = duckdb.sql(f"SELECT {derived} FROM (SELECT $1 AS text)", params=[text]).fetchone()
    assert found == (quotes,)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_kept_without_outputs(path):
    cells = json.loads(path.read_text("utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert code
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in code)


def test_there_is_a_notebook_for_each_example():
    assert {path.stem for path in NOTEBOOKS} == {
        "broken-period", "experiment", "exposure", "headline-style", "headline-style-across", "movement",
        "online-news", "paths", "rollout", "switchback",
    }  # fmt: skip


def written(page: str) -> list[str]:
    """The study files that a page of documentation shows."""
    return re.findall(r"```yaml\n(.*?)```", (ROOT / page).read_text("utf-8"), flags=re.DOTALL)


def test_the_study_in_the_readme_is_ten_lines_and_checks_out(tmp_path):
    text, *others = written("README.md")
    for number, other in enumerate(others):
        (tmp_path / f"{number}.yaml").write_text(other, "utf-8")
        causal.read_study(tmp_path / f"{number}.yaml")
    assert len(text.splitlines()) == 10
    file = UPWORTHY / "packages.parquet"
    (tmp_path / "study.yaml").write_text(text.replace("packages.parquet", str(file)), "utf-8")
    findings = causal.check(causal.read_study(tmp_path / "study.yaml"))
    # It keeps the broken period, so the one failure is the one that is there to be found.
    assert {each.partition(" by ")[0] for each in failed(findings)} == {"sample ratio"}


@pytest.mark.parametrize(("page", "at"), [("README.md", 1), ("docs/experiments.md", 0)])
def test_the_studies_of_experiments_that_are_shown_can_be_read(page, at, tmp_path):
    (tmp_path / "study.yaml").write_text(written(page)[at], "utf-8")
    assert causal.read_study(tmp_path / "study.yaml").kind == "experiment"


def test_the_study_in_the_design_has_every_key(tmp_path):
    (text,) = written("docs/design.md")
    (tmp_path / "study.yaml").write_text(text, "utf-8")
    study = causal.read_study(tmp_path / "study.yaml")
    shown = set(re.findall(r"^(\w+):", text, flags=re.MULTILINE))
    assert shown == set(type(study).model_fields)
    assert set(re.findall(r"(\w+): ", text.rpartition("settings: ")[2])) == set(
        type(study.settings).model_fields
    )


@pytest.mark.parametrize("page", ["README.md", "docs/design.md", "docs/methods.md"])
def test_links_of_the_documentation_lead_somewhere(page):
    folder = (ROOT / page).parent
    links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / page).read_text("utf-8"))
    assert links
    assert [link for link in links if not (folder / link).exists()] == []
