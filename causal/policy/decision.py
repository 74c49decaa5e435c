"""The decision: what to do, what not to do and what to test next, read off the effects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import count, human, quoted, sentence, together
from causal.policy.guardrails import guardrails
from causal.policy.interval import bounds
from causal.policy.reading import (
    Row,
    clear,
    compares_only,
    decisive,
    effects,
    first_sentence,
    good,
    kinds,
    label,
    remedy_parts,
    scale,
    spoken,
    stopped,
)

MOST_CARDS = 3
MOST_TITLED = 2
MOST_TESTS = 3
POWERED = 0.8416  # standard errors beyond the interval's half-width: 80% power
_CAUSAL = ("randomized", "natural experiment")
_PIE = (
    "These are effects of changing a few items while the rest stay as they are. If everyone "
    "changed, the gain may be much smaller: exposure is a fixed pie."
)


def decide(content: Mapping[str, Any]) -> dict[str, Any]:
    """Read the decision off a result.

    Parameters
    ----------
    content
        ``effects``, ``outcomes``, ``attributes``, ``agreement``, ``findings``, ``headline`` and
        the rest of the result, as ``docs/result.md`` has them.

    Returns
    -------
    dict
        ``title, subtitle, cards, do, do_not, test_next, guardrails, change_our_mind, caution,
        greyed, reason``. A failed check that stops the page leaves no verdict in it.
    """
    outcome = decisive(content)
    if outcome is None:
        return _nothing("This study has no outcome.")
    rows = effects(content, outcome=outcome["name"])
    leading = _leading(content, rows)
    reasons = stopped(content)
    greyed = bool(reasons)
    acting = [] if greyed else leading
    return {
        "title": _stopped_title(reasons) if greyed else _title(content, outcome, rows, leading),
        "subtitle": _subtitle(content, outcome),
        "cards": [_card(content, outcome, row, greyed=greyed) for row in leading[:MOST_CARDS]],
        "do": _do(content, outcome, acting),
        "do_not": _do_not(content, outcome, acting),
        "test_next": _test_next(content, outcome, rows, acting, reasons),
        "guardrails": [] if greyed else guardrails(content, leading[:MOST_CARDS]),
        "change_our_mind": _change_our_mind(content, rows, leading),
        "caution": None if greyed else _caution(outcome, leading),
        "greyed": greyed,
        "reason": _reason(reasons),
    }


def _reason(reasons: list[Row]) -> str | None:
    """Say why nothing can be decided, in one sentence for each failed check."""
    said = [sentence(first_sentence(str(each["meaning"]))) for each in reasons[:2]]
    return " ".join(said) or None


def _nothing(title: str) -> dict[str, Any]:
    lists = ("cards", "do", "do_not", "test_next", "guardrails", "change_our_mind")
    return {
        "title": title,
        "subtitle": "",
        **{name: [] for name in lists},
        "caution": None,
        "greyed": False,
        "reason": None,
    }


def _leading(content: Mapping[str, Any], rows: list[Row]) -> list[Row]:
    """Clear effects, the one that is largest even at the near end of its interval first."""
    found = [row for row in rows if clear(row) and row.get("estimate") is not None]
    return sorted(
        found,
        key=lambda row: (
            -min(_reach(content, row)),
            str(row["attribute"]),
            str(row["contrast"]),
        ),
    )


def _reach(content: Mapping[str, Any], row: Row) -> tuple[float, float]:
    """How far from zero the two ends of the deciding interval lie."""
    low, high = bounds(content, row)
    return (abs(low), abs(high)) if low is not None and high is not None else (0.0, 0.0)


def _stopped_title(reasons: list[Row]) -> str:
    names = together(human(each["name"]) for each in reasons)
    return f"Cannot decide: the check of {names} failed"


def _title(content: Mapping[str, Any], outcome: Row, rows: list[Row], leading: list[Row]) -> str:
    name = human(outcome["name"])
    if not rows or all(row.get("verdict") == "not estimable" for row in rows):
        return f"No effect on {name} could be estimated from these data"
    if not leading:
        names = {row["attribute"]: None for row in rows}
        if len(names) == 1:
            return f"No clear effect of {human(next(iter(names)))} on {name}"
        return f"No clear effect of any of the {len(names)} attributes on {name}"
    first, *others = leading[:MOST_TITLED]
    words = _claim(content, outcome, first, subject=True)
    parts = [_claim(content, outcome, row, subject=False) for row in others]
    return sentence("; ".join([words, *parts]))


def _claim(content: Mapping[str, Any], outcome: Row, row: Row, *, subject: bool) -> str:
    """Say one finding in as strong a verb as its identification allows."""
    name = human(outcome["name"]) if subject else "it"
    size = scale(content, outcome["name"]).size(row["estimate"])
    what = spoken(content, row)
    if row.get("identification") in _CAUSAL:
        return f"{what} {row['verdict']} {name} by {size}"
    more = "higher" if row["verdict"] == "raises" else "lower"
    measured = human(outcome["name"])
    if row.get("identification") == "adjusted":
        if not subject:
            return f"{what} with {size} {more}"
        return f"{what} is associated with {size} {more} {name} after adjustment"
    if not subject:
        return f"with {what} it is {size} {more}"
    return f"{measured} is {size} {more} with {what} (a comparison, not an effect)"


def _subtitle(content: Mapping[str, Any], outcome: Row) -> str:
    rows = effects(content, outcome=outcome["name"])
    population = next((row["population"] for row in rows if row.get("population")), None)
    unit = scale(content, outcome["name"]).heading
    measured = "Difference in" if compares_only(content) else "Effect on"
    parts = [f"{measured} {human(outcome['name'])}, in {unit}"]
    return "; ".join([*parts, str(population)] if population else parts)


def _card(content: Mapping[str, Any], outcome: Row, row: Row, *, greyed: bool) -> dict[str, Any]:
    keys = (
        "attribute",
        "contrast",
        "outcome",
        "estimate",
        "ci_low",
        "ci_high",
        "p_adjusted",
        "relative",
        "identification",
    )
    low, high = bounds(content, row)
    return {
        **{key: row.get(key) for key in keys},
        "low": low,
        "high": high,
        "verdict": None if greyed else row["verdict"],
        "good": None if greyed else good(row, outcome),
        "words": "" if greyed else _rollout(content, outcome, row),
    }


def _rollout(content: Mapping[str, Any], outcome: Row, row: Row) -> str:
    """Say what the estimate means at a stated size."""
    low, high = bounds(content, row)
    if outcome.get("kind") == "mean" or low is None or high is None:
        written = scale(content, outcome["name"])
        hedge = "" if row.get("identification") in _CAUSAL else ", if nothing unmeasured differs"
        return f"For one item: {written.effect(row['estimate'])} on average{hedge}."
    shown = human(str(outcome.get("unit_words") or outcome.get("denominator") or "units"))
    counted = human(str(outcome["numerator"])) if outcome.get("numerator") else "successes"
    near, far = sorted((abs(low), abs(high)))
    spread = (
        f"{_per_thousand(near)} to {_per_thousand(far)}"
        if low * high > 0
        else f"{_per_thousand(abs(low))} fewer to {_per_thousand(abs(high))} more"
    )
    more = "more" if row["estimate"] > 0 else "fewer"
    hedge = "" if row.get("identification") in _CAUSAL else " if nothing unmeasured differs"
    return (
        f"Per 1,000 {shown}, about {_per_thousand(abs(row['estimate']))} {more} {counted} "
        f"({spread}){hedge}."
    )


def _per_thousand(number: float) -> str:
    size = number * 1000
    return f"{size:,.0f}" if size >= 10 else f"{size:.1f}" if size >= 0.1 else f"{size:.2f}"


def _named(content: Mapping[str, Any], row: Row) -> str:
    """Name what a contrast changes to, as an order would."""
    name = human(str(row["attribute"]))
    first, middle, second = str(row.get("contrast") or "").partition(" - ")
    if kinds(content).get(str(row["attribute"]), "binary") == "binary" or not middle:
        return quoted(name)
    return f"{quoted(name)} at {first} rather than {second}"


def _harms(content: Mapping[str, Any], row: Row) -> list[str]:
    """Guardrails on which this contrast is clearly worse."""
    return [
        human(each["outcome"]) for each in guardrails(content, [row]) if each["status"] == "worse"
    ]


def _do(content: Mapping[str, Any], outcome: Row, leading: list[Row]) -> list[str]:
    return [
        f"Prefer {_named(content, row)} where it fits "
        f"({scale(content, outcome['name']).effect(row['estimate'])})."
        for row in leading
        if good(row, outcome) and row.get("identification") in _CAUSAL and not _harms(content, row)
    ][:MOST_TESTS]


def _do_not(content: Mapping[str, Any], outcome: Row, leading: list[Row]) -> list[str]:
    said = []
    for row in leading:
        if row.get("identification") not in _CAUSAL:
            continue
        harmed = _harms(content, row)
        name = _named(content, row)
        size = scale(content, outcome["name"]).effect(row["estimate"])
        if good(row, outcome) is False:
            said.append(f"Avoid {name} without a reason ({size}).")
        elif harmed:
            said.append(f"Do not roll out {name}: it is clearly worse on {together(harmed)}.")
    return said[:MOST_TESTS]


def _test_next(
    content: Mapping[str, Any],
    outcome: Row,
    rows: list[Row],
    leading: list[Row],
    reasons: list[Row],
) -> list[str]:
    if reasons:
        return [_repair(each) for each in reasons][:MOST_TESTS]
    said = [
        f"{sentence(label(content, row))}: confirm by an experiment. It is associated with "
        f"{human(outcome['name'])} after adjustment "
        f"({scale(content, outcome['name']).effect(row['estimate'])}), "
        "and if nothing unmeasured differs this is its effect."
        for row in leading
        if row.get("identification") == "adjusted"
    ][:2]
    said += _disagreeing(content, outcome)
    said += [_undecided(content, outcome, row) for row in _promising(content, rows)]
    return said[:MOST_TESTS]


def _repair(finding: Row) -> str:
    """Say what to do about a failed check; lines to paste stay with the finding itself."""
    remedy, pasted = remedy_parts(str(finding.get("remedy") or ""))
    where = " (the line stands with the check)" if pasted else ""
    said = (remedy or str(finding["meaning"])).rstrip(".:")
    return f"{said}{where}. Then run the study again."


def _disagreeing(content: Mapping[str, Any], outcome: Row) -> list[str]:
    """Designs of which neither settles the question and that do not agree."""
    strong = {
        each["name"] for each in content.get("designs", ()) if each.get("identification") in _CAUSAL
    }
    said = []
    for each in content.get("agreement", ()):
        pair = {each["first"], each["second"]}
        if content.get("headline") in strong and not pair <= strong:
            continue
        if each["outcome"] == outcome["name"] and each.get("status") in ("FAIL", "WARN"):
            said.append(
                f"{sentence(label(content, each))}: the designs {each['first']} and "
                f"{each['second']} disagree ({each.get('words') or 'see the ladder'})."
            )
    return said[:2]


def _promising(content: Mapping[str, Any], rows: list[Row]) -> list[Row]:
    """Undecided estimates, one an attribute, the one whose interval reaches farthest first."""
    far = [(max(_reach(content, row)), row) for row in rows]
    found = [each for each in far if each[1].get("verdict") == "no clear effect" and each[0] > 0]
    found.sort(key=lambda each: (-each[0], str(each[1]["attribute"]), str(each[1]["contrast"])))
    first: dict[str, Row] = {}
    for _, row in found:
        first.setdefault(str(row["attribute"]), row)
    return list(first.values())


def _undecided(content: Mapping[str, Any], outcome: Row, row: Row) -> str:
    written = scale(content, outcome["name"])
    low, high = bounds(content, row)
    error = row.get("std_error")
    detectable = ""
    if error and low is not None and high is not None:
        least = (high - low) / 2 + POWERED * error
        detectable = f"; these data can detect about {written.size(least)}"
    between = f"{written.interval(low, high)} {written.unit}".rstrip()
    return f"{sentence(label(content, row))}: undecided ({between}){detectable}."


def _change_our_mind(content: Mapping[str, Any], rows: list[Row], leading: list[Row]) -> list[str]:
    said = []
    shown = leading[:MOST_CARDS] or rows[:1]
    if any(row.get("identification") in ("adjusted", "descriptive") for row in shown):
        said.append(
            "A factor that is not in the table, goes with the attribute and moves the outcome: "
            "only an experiment or a better comparison rules it out."
        )
    if any(row.get("identification") in _CAUSAL for row in shown):
        said.append(
            "A second experiment in which only this one attribute differs: content is a bundle, "
            "and variants that differ in one attribute often differ in others too."
        )
    said += _flagged_periods(content)
    if any(each.get("status") in ("FAIL", "WARN") for each in content.get("agreement", ())):
        said.append("The designs do not all agree; the ladder below shows where they part.")
    said.append(
        "The same comparison on newer data: taste moves, and these effects are of their "
        f"time{_window(content)}."
    )
    return said


def _flagged_periods(content: Mapping[str, Any]) -> list[str]:
    return [
        f"The period {each['starts']} to {each['ends']}, which the check of "
        f"{human(each['name'])} flags: the answer should hold with it and without it."
        for each in content.get("findings", ())
        if each.get("starts") and each.get("ends") and each["status"] == "WARN"
    ][:2]


def _window(content: Mapping[str, Any]) -> str:
    data = content.get("data", {})
    starts, ends = data.get("starts"), data.get("ends")
    return f" ({str(starts)[:10]} to {str(ends)[:10]})" if starts and ends else ""


def _caution(outcome: Row, leading: list[Row]) -> str | None:
    if not leading:
        return None
    units, used = outcome.get("units"), max((row.get("units") or 0 for row in leading), default=0)
    if not isinstance(units, int | float):
        return _PIE
    most = f"at most {count(used)} of {count(units)}" if 0 < used < units else count(units)
    return f"{_PIE} Each is estimated on {most} rows."
