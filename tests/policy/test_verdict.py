"""The verdict on an experiment: one test for each row of its rule."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from typing import Any

import numpy as np
import pytest

from causal.base.errors import DesignError
from causal.base.finding import Finding, Status
from causal.content.outcome import Goal, Role
from causal.data.moments.collected import Part, Reading
from causal.data.moments.rows import moments_of
from causal.estimation.experiment._adjustment import Adjustment
from causal.estimation.experiment.decided import Procedure, Rules, decide
from causal.estimation.experiment.effects import Asked, effects
from causal.policy.evidence import FARTHEST, Made, Measured, Reason, Word, as_json, health_of
from causal.policy.verdict import EARLY, Evidence, verdict

HEALTHY = tuple(
    (name, Status.PASS) for name in ("sample ratio", "missing", "minimum runtime", "full weeks")
)
UP, DOWN, WIDE = (0.1, 0.3), (-0.3, -0.1), (-0.1, 0.2)
KEPT, BROKEN, OPEN = (0.01, 0.05), (-0.05, -0.01), (-0.02, 0.03)
MADE = {
    Procedure.FIXED: (Made.MAX_T, Made.POINTWISE),
    Procedure.SEQUENTIAL: (Made.CONFIDENCE_SEQUENCE,) * 2,
    Procedure.GROUP_SEQUENTIAL: (Made.GROUP_SEQUENTIAL,) * 2,
}
LAST = date(2026, 3, 14)


def success(interval: Any, *, arm: str = "B", name: str = "revenue", **more: Any) -> Measured:
    low, high = interval
    return Measured(outcome=name, arm=arm, role=Role.SUCCESS, low=low, high=high, **more)


def guardrail(gap: Any, *, arm: str = "B", name: str = "visits", **more: Any) -> Measured:
    low, high = gap
    given = {"margin": 0.01, "gap_low": low, "gap_high": high} | more
    return Measured(outcome=name, arm=arm, role=Role.GUARDRAIL, **given)


def evidence(
    *measured: Measured, procedure: Procedure = Procedure.SEQUENTIAL, **more: Any
) -> Evidence:
    first, second = MADE[procedure]
    made = tuple(
        replace(each, procedure=first if each.role is Role.SUCCESS else second) for each in measured
    )
    given = {"health": HEALTHY, "last": LAST, "days_to_target": 7} | more
    return Evidence(measured=made, procedure=procedure, **given)


def health(**statuses: Status) -> Any:
    return tuple((n, statuses.get(n.replace(" ", "_"), status)) for n, status in HEALTHY)


# One test for each row.


@pytest.mark.parametrize("gap", [KEPT, BROKEN, OPEN])
@pytest.mark.parametrize("interval", [UP, DOWN, WIDE])
@pytest.mark.parametrize("procedure", Procedure)
def test_row_1_an_invalid_experiment_cannot_be_decided(gap, interval, procedure):
    given = evidence(
        success(interval), guardrail(gap), procedure=procedure, final=True,
        otherwise=Word.SHIP, health=health(sample_ratio=Status.FAIL),
    )  # fmt: skip
    found = verdict(given)
    assert (found.word, found.reason) == (Word.CANNOT_DECIDE, Reason.INVALID)
    assert [each.holds for each in found.clauses] == [False, *[None] * (len(found.clauses) - 1)]
    assert "sample ratio" in found.sentence
    assert not re.search("better|worse|[Ss]hip|[Rr]oll", found.sentence)


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("interval", [UP, DOWN, WIDE])
def test_row_2_a_broken_guardrail_rolls_back_even_on_a_shared_pool(shared, interval):
    found = verdict(evidence(success(interval), guardrail(BROKEN), pool_shared=shared))
    assert (found.word, found.decisive_outcome) == (Word.ROLL_BACK, "visits")
    assert "margin of 1%" in found.sentence


@pytest.mark.parametrize("interval", [UP, DOWN, WIDE])
@pytest.mark.parametrize("gap", [KEPT, OPEN])
def test_row_3_a_shared_pool_is_not_decided(interval, gap):
    found = verdict(evidence(success(interval), guardrail(gap), pool_shared=True, final=True))
    assert (found.word, found.reason) == (Word.CANNOT_DECIDE, Reason.NOT_IDENTIFIED)
    assert "not identified by this design, because" in found.sentence
    assert next(c for c in found.clauses if c.name == "a success metric better").holds is None


@pytest.mark.parametrize("shared", [True, False])
def test_why_it_is_identified_or_not_is_said_in_the_design_s_own_words(shared):
    given = evidence(success(UP), pool_shared=shared, because="pairs spill", final=True)
    found = verdict(given)
    clause = next(each for each in found.clauses if each.name == "identified")
    assert clause.words.endswith("identified: pairs spill.")
    wanted = "The global effect is not identified by this design, because pairs spill."
    assert (found.sentence == wanted) is shared
    assert ("is not identified" in clause.words) is shared


@pytest.mark.parametrize(("interval", "gap"), product([UP, DOWN, WIDE], [KEPT, BROKEN, OPEN]))
def test_row_4_a_fixed_analysis_is_read_once(interval, gap):
    given = evidence(success(interval), guardrail(gap), procedure=Procedure.FIXED)
    found = verdict(given)
    assert (found.word, found.reason, found.until) == (Word.HOLD, Reason.NOT_DUE, date(2026, 3, 21))
    assert verdict(replace(given, final=True)).reason is not Reason.NOT_DUE
    assert verdict(replace(given, planned=False)).reason is not Reason.NOT_DUE


@pytest.mark.parametrize("status", [Status.WARN, Status.FAIL])
@pytest.mark.parametrize("name", EARLY)
def test_row_5_a_young_experiment_is_held_until_its_date(name, status):
    young = health(**{name.replace(" ", "_"): status})
    given = evidence(success(UP), guardrail(KEPT), health=young, earliest=date(2026, 3, 15))
    found = verdict(given)
    assert (found.word, found.reason, found.until) == (
        Word.HOLD,
        Reason.TOO_EARLY,
        date(2026, 3, 15),
    )
    assert name in found.sentence
    assert "2026-03-15" in found.sentence


@pytest.mark.parametrize("procedure", Procedure)
def test_a_young_experiment_that_harms_is_stopped_where_the_procedure_may_look(procedure):
    young = health(minimum_runtime=Status.WARN)
    given = evidence(
        success(WIDE), guardrail(BROKEN), procedure=procedure, health=young, final=True
    )
    looks = procedure is not Procedure.FIXED
    assert verdict(given).word is (Word.ROLL_BACK if looks else Word.HOLD)


def test_a_young_fixed_analysis_waits_for_the_later_date():
    young = health(minimum_runtime=Status.WARN)
    given = evidence(
        success(UP), procedure=Procedure.FIXED, health=young, earliest=date(2026, 3, 15)
    )
    assert verdict(given).until == date(2026, 3, 21)
    assert verdict(replace(given, final=True)).until == date(2026, 3, 15)


@pytest.mark.parametrize("days", [FARTHEST + 1, 10**12])
@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (evidence(success(UP), procedure=Procedure.FIXED), Reason.NOT_DUE),
        (
            evidence(success(UP), procedure=Procedure.FIXED, health=health(full_weeks=Status.WARN)),
            Reason.TOO_EARLY,
        ),
        (evidence(success(UP), guardrail(OPEN)), Reason.GUARDRAIL_UNCLEAR),
        (evidence(success(WIDE)), Reason.NOT_PRECISE),
    ],
)
def test_a_date_beyond_two_years_is_not_foretold(given, reason, days):
    far = replace(given, earliest=date(2026, 3, 15), days_to_target=days)
    found = verdict(far)
    assert (found.word, found.reason, found.until) == (Word.HOLD, reason, None)
    assert found.sentence.endswith("not expected within two years at this pace.")
    assert not re.search(r"20\d\d-", found.sentence)
    near = verdict(replace(far, days_to_target=FARTHEST))
    assert near.until == LAST + timedelta(days=FARTHEST)


def test_a_young_experiment_that_may_be_read_at_any_look_waits_for_its_date_alone():
    young = health(full_weeks=Status.WARN)
    given = evidence(success(UP), health=young, earliest=date(2026, 3, 15), days_to_target=10**6)
    assert verdict(given).until == date(2026, 3, 15)


@pytest.mark.parametrize("otherwise", [Word.HOLD, Word.SHIP, Word.ROLL_BACK])
@pytest.mark.parametrize("interval", [UP, DOWN, WIDE])
@pytest.mark.parametrize("gap", [KEPT, OPEN])
def test_row_6_a_success_metric_that_is_not_estimable_leaves_it_undecided(gap, interval, otherwise):
    lost = success((None, None), name="orders", why="its values do not vary")
    given = evidence(lost, success(interval), guardrail(gap), final=True, otherwise=otherwise)
    found = verdict(given)
    assert (found.word, found.reason) == (Word.CANNOT_DECIDE, Reason.NOT_ESTIMABLE)
    assert found.decisive_outcome == "orders"
    assert found.sentence == "The effect of B on orders is not estimable: its values do not vary."
    judged = {each.name: each.holds for each in found.clauses}
    assert judged["a success metric better"] is (True if interval is UP else None)
    assert judged["no success metric worse"] is (False if interval is DOWN else None)


@pytest.mark.parametrize("procedure", Procedure)
def test_what_may_not_be_read_yet_is_waited_for_before_it_is_called_not_estimable(procedure):
    young = health(minimum_runtime=Status.WARN)
    given = evidence(success((None, None)), procedure=procedure, health=young, final=True)
    assert verdict(given).reason is Reason.TOO_EARLY
    broken = evidence(success((None, None)), guardrail(BROKEN), procedure=procedure, final=True)
    assert verdict(broken).word is Word.ROLL_BACK


@pytest.mark.parametrize("otherwise", [Word.HOLD, Word.SHIP, Word.ROLL_BACK])
def test_row_7_a_trade_off_between_success_metrics_is_held(otherwise):
    given = evidence(
        success(UP), success(DOWN, name="visits"), guardrail(KEPT, name="load"),
        final=True, otherwise=otherwise,
    )  # fmt: skip
    found = verdict(given)
    assert (found.word, found.reason) == (Word.HOLD, Reason.TRADE_OFF)


@pytest.mark.parametrize("procedure", Procedure)
@pytest.mark.parametrize("otherwise", [Word.HOLD, Word.SHIP, Word.ROLL_BACK])
def test_row_8_one_better_and_every_guardrail_kept_ships(procedure, otherwise):
    given = evidence(
        success(WIDE, name="orders"), success(UP), guardrail(KEPT),
        procedure=procedure, final=True, otherwise=otherwise,
    )  # fmt: skip
    found = verdict(given)
    assert (found.word, found.arm, found.decisive_outcome) == (Word.SHIP, "B", "revenue")
    assert "+0.1 to +0.3" in found.sentence
    assert all(each.holds for each in found.clauses)


def test_a_guardrail_that_is_not_estimable_is_not_kept():
    found = verdict(evidence(success(UP), guardrail((None, None))))
    assert (found.word, found.reason) == (Word.HOLD, Reason.GUARDRAIL_UNCLEAR)


@pytest.mark.parametrize("otherwise", [Word.HOLD, Word.SHIP, Word.ROLL_BACK])
def test_row_9_an_unclear_guardrail_is_waited_for(otherwise):
    found = verdict(evidence(success(UP), guardrail(OPEN), otherwise=otherwise))
    assert (found.word, found.reason, found.until) == (
        Word.HOLD,
        Reason.GUARDRAIL_UNCLEAR,
        date(2026, 3, 21),
    )
    assert found.decisive_outcome == "visits"


@pytest.mark.parametrize("final", [True, False])
@pytest.mark.parametrize(
    ("otherwise", "word"),
    [(Word.HOLD, Word.HOLD), (Word.SHIP, Word.HOLD), (Word.ROLL_BACK, Word.ROLL_BACK)],
)
def test_row_10_an_unclear_guardrail_at_the_end_is_as_declared_but_never_shipped(
    otherwise, word, final
):
    given = evidence(
        success(UP, precise=not final), guardrail(OPEN), final=final, otherwise=otherwise
    )
    assert (verdict(given).word, verdict(given).reason) == (word, Reason.AS_DECLARED)


@pytest.mark.parametrize("final", [True, False])
@pytest.mark.parametrize(
    ("otherwise", "word"),
    [(Word.HOLD, Word.HOLD), (Word.SHIP, Word.HOLD), (Word.ROLL_BACK, Word.ROLL_BACK)],
)
def test_row_11_a_success_metric_that_is_worse_is_never_shipped(otherwise, word, final):
    found = verdict(evidence(success(DOWN), guardrail(KEPT), final=final, otherwise=otherwise))
    assert (found.word, found.reason) == (word, Reason.WORSE)
    assert "worse" in found.sentence


@pytest.mark.parametrize("otherwise", [Word.HOLD, Word.SHIP, Word.ROLL_BACK])
def test_row_12_without_a_clear_effect_the_target_is_waited_for(otherwise):
    found = verdict(evidence(success(WIDE), guardrail(KEPT), otherwise=otherwise))
    assert (found.word, found.reason, found.until) == (
        Word.HOLD,
        Reason.NOT_PRECISE,
        date(2026, 3, 21),
    )


@pytest.mark.parametrize("otherwise", [Word.HOLD, Word.SHIP, Word.ROLL_BACK])
def test_row_13_without_a_clear_effect_at_the_end_it_is_as_declared(otherwise):
    given = evidence(success(WIDE), guardrail(KEPT), final=True, otherwise=otherwise)
    assert verdict(given).word is otherwise
    unclear = replace(given, measured=(given.measured[0], evidence(guardrail(OPEN)).measured[0]))
    allowed = Word.HOLD if otherwise is Word.SHIP else otherwise
    assert verdict(unclear).word is allowed


def test_guardrails_alone_ship_where_the_study_declares_it():
    given = evidence(guardrail(KEPT), final=True, otherwise=Word.SHIP)
    assert verdict(given).word is Word.SHIP
    assert verdict(replace(given, final=False)).word is Word.HOLD


def test_precision_is_reached_when_every_success_metric_is_precise():
    given = [success(WIDE, precise=True), success(WIDE, name="orders", precise=False)]
    assert verdict(evidence(*given)).reason is Reason.NOT_PRECISE
    given[1] = replace(given[1], precise=True)
    assert verdict(evidence(*given)).reason is Reason.AS_DECLARED


# Goals, arms, refusals.


def test_better_is_where_the_goal_points():
    for interval, goal, word in [
        (UP, Goal.INCREASE, Word.SHIP),
        (DOWN, Goal.DECREASE, Word.SHIP),
        (UP, Goal.DECREASE, Word.HOLD),
        (DOWN, Goal.INCREASE, Word.HOLD),
    ]:
        assert verdict(evidence(success(interval, goal=goal))).word is word


def test_an_interval_that_touches_zero_shows_nothing():
    assert verdict(evidence(success((0.0, 0.2)))).reason is Reason.NOT_PRECISE
    assert verdict(evidence(success((-0.2, 0.0)))).reason is Reason.NOT_PRECISE
    assert verdict(evidence(success((float("nan"), 0.2)))).reason is Reason.NOT_ESTIMABLE


def test_negating_an_outcome_and_its_goal_changes_nothing():
    for interval in (UP, DOWN, WIDE):
        low, high = interval
        one = verdict(evidence(success(interval), guardrail(KEPT)))
        other = verdict(evidence(success((-high, -low), goal=Goal.DECREASE), guardrail(KEPT)))
        assert (one.word, one.reason) == (other.word, other.reason)


@pytest.mark.parametrize("goal", Goal)
def test_of_several_arms_the_one_surest_to_gain_most_ships(goal):
    sign = 1 if goal is Goal.INCREASE else -1
    rows = []
    for arm, low, high in (("B", 0.1, 0.9), ("C", 0.2, 0.4), ("D", 0.3, 0.5)):
        ends = sorted((sign * low, sign * high))
        rows += [success(ends, arm=arm, goal=goal)]
        rows += [guardrail(OPEN if arm == "D" else KEPT, arm=arm)]
    found = verdict(evidence(*rows))
    assert (found.word, found.arm) == (Word.SHIP, "C")
    assert [each.word for each in found.arms] == [Word.SHIP, Word.SHIP, Word.HOLD]
    assert "B: SHIP; D: HOLD" in found.sentence


@pytest.mark.parametrize(
    ("gaps", "word"),
    [
        ((BROKEN, BROKEN), Word.ROLL_BACK),
        ((BROKEN, OPEN), Word.HOLD),
        ((OPEN, BROKEN), Word.HOLD),
        ((OPEN, OPEN), Word.HOLD),
    ],
)
def test_arms_are_rolled_back_only_together(gaps, word):
    rows = [guardrail(gap, arm=arm) for arm, gap in zip("BC", gaps, strict=True)]
    found = verdict(evidence(*rows))
    assert (found.word, found.arm) == (word, None)
    assert [each.word for each in found.arms] == [
        Word.ROLL_BACK if gap is BROKEN else Word.HOLD for gap in gaps
    ]


def test_an_arm_that_cannot_be_decided_leaves_the_whole_undecided():
    rows = [guardrail(BROKEN, arm="B"), guardrail(KEPT, arm="C")]
    found = verdict(evidence(*rows, pool_shared=True))
    assert found.word is Word.CANNOT_DECIDE
    assert "B: ROLL BACK" in found.sentence


@pytest.mark.parametrize(
    ("procedure", "made"),
    [
        *((Procedure.SEQUENTIAL, each) for each in Made if each is not Made.CONFIDENCE_SEQUENCE),
        *((Procedure.GROUP_SEQUENTIAL, each) for each in Made if each is not Made.GROUP_SEQUENTIAL),
        *product((Procedure.FIXED,), (Made.CONFIDENCE_SEQUENCE, Made.GROUP_SEQUENTIAL)),
    ],
)
@pytest.mark.parametrize("measured", [success(UP), guardrail(KEPT)], ids=["success", "guardrail"])
def test_an_interval_for_display_is_refused(procedure, made, measured):
    given = evidence(measured, procedure=procedure)
    shown = replace(given, measured=(replace(given.measured[0], procedure=made),))
    with pytest.raises(DesignError, match="is for display"):
        verdict(shown)


def test_an_interval_at_another_level_is_refused():
    with pytest.raises(DesignError, match="'revenue' in arm 'B'"):
        verdict(evidence(success(UP, decisive=False)))


def test_a_pointwise_interval_decides_only_a_single_comparison():
    alone = replace(success(UP), procedure=Made.POINTWISE)
    given = Evidence(
        measured=(alone,), health=HEALTHY, procedure=Procedure.FIXED, final=True
    )  # fmt: skip
    assert verdict(given).word is Word.SHIP
    with pytest.raises(DesignError, match="of the family or bonferroni"):
        verdict(replace(given, measured=(alone, replace(alone, outcome="orders"))))


@pytest.mark.parametrize("role", [Role.SECONDARY, Role.LONG_TERM])
@pytest.mark.parametrize("interval", [UP, DOWN, WIDE])
def test_secondary_and_long_term_metrics_never_enter(role, interval):
    for given in (UP, DOWN, WIDE):
        other = replace(success(interval, name="other"), role=role, decisive=False)
        with_it = evidence(success(given), guardrail(KEPT))
        with_it = replace(with_it, measured=(*with_it.measured, other))
        assert verdict(with_it) == verdict(replace(with_it, measured=with_it.measured[:2]))


def test_a_guardrail_without_a_margin_is_refused():
    with pytest.raises(DesignError, match="no margin"):
        verdict(evidence(guardrail((None, None), margin=None)))


def test_nothing_measured_is_refused():
    with pytest.raises(DesignError, match="success or guardrail"):
        verdict(evidence())


def test_an_unknown_date_is_said_without_one():
    found = verdict(evidence(success(WIDE), last=None))
    assert found.until is None
    assert "in 7 days" in found.sentence
    assert "later" in verdict(evidence(success(WIDE), days_to_target=None)).sentence


# The whole table, and JSON.


def every_evidence():
    for procedure, interval, gap, shared, final, early, otherwise in product(
        Procedure, [UP, DOWN, WIDE], [KEPT, BROKEN, OPEN], [False, True], [False, True],
        [False, True], [Word.HOLD, Word.SHIP, Word.ROLL_BACK],
    ):  # fmt: skip
        status = Status.WARN if early else Status.PASS
        yield evidence(
            success(interval), guardrail(gap), procedure=procedure, pool_shared=shared,
            final=final, otherwise=otherwise, health=health(full_weeks=status),
        )  # fmt: skip


def test_nothing_ships_without_every_guardrail_kept_a_full_runtime_and_an_own_pool():
    for given in every_evidence():
        found = verdict(given)
        one, other = given.measured
        if found.word is Word.SHIP:
            assert not given.pool_shared
            assert (other.gap_low or 0) > 0
            assert (one.high or 0) > 0
            assert all(status is Status.PASS for _, status in given.health)
        if found.word is Word.CANNOT_DECIDE:
            assert given.pool_shared


def test_the_same_evidence_gives_the_same_bytes():
    for given in every_evidence():
        text = json.dumps(as_json(verdict(given)), allow_nan=False)
        assert text == json.dumps(as_json(verdict(replace(given))), allow_nan=False)
        json.dumps(as_json(given), allow_nan=False)


def test_json_keeps_the_order_of_fields_and_has_plain_values():
    found = as_json(verdict(evidence(success(UP), guardrail((float("nan"), 0.1)))))
    assert list(found) == [
        "word", "arm", "reason", "sentence", "clauses", "decisive_outcome", "until", "arms",
    ]  # fmt: skip
    assert (found["word"], found["until"]) == ("HOLD", "2026-03-21")
    assert list(found["clauses"][0]) == ["name", "holds", "words"]
    assert as_json(evidence(guardrail((float("nan"), 0.1))))["measured"][0]["gap_low"] is None


def test_health_is_the_worst_of_each_check():
    found = health_of(
        Finding(name=name, status=status, meaning="Said.")
        for name, status in [("a", Status.WARN), ("b", Status.PASS), ("a", Status.PASS)]
    )
    assert found == (("a", Status.WARN), ("b", Status.PASS))


@pytest.mark.parametrize("procedure", Procedure)
@pytest.mark.parametrize("metrics", [1, 2])
def test_what_estimates_are_decided_by_is_what_a_verdict_accepts(procedure, metrics):
    rng = np.random.default_rng(1)
    arm, x = np.arange(400) % 2, rng.normal(size=(400, 2))
    names = ("revenue", "orders")
    moments = moments_of(arm, x, arms=("A", "B"), columns=names)
    read = [Reading(metric=name, level=Part(numerator=name)) for name in names[:metrics]]
    estimates = effects(moments, read, Asked(arm_column="arm", adjustment=Adjustment.NONE))
    rules = Rules(procedure=procedure, level=0.95, seed=1)
    found = decide(estimates, rules, together=True)
    alone = decide(estimates, rules, together=False)
    rows = [
        replace(success((low, high), name=name), procedure=Made(found.method))
        for low, high, name in zip(found.low, found.high, names[:metrics], strict=True)
    ]
    rows.append(replace(guardrail(KEPT), procedure=Made(alone.method)))
    given = Evidence(measured=tuple(rows), health=HEALTHY, procedure=procedure, final=True)
    assert verdict(given).word in Word


def test_nothing_measured_is_invalid_where_a_check_failed_and_an_error_elsewhere() -> None:
    found = verdict(evidence(health=(("empty arms", Status.FAIL), *HEALTHY)))
    assert (found.word, found.reason) == (Word.CANNOT_DECIDE, Reason.INVALID)
    assert (found.arm, found.arms) == (None, ())
    with pytest.raises(DesignError, match="nothing can be decided"):
        verdict(evidence())
