"""Studies of experiments: what they accept, and one message with all that is wrong."""

from __future__ import annotations

import pytest

from causal.base.errors import StudyError
from causal.design.document import read_document
from causal.design.experiment import Experiment
from causal.design.reading import read_study, study_from
from causal.design.request import request
from causal.design.schema import schema

GOOD = """\
study: ad-load
kind: experiment
question: Should more slots have an advertisement?
data:
  source: users.parquet
  tables: {visits: visits.parquet}
unit: user
block: market
exposed_at: first_seen
arms: {column: arm, control: A, shares: {A: 0.5, B: 0.5}}
covariates: [visits_before, {name: revenue_before, for: [revenue]}]
outcomes:
  - {name: revenue, column: revenue, cap: {column: revenue_before}}
  - {name: visits, table: visits, column: visited, at: day, days: 14, role: guardrail, margin: 0.01}
  - {name: ctr, numerator: clicks, denominator: impressions, role: guardrail, absolute_margin: 0.02}
  - {name: retained, column: active_day_28, type: retention, days: 28, role: long-term}
  - {name: slow, column: load_ms, type: quantile, quantile: 0.95, role: secondary, goal: decrease}
modifiers: [power_user]
analysis:
  planned_units: 60000
  smallest: {revenue: 0.02}
  prior: {relative_sd: 0.3}
"""


@pytest.fixture
def said(tmp_path):
    """Write a study file; say what its error says."""

    def write(text):
        file = tmp_path / "study.yaml"
        file.write_text(text)
        with pytest.raises(StudyError) as caught:
            read_study(file)
        return str(caught.value)

    return write


@pytest.fixture
def study(tmp_path):
    """Write a study file and read it."""

    def write(text):
        file = tmp_path / "study.yaml"
        file.write_text(text)
        return read_study(file)

    return write


def test_a_full_study_is_read_with_its_defaults(study):
    read = study(GOOD)
    assert isinstance(read, Experiment)
    assert read.text == GOOD
    assert (read.unit, read.block, read.cluster) == ("user", ("market",), None)
    assert read.arms.shares == {"A": 0.5, "B": 0.5}
    assert [each.metrics for each in read.covariates] == [(), ("revenue",)]
    assert read.analysis.adjustment == "cuped"
    assert (read.analysis.interval, read.analysis.minimum_days) == ("fixed", 7)
    assert read.outcomes[0].cap.quantile == 0.999
    assert read.settings.heterogeneity is False


def test_columns_have_roles_and_keys_and_those_of_other_tables_have_none(study):
    read = study(GOOD)
    roles = read.columns_by_role()
    assert roles["covariate"] == ("visits_before", "revenue_before")
    assert "visited" not in roles["outcome"]
    assert read.key_of("clicks") == "outcomes[2].numerator"
    assert read.key_of("arm") == "arms.column"
    assert read.roles_of("revenue_before") == ("covariate", "cap")


@pytest.mark.parametrize(("written", "meant"), [("0", "0"), ("true", "true"), ("1.0", "1")])
def test_an_arm_may_be_written_as_a_number_or_a_truth(study, written, meant):
    read = study(GOOD.replace("control: A, shares: {A: 0.5, B: 0.5}", f"control: {written}"))
    assert (read.arms.control, read.arms.shares) == (meant, {})


def test_sequential_is_short_for_its_interval(study):
    read = study(GOOD.replace("analysis:", "analysis:\n  sequential: true"))
    assert read.analysis.interval == "sequential"


def test_creators_share_a_pool_and_users_do_not(study):
    assert study(GOOD).pool == "separate"
    assert study(GOOD + "side: creator\n").pool == "shared"
    assert study(GOOD.replace("analysis:", "analysis:\n  pool: shared")).pool == "shared"


def test_rows_are_asked_for_of_attributes_alone(study):
    with pytest.raises(StudyError, match="works for studies of kind 'attributes'"):
        request(study(GOOD))


def test_every_error_is_in_one_message_with_its_line(said):
    text = said(
        GOOD.replace("control: A", "control: C")
        .replace("B: 0.5", "B: 0.6")
        .replace("smallest: {revenue", "smallest: {revenu")
    )
    assert "3 things are wrong" in text
    assert "line 10: arms.control is 'C', which arms.shares does not name." in text
    assert "line 10: arms.shares add to 1.1." in text
    assert "analysis.smallest.revenu names no outcome. Did you mean 'revenue'?" in text


