"""What may be said of the paths of an attribute, what may not, and what would have to be logged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isfinite
from typing import Any

from causal.content.wording import Scale, human, percent, quoted, scale_of, sentence
from causal.estimation.paths.replay import RATIO
from causal.policy.interval import bounds
from causal.policy.reading import Row, clear, label

MOST_TESTS = 3
PATHS = ("user", "ranker", "total")
SPLIT = ("separable cells", "replay")
"""Designs that give both parts, the stronger first."""
LOG_EXPLORATION = (
    "Show items in random order on a small share of requests, and log which requests those are."
)
LOG_BLOCK = (
    "Name who made the item as block: lot orders the items, it does not make their makers alike."
)
LOG_REPLAY = (
    "Log each place's propensity, and the same with the flag of the item itself flipped: one more "
    "call of the ranker per impression."
)
LOG_CELLS = (
    "Randomise items to three cells of a few percent each: the ranker and users take them to have "
    "the attribute, the ranker alone, neither."
)
LOG_GLOBAL = "Change all items in some test markets, or use a simulator of the platform."
REPLAYED = "replay of the ranker with flipped flags"
FLAT = "every slot is taken to be looked at alike, since exploration traffic does not tell how much it is"
STOPPED = "It is logged, but nothing can be told from it: the table of the parts says why."
USERS = "What users see, per impression"
WARNING_TITLE = "For a few items, not for all"
WARNING = (
    "These gains are those of an item when few others change. Adding the attribute to every item "
    "cannot add exposure: it is a fixed sum, and what one item gets from the ranker another loses. "
    "What users take to stays, impression by impression. The effect of changing every item cannot "
    "be told from this table."
)


def support(declared: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What can be said from what is logged.

    Parameters
    ----------
    declared
        Whether there is ``exploration``, ``block``, ``flipped``, ``cells``, ``monotone``; and
        ``stopped``, designs that are there and tell no part after all; ``examined``, whether it is
        known how much each slot is looked at.

    Returns
    -------
    list of dict
        ``question, answer (yes | adjusted | bounds | no), by, log``; ``log`` says what to log where
        the answer is not yes.
    """
    cells, flipped = bool(declared["cells"]), bool(declared["flipped"])
    explored, within = bool(declared["exploration"]), bool(declared["block"])
    monotone = bool(declared["monotone"])
    replayed = REPLAYED if declared.get("examined", True) else f"{REPLAYED}; {FLAT}"
    stopped = frozenset(declared.get("stopped", ()))
    by_rows = "randomised cells of items" if cells else REPLAYED
    user = (
        _row_of_users(explored=explored, within=within)
        if not cells
        else {
            "question": USERS,
            "answer": "no",
            "by": "",
            "log": "Rows of impressions, in a study of their own.",
        }
    )
    direct = {
        "question": "What the ranker does in the same period, per item",
        "answer": "yes" if flipped else "bounds" if monotone and not cells else "no",
        "by": replayed
        if flipped
        else "a ranker that never lowers an item for the attribute; items with it alone"
        if monotone and not cells
        else "",
        "log": "" if flipped else LOG_REPLAY,
    }
    full = {
        "question": "The same with what follows: counters and users answer later",
        "answer": "yes" if cells else "no",
        "by": by_rows if cells else "",
        "log": "" if cells else LOG_CELLS,
    }
    everyone = {
        "question": "If every item changed",
        "answer": "no",
        "by": "",
        "log": LOG_GLOBAL,
    }
    for row, design in ((direct, "replay"), (full, "separable cells")):
        if design in stopped and row["answer"] == "yes":
            row |= {"answer": "no", "by": "", "log": STOPPED}
    return [user, direct, full, everyone]


def _row_of_users(*, explored: bool, within: bool) -> dict[str, str]:
    """Who made an item is not drawn by lot on exploration traffic, so that needs blocks besides."""
    ways = {
        (True, True): ("yes", "exploration traffic, within block", ""),
        (True, False): ("adjusted", "exploration traffic, adjusted", LOG_BLOCK),
    }
    logged = ("adjusted", "adjustment only: the ranker chose these rows", LOG_EXPLORATION)
    answer, by, log = ways.get((explored, within), logged)
    return {"question": USERS, "answer": answer, "by": by, "log": log}


def parts_of(
    content: Mapping[str, Any], amounts: Mapping[str, str], period: str | None
) -> list[dict[str, Any]]:
    """Parts as the page shows them, in the order of the table of effects.

    Parameters
    ----------
    content
        The result; ``effects`` holds the rows of the parts.
    amounts
        What is counted of an item, by outcome.
    period
        What a period is called.
    """
    rows = [row for row in content["effects"] if str(row["estimand"]).startswith("per ")]
    return [_part(content, row, amounts[str(row["outcome"])], period) for row in rows]


def _part(content: Mapping[str, Any], row: Row, amount: str, period: str | None) -> dict[str, Any]:
    unit = str(row["estimand"])
    low, high = bounds(content, row)
    if row["estimate"] is None:
        low, high = row["ci_low"], row["ci_high"]
    if low is not None and not isfinite(low):
        # Nothing can move it: it is what it is.
        low = high = None
    return {
        "attribute": row["attribute"],
        "contrast": row["contrast"],
        "outcome": row["outcome"],
        "part": row["path"],
        "unit": unit if period is None else unit.replace("and period", f"and {human(period)}"),
        "amount": human(row["outcome"]) if unit.startswith("per impression") else amount,
        "design": row["design"],
        "population": row["population"],
        "value": row["estimate"],
        "low": low,
        "high": high,
        "identification": row["identification"],
        "verdict": row["verdict"],
        "why": row["why"],
        "log": _log(content, row),
    }


