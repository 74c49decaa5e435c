"""A verdict on an experiment in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from causal.content.wording import figure, human, percent, quoted, sentence, together
from causal.policy.evidence import WAITED_FOR, Made, Measured, Reason, Ruling, Word

RULE = (
    "A failed check of the gate: CANNOT DECIDE. A guardrail worse than its margin: ROLL BACK. Arms "
    "that share one pool of exposure, where the effect of a full roll-out is not identified: "
    "CANNOT DECIDE. A success metric that is not estimable: CANNOT DECIDE. At least one success metric better, none worse, and every guardrail within its "
    "margin: SHIP. The plan at its end and nothing shown: as the study declared. "
    "Otherwise HOLD, with the date to look again."
)
_MADE: Mapping[Made, str] = {
    Made.POINTWISE: "interval",
    Made.MAX_T: "interval (for all comparisons at once)",
    Made.BONFERRONI: "interval (for all comparisons at once)",
    Made.CONFIDENCE_SEQUENCE: "interval (valid at every look)",
    Made.GROUP_SEQUENTIAL: "interval (allowing for the planned looks)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the sentence on one arm is made of."""

    arm: str
    word: Word
    reason: Reason
    until: date | None
    days: int | None
    far: bool
    failed: Sequence[str]
    early: Sequence[str]
    better: Sequence[Measured]
    worse: Sequence[Measured]
    unknown: Sequence[Measured]
    broken: Sequence[Measured]
    unclear: Sequence[Measured]
    guarded: bool
    because: str | None = None


def sentence_of(said: Said) -> str:
    """Say the ruling on one arm and why."""
    written = {
        Reason.INVALID: _invalid,
        Reason.GUARDRAIL_BROKEN: _broken,
        Reason.NOT_IDENTIFIED: _not_identified,
        Reason.NOT_DUE: _not_due,
        Reason.TOO_EARLY: _too_early,
        Reason.NOT_ESTIMABLE: _not_estimable,
        Reason.SHOWN: _shown,
        Reason.TRADE_OFF: _trade_off,
        Reason.GUARDRAIL_UNCLEAR: _guardrail_unclear,
        Reason.WORSE: _worse,
        Reason.NOT_PRECISE: _not_precise,
        Reason.AS_DECLARED: _as_declared,
    }
    return written[said.reason](said)


def _invalid(said: Said) -> str:
    return (
        f"The experiment is not valid ({together(said.failed)} failed): its effects are for "
        "debugging only."
    )


def _broken(said: Said) -> str:
    worst = said.broken[0]
    return (
        f"Roll back {said.arm}: {_named(worst)} is worse than {_margin(worst)}; "
        f"{_gap(worst)}.{_more(said.broken)}"
    )


def _not_identified(said: Said) -> str:
    if said.because is not None:
        return f"The global effect is not identified by this design, because {said.because}."
    return (
        f"The effect of a full roll-out of {said.arm} is not identified by this design, because "
        "treated and control units share one pool of exposure: what one arm gains the other may "
        "lose."
    )


def _not_due(said: Said) -> str:
    return (
        f"Hold {said.arm}: the analysis is fixed and read once, when the planned units are "
        f"reached; they are {_expected(said)}."
    )


def _too_early(said: Said) -> str:
    read = f"; it may be read{when}" if (when := _when(said)) else ""
    if said.far:
        read = f"; what was planned is {_expected(said)}"
    runs = tuple(name for name in said.early if name != WAITED_FOR)
    why = [f"{together(runs)} not reached"] if runs else []
    why += ["an arm is still empty"] if WAITED_FOR in said.early else []
    who = f"Hold {said.arm}" if said.arm else "Hold"
    return f"{who}: it is too early to decide, {together(why)}{read}."


def _not_estimable(said: Said) -> str:
    first = said.unknown[0]
    why = f": {first.why}" if first.why else ""
    return (
        f"The effect of {said.arm} on {_named(first)} is not estimable{why}.{_more(said.unknown)}"
    )


def _shown(said: Said) -> str:
    kept = ", and every guardrail is within its margin" if said.guarded else ""
    return f"Ship {said.arm}: {_moved(said.better[0], 'better')}{kept}.{_more(said.better)}"


def _trade_off(said: Said) -> str:
    return (
        f"Hold {said.arm}: {_moved(said.worse[0], 'worse')}, while {_named(said.better[0])} is "
        "better. The rule does not weigh one success metric against another."
    )


