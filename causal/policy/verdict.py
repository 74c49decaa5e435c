"""SHIP, HOLD, ROLL BACK or CANNOT DECIDE: a pure function of what was measured and how healthy."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from causal.base.errors import DesignError
from causal.base.finding import Status
from causal.content.outcome import Role
from causal.estimation.experiment.decided import Procedure
from causal.policy import verdict_words as words
from causal.policy.evidence import (
    FARTHEST,
    WAITED_FOR,
    Clause,
    Evidence,
    Made,
    Measured,
    Reason,
    Ruling,
    Verdict,
    Word,
)

EARLY = ("minimum runtime", "full weeks")
"""Checks that say a healthy experiment is too young, and nothing worse."""
_DECIDES: Mapping[Procedure, Mapping[Role, tuple[Made, ...]]] = {
    Procedure.FIXED: {
        Role.SUCCESS: (Made.MAX_T, Made.BONFERRONI),
        Role.GUARDRAIL: (Made.POINTWISE,),
    },
    Procedure.SEQUENTIAL: dict.fromkeys(
        (Role.SUCCESS, Role.GUARDRAIL), (Made.CONFIDENCE_SEQUENCE,)
    ),
    Procedure.GROUP_SEQUENTIAL: dict.fromkeys(
        (Role.SUCCESS, Role.GUARDRAIL), (Made.GROUP_SEQUENTIAL,)
    ),
}
_GUARDED = ("no guardrail broken", "every guardrail kept")
_GAINED = ("a success metric better", "no success metric worse")
_WORD = {
    Reason.INVALID: Word.CANNOT_DECIDE,
    Reason.NOT_IDENTIFIED: Word.CANNOT_DECIDE,
    Reason.NOT_ESTIMABLE: Word.CANNOT_DECIDE,
    Reason.GUARDRAIL_BROKEN: Word.ROLL_BACK,
    Reason.SHOWN: Word.SHIP,
}


def verdict(evidence: Evidence) -> Verdict:
    """Decide by the first row that holds, for each treatment arm.

    *Better* and *worse*: the decision interval of a success metric lies wholly on one side of zero,
    as its goal points. A guardrail is *broken* when the whole interval of its distance to the
    margin is below zero, *kept* when it is above, else *unclear*. *Read now*: a fixed analysis is
    read once, when the planned units, the minimum runtime and full weeks are reached; the other
    procedures allow every look. Secondary and long-term metrics never enter.

    ===  =====================================================  ================================
    row  first that holds                                       word
    ===  =====================================================  ================================
    1    a check of the gate failed                             CANNOT DECIDE (invalid)
    2    a guardrail is broken, and may be read now             ROLL BACK
    3    arms share a pool: the effect is not identified        CANNOT DECIDE (not identified)
    4    fixed, and the planned units are not reached           HOLD until they are
    5    minimum runtime or full weeks not reached              HOLD until they are
    6    a success metric is not estimable                      CANNOT DECIDE (not estimable)
    7    a success metric better and another worse              HOLD (a trade-off to weigh)
    8    one better, none worse, every guardrail kept           SHIP
    9    one better, a guardrail unclear, not yet precise       HOLD until precise
    10   one better, a guardrail unclear, precise or final      `otherwise`; HOLD for SHIP
    11   one worse, none better                                 HOLD; ROLL BACK if `otherwise` is
    12   none better or worse, not yet precise                  HOLD until precise
    13   none better or worse, precise or final                 `otherwise`; HOLD for SHIP while a
                                                                guardrail is unclear
    ===  =====================================================  ================================

    Too short a runtime is no illness: a reader of a healthy young experiment is told to wait and
    until when, and a harmful one may still be stopped where the procedure allows to look. *Precise*
    means every success metric of the arm; *final* the planned units or the last look.

    Over several arms: SHIP the one whose first success metric has the highest lower bound; ROLL
    BACK when every arm is; CANNOT DECIDE when one cannot be decided; else HOLD.

    Parameters
    ----------
    evidence
        Success metrics and guardrails of at least one treatment arm, measured by the procedure; of
        none where a check of the gate failed or says to wait.

    Raises
    ------
    DesignError
        A success metric or guardrail has an interval that is for display only, a guardrail has no
        margin, or nothing was measured though no check failed.
    """
    deciding = tuple(m for m in evidence.measured if m.role in (Role.SUCCESS, Role.GUARDRAIL))
    _refuse(evidence, deciding)
    arms = tuple(dict.fromkeys(each.arm for each in deciding)) or ("",)
    facts = [_facts(evidence, arm, tuple(m for m in deciding if m.arm == arm)) for arm in arms]
    return _over_arms(facts, tuple(_ruling(evidence, each) for each in facts))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """How the conditions stand in one arm; its name is empty where none was measured."""

    arm: str
    failed: tuple[str, ...]
    early: tuple[str, ...]
    success: tuple[Measured, ...]
    better: tuple[Measured, ...]
    worse: tuple[Measured, ...]
    unknown: tuple[Measured, ...]
    guardrails: tuple[Measured, ...]
    broken: tuple[Measured, ...]
    unclear: tuple[Measured, ...]
    reached: bool
    read_now: bool


def _refuse(evidence: Evidence, deciding: tuple[Measured, ...]) -> None:
    if not deciding and not _failed(evidence) and not _early(evidence):
        raise DesignError(
            "No success metric or guardrail was measured in a treatment arm, so nothing can be "
            "decided. Give an outcome the role success or guardrail."
        )
    compared = sum(each.role is Role.SUCCESS for each in deciding)
    for each in deciding:
        allowed = _DECIDES[evidence.procedure][each.role]
        if evidence.procedure is Procedure.FIXED and compared == 1:
            allowed = (*allowed, Made.POINTWISE)
        if not each.decisive or each.procedure not in allowed:
            raise DesignError(
                f"The interval of '{each.outcome}' in arm '{each.arm}' ({each.procedure}) is for "
                f"display: this study decides by the {evidence.procedure} procedure. Give the "
                f"interval that was made as: {' or '.join(allowed)}."
            )
        if each.role is Role.GUARDRAIL and each.margin is None:
            raise DesignError(
                f"The guardrail '{each.outcome}' has no margin, so it can be neither kept nor "
                "broken. Say in the study how much worse it may get: margin or absolute_margin."
            )


def _failed(evidence: Evidence) -> tuple[str, ...]:
    """Checks that make the experiment invalid."""
    return tuple(n for n, s in evidence.health if n not in EARLY and s is Status.FAIL)


def _early(evidence: Evidence) -> tuple[str, ...]:
    """Checks that say to wait: of an empty arm a FAIL makes the experiment invalid instead."""
    return tuple(
        n
        for n, s in evidence.health
        if (n in EARLY and s is not Status.PASS) or (n == WAITED_FOR and s is Status.WARN)
    )


def _facts(evidence: Evidence, arm: str, measured: tuple[Measured, ...]) -> _Facts:
    success = tuple(each for each in measured if each.role is Role.SUCCESS)
    guardrails = tuple(each for each in measured if each.role is Role.GUARDRAIL)
    early = _early(evidence)
    fixed = evidence.procedure is Procedure.FIXED
    final = evidence.final or (fixed and not evidence.planned)
    return _Facts(
        arm=arm,
        failed=_failed(evidence),
        early=early,
        success=success,
        better=tuple(m for m in success if _side(m.toward_goal()) > 0),
        worse=tuple(m for m in success if _side(m.toward_goal()) < 0),
        unknown=tuple(m for m in success if m.toward_goal() is None),
        guardrails=guardrails,
        broken=tuple(m for m in guardrails if _side(m.inside_margin()) < 0),
        unclear=tuple(m for m in guardrails if _side(m.inside_margin()) == 0),
        reached=final or (bool(success) and all(each.precise for each in success)),
        read_now=not fixed or (final and not early),
    )


def _side(interval: tuple[float, float] | None) -> int:
    """On which side of zero an interval lies: 1, -1, or 0 when it holds zero or is not there."""
    if interval is None:
        return 0
    return 1 if interval[0] > 0 else -1 if interval[1] < 0 else 0


def _reason(evidence: Evidence, facts: _Facts) -> Reason:
    """The first row that holds."""
    better, worse, unclear = map(bool, (facts.better, facts.worse, facts.unclear))
    unread = not facts.read_now and not facts.early
    rows = (
        (bool(facts.failed), Reason.INVALID),
        (bool(facts.broken) and facts.read_now, Reason.GUARDRAIL_BROKEN),
        (evidence.pool_shared, Reason.NOT_IDENTIFIED),
        (unread, Reason.NOT_DUE),
        (bool(facts.early), Reason.TOO_EARLY),
        (bool(facts.unknown), Reason.NOT_ESTIMABLE),
        (better and worse, Reason.TRADE_OFF),
        (better and not unclear, Reason.SHOWN),
        (better and not facts.reached, Reason.GUARDRAIL_UNCLEAR),
        (worse, Reason.WORSE),
        (not better and not facts.reached, Reason.NOT_PRECISE),
    )
    return next((reason for holds, reason in rows if holds), Reason.AS_DECLARED)


def _word(evidence: Evidence, facts: _Facts, reason: Reason) -> Word:
    if reason is Reason.AS_DECLARED:
        keeps = evidence.otherwise is Word.SHIP and bool(facts.unclear)
        return Word.HOLD if keeps else evidence.otherwise
    if reason is Reason.WORSE and evidence.otherwise is Word.ROLL_BACK:
        return Word.ROLL_BACK
    return _WORD.get(reason, Word.HOLD)


def _ruling(evidence: Evidence, facts: _Facts) -> Ruling:
    reason = _reason(evidence, facts)
    word = _word(evidence, facts, reason)
    decisive = _decisive(facts, reason)
    far = word is Word.HOLD and _far(evidence, reason)
    until = _until(evidence, reason) if word is Word.HOLD and not far else None
    said = words.Said(
        arm=facts.arm,
        word=word,
        reason=reason,
        until=until,
        days=evidence.days_to_target,
        far=far,
        failed=facts.failed,
        early=facts.early,
        better=facts.better,
        worse=facts.worse,
        unknown=facts.unknown,
        broken=facts.broken,
        unclear=facts.unclear,
        guarded=bool(facts.guardrails),
        because=evidence.because,
    )
    return Ruling(
        arm=facts.arm,
        word=word,
        reason=reason,
        sentence=words.sentence_of(said),
        clauses=_clauses(evidence, facts, reason),
        decisive_outcome=None if decisive is None else decisive.outcome,
        until=until,
    )


def _decisive(facts: _Facts, reason: Reason) -> Measured | None:
    """The metric a sentence is about."""
    about = {
        Reason.GUARDRAIL_BROKEN: facts.broken,
        Reason.SHOWN: facts.better,
        Reason.NOT_ESTIMABLE: facts.unknown,
        Reason.TRADE_OFF: facts.worse,
        Reason.GUARDRAIL_UNCLEAR: facts.unclear,
        Reason.WORSE: facts.worse,
        Reason.NOT_PRECISE: facts.success or facts.unclear,
        Reason.AS_DECLARED: facts.unclear or facts.success,
    }.get(reason, ())
    return about[0] if about else None


def _for_units(evidence: Evidence, reason: Reason) -> bool:
    """Whether a reason waits for units, as a fixed analysis does before its end."""
    fixed = evidence.procedure is Procedure.FIXED and not evidence.final
    waits = (Reason.NOT_DUE, Reason.GUARDRAIL_UNCLEAR, Reason.NOT_PRECISE)
    return reason in waits or (reason is Reason.TOO_EARLY and fixed)


def _far(evidence: Evidence, reason: Reason) -> bool:
    """Whether what a reason waits for is too far off for a date."""
    days = evidence.days_to_target
    return days is not None and days > FARTHEST and _for_units(evidence, reason)


def _until(evidence: Evidence, reason: Reason) -> date | None:
    """When to look again: the later of the dates that the reason waits for."""
    days, waits = evidence.days_to_target, []
    if _for_units(evidence, reason) and evidence.last is not None and days is not None:
        waits.append(evidence.last + timedelta(days=days))
    if reason in (Reason.NOT_DUE, Reason.TOO_EARLY) and evidence.earliest is not None:
        waits.append(evidence.earliest)
    return max(waits, default=None)


def _clauses(evidence: Evidence, facts: _Facts, reason: Reason) -> tuple[Clause, ...]:
    """Every condition there is something for; an invalid experiment is judged by the first alone."""
    judged = reason is not Reason.INVALID
    read = facts.read_now
    gains = read and not evidence.pool_shared
    known = not facts.unknown
    stated: tuple[tuple[str, bool | None], ...] = (
        ("identified", not evidence.pool_shared),
        ("due", read if not facts.early else False),
        ("no guardrail broken", not facts.broken if read else None),
        (
            "a success metric better",
            bool(facts.better) if gains and (known or facts.better) else None,
        ),
        ("no success metric worse", not facts.worse if gains and (known or facts.worse) else None),
        ("every guardrail kept", not (facts.broken or facts.unclear) if read else None),
        ("planned precision", facts.reached if evidence.planned else None),
    )
    named = {
        "valid": facts.failed,
        "due": facts.early,
        "no guardrail broken": facts.broken,
        "a success metric better": facts.better,
        "no success metric worse": facts.worse,
        "every guardrail kept": (*facts.broken, *facts.unclear),
    }
    absent = (() if facts.guardrails else _GUARDED) + (() if facts.success else _GAINED)
    listed = (
        ("valid", not facts.failed),
        *((name, holds if judged else None) for name, holds in stated if name not in absent),
    )
    because = evidence.because
    return tuple(
        Clause(name=name, holds=holds, words=words.clause(name, named.get(name, ()), holds=holds))
        if name != "identified" or because is None
        else Clause(name=name, holds=holds, words=words.identified(because, holds=holds))
        for name, holds in listed
    )


def _over_arms(facts: list[_Facts], rulings: tuple[Ruling, ...]) -> Verdict:
    """One verdict over the arms."""
    given = [each.word for each in rulings]
    if Word.SHIP in given:
        shipped = [at for at, word in enumerate(given) if word is Word.SHIP]
        lead = max(shipped, key=lambda at: (_lower(facts[at]), -at))
    elif all(word is Word.ROLL_BACK for word in given):
        lead = 0
    else:
        wanted = Word.CANNOT_DECIDE if Word.CANNOT_DECIDE in given else Word.HOLD
        lead = given.index(wanted) if wanted in given else 0
    chosen = rulings[lead]
    about_one = len(rulings) == 1 or chosen.word is Word.SHIP
    return Verdict(
        word=chosen.word,
        arm=(chosen.arm or None) if about_one else None,
        reason=chosen.reason,
        sentence=words.over_arms(chosen, rulings),
        clauses=chosen.clauses,
        decisive_outcome=chosen.decisive_outcome,
        until=chosen.until,
        arms=tuple(each for each in rulings if each.arm),
    )


def _lower(facts: _Facts) -> float:
    """Lower bound of the first success metric, better pointing up."""
    interval = facts.success[0].toward_goal() if facts.success else None
    return -math.inf if interval is None else interval[0]