ARMS = "arms: {column: arm, control: A, shares: {A: 0.5, B: 0.5}}\n"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("unit: user\n", "", "unit is missing. Name the column that says what was counted"),
        ("unit: user", "unit: [a, b]", "unit is ['a', 'b'], which is a list. Allowed: one text."),
        ("unit: user", "unit: arm", "has two roles: the unit (unit) and the arm (arms.column)"),
        (ARMS, "", "arms is missing. Say who was given what"),
        (ARMS, "arms: {column: arm}\n", "arms.control is missing"),
        (ARMS, "arms: {control: A}\n", "arms.column is missing"),
        ("shares: {A: 0.5, B: 0.5}", "shares: {A: 1.5, B: -0.5}", "A share lies between 0 and 1"),
        ("shares: {A: 0.5, B: 0.5}", "shares: {A: 1, B: 0}", "fewer than two arms"),
        ("{A: 0.5, B: 0.5}", "{A: 0, B: 0.5, C: 0.5}", "arms.shares.A is 0, but it is the control"),
        (
            "{column: arm,",
            "{user: {column: u}, column: arm,",
            "With arms on two sides 'column' belongs under arms.user and arms.creator",
        ),
        ("column: arm", "colum: arm", "Did you mean 'column'?"),
        ("for: [revenue]", "for: [revenu]", "Did you mean 'revenue'?"),
        ("for: [revenue]", "fro: [revenue]", "Did you mean 'for'?"),
        ("[visits_before,", "[revenue,", "'revenue', which has two roles: an outcome"),
        ("modifiers: [power_user]", "modifiers: [clicks]", "cannot be known before it"),
        ("modifiers: [power_user]", "modifiers: [a, a]", "as modifiers[0] is"),
        ("name: ctr", "name: visits", "outcomes[2].name is 'visits', as outcomes[1].name is"),
        ("table: visits", "table: visit", "Did you mean 'visits'?"),
        ("at: day, ", "", "outcomes[1].days needs 'at'"),
        ("exposed_at: first_seen\n", "", "outcomes[3].days counts from exposure"),
        (", days: 28", "", "outcomes[3].days is missing. Retention needs to know"),
        (", quantile: 0.95", "", "outcomes[4].quantile is missing"),
        ("type: quantile, ", "", "type is not 'quantile'"),
        ("role: guardrail, margin: 0.01", "role: guardrail", "outcomes[1].margin is missing"),
        ("margin: 0.01", "margin: 0.01, absolute_margin: 1", "and margin are both given"),
        (
            "denominator: impressions",
            "denominator: clicks",
            "denominator is 'clicks', as the numerator",
        ),
        ("{column: revenue_before}", "{column: revenue}", "known before exposure (a cap)"),
        ("{column: revenue_before}", "{colum: r}", "Did you mean 'column'?"),
        ("planned_units: 60000", "interval: sequential", "analysis.planned_units is missing"),
        (
            "planned_units: 60000",
            "planned_units: 9\n  sequential: false\n  interval: sequential",
            "Keep the interval.",
        ),
        ("planned_units: 60000", "looks: [0.5, 1]", "Looks are planned with"),
        (
            "planned_units: 60000",
            "planned_units: 9\n  interval: group sequential\n  looks: [0.5, 0.4, 1]",
            "They rise from above 0, and the last is 1.",
        ),
        (
            "planned_units: 60000",
            "planned_units: 9\n  interval: group sequential",
            "analysis.looks are missing",
        ),
        ("planned_units: 60000", "holdout: A", "which is the control"),
        ("planned_units: 60000", "holdout: C", "analysis.holdout is 'C'"),
        ("planned_units: 60000", "demand: {before: 1}", "analysis.demand.during is missing"),
        ("relative_sd: 0.3", "relative_d: 0.3", "Did you mean 'relative_sd'?"),
        ("planned_units: 60000", "planned: 60000", "Did you mean 'planned_units'?"),
        ("block: market", "attributes: [a]", "It belongs to kind 'attributes'."),
        ("exposed_at", "exposd_at", "Did you mean 'exposed_at'?"),
        ("block: market", "planned_units: 5", "'planned_units' belongs under 'analysis'."),
        ("- {name: revenue,", "- {name: revenue, role: secondary,", "name no success metric"),
        ("name: revenue, ", "name: revenue, aggregate: mean, ", "but a unit has one row"),
        ("name: revenue, ", "name: revenue, at: day, ", "outcomes[0].at is 'day'"),
        ("name: revenue, ", "name: revenue, type: meen, ", "Did you mean 'mean'?"),
        ("name: revenue, ", "name: revenue, type: ratio, ", "Give 'numerator' and 'denominator'."),
        ("block: market", "observed_until: June", "observed_until is 'June'. Write a day"),
        ("study: ad-load", "study: con", "cannot name the output folder"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(said, old, new, words):
    assert old in GOOD
    assert words in said(GOOD.replace(old, new, 1))


def test_without_a_success_metric_a_study_may_ship_when_nothing_is_harmed(study):
    text = GOOD.replace("- {name: revenue,", "- {name: revenue, role: secondary,")
    assert study(text.replace("analysis:", "analysis:\n  otherwise: ship")).outcomes


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        (GOOD, True),
        (GOOD + "unt: u\n", False),
        (GOOD.replace("unit: user\n", ""), False),
        (GOOD.replace("for: [revenue]", "for: revenue"), True),
    ],
)
def test_an_editor_with_the_schema_agrees_with_the_reader(tmp_path, text, fits):
    jsonschema = pytest.importorskip("jsonschema")
    file = tmp_path / "study.yaml"
    file.write_text(text)
    assert jsonschema.Draft202012Validator(schema()).is_valid(read_document(file).values) == fits
    try:
        read_study(file)
    except StudyError:
        assert not fits


def test_values_make_the_same_study_as_a_file(study, tmp_path):
    values = read_document(tmp_path / "study.yaml").values if study(GOOD) else {}
    assert study_from(values).model_dump() == study(GOOD).model_dump()


def test_only_amounts_on_a_shared_pool_compete(study, said):
    posts = "  - {name: posts, column: posts, competes: true}\n"
    creators = GOOD.replace("modifiers:", f"{posts}modifiers:") + "side: creator\n"
    assert [each.competes for each in study(creators).outcomes if each.competes] == [True]
    assert "outcomes[5].competes is true, but arms draw on separate pools" in said(
        creators.replace("side: creator", "side: user")
    )
    assert "outcomes[2].competes is true, but a rate" in said(
        GOOD.replace("absolute_margin: 0.02", "absolute_margin: 0.02, competes: true")
        + "side: creator\n"
    )