def _guardrail_unclear(said: Said) -> str:
    return (
        f"Hold {said.arm}: {_moved(said.better[0], 'better')}, but {_open(said.unclear[0])}; the "
        f"planned precision is {_expected(said)}."
    )


def _worse(said: Said) -> str:
    verb = "Roll back" if said.word is Word.ROLL_BACK else "Hold"
    declared = ", as the study declared" if said.word is Word.ROLL_BACK else ""
    return f"{verb} {said.arm}{declared}: {_moved(said.worse[0], 'worse')}.{_more(said.worse)}"


def _not_precise(said: Said) -> str:
    return (
        f"Hold {said.arm}: no clear effect on a success metric yet; the planned precision is "
        f"{_expected(said)}."
    )


def _as_declared(said: Said) -> str:
    verb = {Word.SHIP: "Ship", Word.ROLL_BACK: "Roll back"}.get(said.word, "Hold")
    shown = (
        _moved(said.better[0], "better") if said.better else "no clear effect on a success metric"
    )
    but = f", and {_open(said.unclear[0])}" if said.unclear else ""
    why = "at the end of its plan" if verb == "Hold" else "as declared for the end of its plan"
    return f"{verb} {said.arm} {why}: {shown}{but}."


def _named(metric: Measured) -> str:
    return quoted(human(metric.outcome))


def _margin(metric: Measured) -> str:
    size = figure(metric.margin) if metric.absolute else percent(metric.margin)
    return f"its margin of {size}"


def _moved(metric: Measured, how: str) -> str:
    low, high = (
        f"{'+' if end and end > 0 else ''}{figure(end)}" for end in (metric.low, metric.high)
    )
    return f"{_named(metric)} is {how}, with an {_MADE[metric.procedure]} of its effect from {low} to {high}"


def _gap(metric: Measured) -> str:
    ends = f"{figure(metric.gap_low)} to {figure(metric.gap_high)}"
    return f"its distance to the margin is {ends}, all of it beyond"


def _open(metric: Measured) -> str:
    return f"harm to {_named(metric)} beyond {_margin(metric)} is not ruled out"


def _more(listed: Sequence[Measured]) -> str:
    if len(listed) < 2:
        return ""
    return f" The same holds for {together(_named(each) for each in listed[1:])}."


def _expected(said: Said) -> str:
    if said.far:
        return "not expected within two years at this pace"
    return f"expected{_when(said, otherwise=' later')}"


def _when(said: Said, otherwise: str = "") -> str:
    if said.until is not None:
        return f" on {said.until}"
    if said.days is not None:
        return f" in {said.days} days"
    return otherwise


def clause(name: str, about: Sequence[object], *, holds: bool | None) -> str:
    """Say how one condition stands, with what it is about."""
    named = [_named(each) if isinstance(each, Measured) else str(each) for each in about]
    listed = f": {together(named)}" if named else ""
    if holds is None:
        return f"{sentence(name)}: not judged."
    tells = holds == (name == "a success metric better")
    return _CLAUSES[name][0 if holds else 1] + (listed if tells else "") + "."


def identified(because: str, *, holds: bool | None) -> str:
    """Say whether the effect of a full roll-out is identified, and why."""
    if holds is None:
        return "Identified: not judged."
    told = "is" if holds else "is not"
    return f"The effect of a full roll-out {told} identified: {because}."


_CLAUSES: Mapping[str, tuple[str, str]] = {
    "valid": ("Every check of the gate passed", "Checks of the gate failed"),
    "identified": (
        "Arms do not share one pool of exposure",
        "Arms share one pool of exposure, so the effect of a full roll-out is not identified",
    ),
    "due": ("The procedure may decide now", "It is too early to decide"),
    "no guardrail broken": (
        "No guardrail is worse than its margin",
        "Guardrails are worse than their margins",
    ),
    "a success metric better": ("Success metrics are better", "No success metric is better"),
    "no success metric worse": ("No success metric is worse", "Success metrics are worse"),
    "every guardrail kept": (
        "Every guardrail is within its margin",
        "Harm beyond the margin is not ruled out",
    ),
    "planned precision": (
        "The planned units, or the planned precision, are reached",
        "Neither the planned units nor the planned precision are reached",
    ),
}


def over_arms(chosen: Ruling, rulings: Sequence[Ruling]) -> str:
    """The sentence of the arm that decided, and in a few words what holds for the others."""
    others = [each for each in rulings if each is not chosen]
    if not others or chosen.reason is Reason.INVALID:
        return chosen.sentence
    said = "; ".join(f"{each.arm}: {each.word}" for each in others)
    return f"{chosen.sentence} Other arms: {said}."
