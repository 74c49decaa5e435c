"""What a report of a move says first: whether it moved, and which mechanism explains most of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from causal.content.wording import human, percent, scale_of, sentence
from causal.policy.said import Said

Row = Mapping[str, Any]


def moved(part: Row) -> str | None:
    """Whether an interval leaves zero out, in the words of a verdict."""
    low, high = part["low"], part["high"]
    if low is None or low <= 0 <= high:
        return None
    return "raises" if low > 0 else "lowers"


def said(
    outcome: Row,
    move: Row,
    mechanisms: Sequence[Row],
    findings: Sequence[Row],
    level: float,
    mix: Sequence[Row] = (),
) -> Said:
    """Put a move in words.

    A mechanism is named when its share's simultaneous interval leaves zero out; of several, the
    largest share. Nothing is named when a check failed that stops the page, nor when mechanisms can
    only be told all together, which says nothing about any of them.

    Parameters
    ----------
    outcome, move
        The leading outcome and its whole move.
    mechanisms
        Shares of the move by node.
    findings
        The answers of the checks.
    level
        Of the intervals.
    mix
        Mix and rate of the outcome, by what rows are cut by.
    """
    name = sentence(human(str(outcome["name"])))
    stops = [each for each in findings if each["status"] == "FAIL" and each["blocks"] == "page"]
    ends = {"ci_low": move["low"], "ci_high": move["high"], "verdict": moved(move)}
    scale = scale_of(outcome, [ends])
    levels = f"from {scale.level(move['before'])} to {scale.level(move['after'])}"
    if stops:
        return Said(
            title=f"Why {human(str(outcome['name']))} moved cannot be told",
            subtitle=str(stops[0]["meaning"]),
            state="invalid",
            greyed=True,
            reason=str(stops[0]["name"]),
        )
    interval = f"{percent(level)} interval {scale.interval(move['low'], move['high'])} {scale.unit}"
    interval = interval.rstrip()
    told = [each for each in mechanisms if each["share"] is not None]
    apart = len(told) > 1
    clear = [each for each in told if each["clear"] and apart]
    first = max(clear, key=lambda each: abs(each["share"])) if clear else None
    if move["low"] is None or move["low"] <= 0 <= move["high"]:
        more = ""
        if first is not None:
            verb = "raised" if first["share"] > 0 else "lowered"
            more = f"; {human(first['node'])} alone {verb} it by {scale.size(first['share'])}"
        return Said(
            title=f"{name} did not move beyond chance{more}",
            subtitle=f"{levels.capitalize()}: {scale.effect(move['difference'])} ({interval}), "
            f"which noise alone may give.{_against(mix, outcome)}",
            state="no move",
            greyed=False,
        )
    verb = "rose" if move["difference"] > 0 else "fell"
    size = scale.size(abs(move["difference"]))
    if first is not None:
        share = scale.effect(first["share"])
        explains = "explains" if len(first["nodes"]) == 1 else "explain"
        title = f"{name} {verb} by {size}: {human(first['node'])} {explains} {share}"
        state = "explained"
    elif mechanisms and not apart:
        title = f"{name} {verb} by {size}; which mechanism did it cannot be told"
        state = "cannot be told"
    elif mechanisms:
        title = f"{name} {verb} by {size}, and no mechanism stands out from noise"
        state = "not explained"
    else:
        title = f"{name} {verb} by {size}"
        state = "moved"
    return Said(
        title=title,
        subtitle=f"{levels.capitalize()} ({interval}).",
        state=state,
        greyed=False,
    )


def _against(mix: Sequence[Row], outcome: Row) -> str:
    """Where mix and rate both moved the metric, against each other, by the first such cut."""
    for cut in mix:
        parts = [cut["totals"][part] for part in ("mix", "rate")]
        signs = {moved(part) for part in parts}
        if cut["outcome"] == outcome["name"] and signs == {"raises", "lowers"}:
            rows = [{"ci_low": each["low"], "ci_high": each["high"]} for each in parts]
            scale = scale_of(outcome, [{**row, "verdict": None} for row in rows])
            told = [scale.effect(each["value"]) for each in parts]
            columns = " by ".join(human(column) for column in cut["columns"])
            return f" Two moves cancel: by {columns}, mix alone made {told[0]} and rate {told[1]}."
    return ""
