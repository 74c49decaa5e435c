"""The answer, outcome by outcome: the effect, the corrected one, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import human, p_is, percent, scale_of
from causal.policy.rollout import reading_of, unseen
from causal.reporting._parts import IDENTIFICATIONS
from causal.reporting._view import Banner, Block, Card, Cards, Cell, Chips, Section, Text, Tone
from causal.reporting.rollout._parts import outcome_of, outcomes, scale, stop_of, titled, tone

MOST = 3
_GUARDS: Mapping[str, tuple[str, Tone]] = {
    "kept": ("\u2713 ", "good"),
    "broken": ("\u2717 ", "bad"),
    "unclear": ("? ", "warn"),
    "unseen": ("? ", "warn"),
}


def section(result: Mapping[str, Any]) -> Section | None:
    """Answer the question for each outcome."""
    made = outcomes(result)
    if not made:
        return None
    blocks: list[Block] = []
    if result["decision"]["greyed"]:
        blocks.append(
            Banner(
                title="No effect is shown",
                text="A check failed that takes effects off the page: see the checks.",
                tone="bad",
            )
        )
    cards = [_card(result, own) for own in made]
    blocks += [Cards(items=tuple(cards[k : k + MOST])) for k in range(0, len(cards), MOST)]
    guards = [cell for own in made if (cell := _guard(result, own)) is not None]
    if guards:
        blocks.append(Chips(label="Guardrails", items=tuple(guards)))
    chance = made[0]["chance"]
    if chance is not None:
        blocks.append(
            Text(
                text="Dates were drawn by lot: had the rollout done nothing to anyone, dealing them "
                f"anew would give as large an effect with {p_is(chance)} (exact).",
                style="note",
            )
        )
    return Section(order=10, id="answer", chapter="Answer", title="Answer", blocks=tuple(blocks))


def _card(result: Mapping[str, Any], own: Mapping[str, Any]) -> Card:
    reading = reading_of(own["contamination"], result["study"]["pool"])
    overall, entities = own["overall"], result["staggered"]["entities"]
    study = result["study"]
    name, level = titled(own), percent(study["level"])
    badge = "randomized" if study["assignment"] == "randomized" else "natural experiment"
    stop = stop_of(result, own)
    if stop or overall["why"] or reading == "cannot be told":
        why = stop or overall["why"] or f"{entities} share a pool"
        return _empty(name, str(why))
    if reading in ("corrected", "range"):
        return _counted(result, own, reading, badge)
    written = scale(result, own["outcome"])
    clear = overall["ci_low"] > 0 or overall["ci_high"] < 0
    between = f"{written.interval(overall['ci_low'], overall['ci_high'])} {written.unit}".rstrip()
    shown = tone(result, own, overall)
    baseline = outcome_of(result, own["outcome"])["baseline"]
    return Card(
        name=name,
        value=written.effect(overall["value"]),
        direction="" if not clear else "\u25b2" if overall["value"] > 0 else "\u25bc",
        interval=f"{between}: values consistent with the data ({level})",
        relative=f"{percent(overall['value'] / abs(baseline), sign=True)} relative"
        if baseline
        else "",
        badge=IDENTIFICATIONS[badge],
        words="mean over adopters, from adoption on"
        + (f"; if {entities} do not share a pool" if reading == "open" else ""),
        tone=shown,
        judgement={"good": "good", "bad": "bad"}.get(shown, ""),
    )


def _empty(name: str, why: str) -> Card:
    return Card(
        name=name,
        value="\u2013",
        direction="",
        interval="no effect is shown",
        relative="",
        badge=IDENTIFICATIONS["not estimable"],
        words=why,
        tone="quiet",
        judgement="no verdict",
    )


def _counted(result: Mapping[str, Any], own: Mapping[str, Any], reading: str, badge: str) -> Card:
    """The effect against no rollout at all: an interval, or a range."""
    spill, level = own["contamination"], percent(result["study"]["level"])
    low, high = spill["total"]
    if reading == "range":
        low, high = min(low, spill["plain"][0]), max(high, spill["plain"][1])
    outcome = outcome_of(result, own["outcome"])
    written = scale_of(outcome, [{"ci_low": low, "ci_high": high}])
    clear = low > 0 or high < 0
    up = outcome["goal"] == "increase"
    shown: Tone = "quiet"
    if clear and reading == "corrected":
        shown = "good" if (low > 0) == up else "bad"
    corrected = reading == "corrected"
    entities = result["staggered"]["entities"]
    return Card(
        name=titled(own),
        value=f"{written.interval(low, high)} {written.unit}".rstrip(),
        direction="" if not clear else "\u25b2" if low > 0 else "\u25bc",
        interval=f"{level} interval of the corrected effect"
        if corrected
        else f"range over {level} intervals with and without correction",
        relative="",
        badge=IDENTIFICATIONS[badge if corrected else "descriptive"],
        words=f"against no rollout at all: untreated {entities} were reached too"
        if corrected
        else f"whether untreated {entities} were reached is open",
        tone=shown,
        judgement={"good": "good", "bad": "bad"}.get(shown, "" if corrected else "no verdict"),
    )


def _guard(result: Mapping[str, Any], own: Mapping[str, Any]) -> Cell | None:
    """Whether a guardrail with a margin is kept, by the interval of its effect."""
    outcome = outcome_of(result, own["outcome"])
    if outcome["role"] != "guardrail" or not outcome["margin"]:
        return None
    name, allowed = human(outcome["name"]), percent(outcome["margin"])
    reading = reading_of(own["contamination"], result["study"]["pool"])
    overall, baseline = own["overall"], outcome["baseline"]
    known = (
        reading in ("clean", "open") and not stop_of(result, own) and overall["ci_low"] is not None
    )
    if not known or not baseline:
        mark, shown = _GUARDS["unclear"]
        return Cell(text=f"{mark}{name}: not told", tone=shown)
    sign = 1 if outcome["goal"] == "increase" else -1
    worst, best = sorted((sign * overall["ci_low"], sign * overall["ci_high"]))
    floor = -outcome["margin"] * abs(baseline)
    status = "kept" if worst > floor else "broken" if best < floor else "unclear"
    if status == "kept" and unseen("ruled out", own["pretrend"]):
        status = "unseen"
    mark, shown = _GUARDS[status]
    said = {
        "kept": f"harm beyond {allowed} is ruled out",
        "broken": f"harmed beyond {allowed}",
        "unclear": f"harm beyond {allowed} is not ruled out",
        "unseen": f"harm beyond {allowed} is ruled out only if trends stayed alike",
    }[status]
    return Cell(text=f"{mark}{name}: {said}", tone=shown)