def _log(content: Mapping[str, Any], row: Row) -> str | None:
    """What to log for a part that cannot be told; a check that stopped it has a remedy of its own."""
    why = str(row["why"] or "")
    checked = any(why.startswith(f"{each['name']}: ") for each in content.get("findings", ()))
    if why == RATIO or checked or not (why or row["identification"] == "bounds"):
        return None
    if row["design"] == SPLIT[0]:
        return LOG_CELLS
    return LOG_EXPLORATION if row["path"] == "user" else LOG_REPLAY


def scale(content: Mapping[str, Any], outcome: str, parts: Sequence[Row]) -> Scale:
    """How parts of one unit are written: of an impression as the outcome is, else as amounts."""
    found = next(each for each in content["outcomes"] if each["name"] == outcome)
    amount = parts[0]["amount"] if parts else found["name"]
    counted = {"name": amount, "kind": "mean", "baseline": None}
    per_row = any(part["unit"].startswith("per impression") for part in parts)
    rows = [
        {"ci_low": part["low"], "ci_high": part["high"], "verdict": part["verdict"]}
        for part in parts
        if part["low"] is not None
    ]
    counts = not per_row and found["kind"] == "proportion"
    written = scale_of(counted if counts else found, rows)
    return written if per_row else replace(written, decimals=written.decimals + 1)


def split_of(parts: Sequence[Row], attribute: str, outcome: str) -> list[Row]:
    """User, ranker and total of one attribute and outcome by the strongest design that has them."""
    for design in SPLIT:
        found = [
            each
            for each in parts
            if (each["attribute"], each["outcome"], each["design"]) == (attribute, outcome, design)
        ]
        if found:
            return sorted(found, key=lambda each: PATHS.index(each["part"]))
    return []


def split_words(content: Mapping[str, Any], split: Sequence[Row]) -> str:
    """Say a split in a sentence or two."""
    user, ranker, total = split
    outcome = str(user["amount"])
    written = scale(content, str(user["outcome"]), split)
    what = quoted(label(content, user))
    unit = str(user["unit"])
    if total["value"] is None:
        known = [each for each in (user, ranker) if each["value"] is not None]
        said = [
            f"by what {_who(each)} it moves {outcome} by {written.effect(each['value'])} {unit}"
            for each in known
        ]
        lead = f"Of {what} one part is known: {said[0]}. " if said else ""
        why = str(total["why"] or "a part is missing").rstrip(".")
        return f"{lead}No total is given: {why}."
    share = _share(user, total)
    adjusted = total["identification"] == "adjusted"
    size = written.effect(total["value"])
    moves = f"goes with {size} {outcome}" if adjusted else f"moves {outcome} by {size}"
    ends = "" if total["low"] is None else f" ({written.interval(total['low'], total['high'])})"
    first = (
        f"{what} {moves} {unit}{ends}: "
        f"{written.effect(user['value'])} by what users see{share} and "
        f"{written.effect(ranker['value'])} by what the ranker does with it."
    )
    unclear = [_who(each) for each in (user, ranker) if each["low"] is not None and not clear(each)]
    if unclear:
        first += f" The part of what {' and of what '.join(unclear)} is not clear of zero."
    if adjusted:
        first += (
            " These are effects if nothing unmeasured differs between items with it and without."
        )
    return sentence(first)


def _who(part: Row) -> str:
    return "users see" if part["part"] == "user" else "the ranker does"


def _share(user: Row, total: Row) -> str:
    """Share of the total, where both are clear and of one sign."""
    if not (clear(user) and clear(total)) or user["value"] * total["value"] <= 0:
        return ""
    share = user["value"] / total["value"]
    return f" ({percent(share)} of it)" if share <= 1 else ""


def decided(content: Mapping[str, Any]) -> dict[str, Any]:
    """Say in the decision what of a whole effect on items is exposure, which other items lose.

    Only users' part speaks for making more of it; where that is not clear, nothing is to be preferred.
    """
    decision, paths = dict(content["decision"]), content["paths"]
    cards = decision["cards"]
    if paths["rows"] != "items" or decision["greyed"] or not cards:
        return decision
    split = split_of(paths["parts"], cards[0]["attribute"], cards[0]["outcome"])
    if not split or any(part["value"] is None for part in split):
        return decision
    user, ranker, _ = split
    kind = next(each["kind"] for each in content["outcomes"] if each["name"] == user["outcome"])
    if kind == "ratio":
        return decision
    written = scale(content, str(user["outcome"]), split)
    others = "lose" if ranker["value"] > 0 else "gain"
    seen, moved = (written.effect(part["value"]) for part in (user, ranker))
    decision["caution"] = (
        f"Of it {seen} is what users see. {moved} is what the ranker does, with exposure that other "
        f"items {others}. {decision['caution'] or ''}".strip()
    )
    speaks = clear(user) and (user["value"] > 0) == (cards[0]["estimate"] > 0)
    card = {
        **cards[0],
        "good": cards[0]["good"] if speaks else None,
        "words": f"{cards[0]['words']} {seen} of it by what users see.",
    }
    decision["cards"] = [card, *cards[1:]]
    decision["subtitle"] = f"{decision['subtitle']}; {seen} of it by what users see"
    rest = f"the rest is exposure that other items {others}."
    if decision["do"] and speaks:
        decision["do"] = [f"{decision['do'][0]} Users take to it by {seen}; {rest}"]
    elif decision["do"]:
        how = "speaks against it" if clear(user) else "is not clear of zero"
        asked = f"Whether users take to {quoted(label(content, user))}: their part ({seen}) {how}, and {rest}"
        decision["do"] = []
        decision["test_next"] = [asked, *decision["test_next"]][:MOST_TESTS]
    return decision
