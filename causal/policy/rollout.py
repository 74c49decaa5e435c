"""What a report of a staggered rollout says of an effect, and first of all.

The title follows what is known of untreated entities (:func:`reading_of`): an effect against them
is said only where it was ruled out that the rollout reached them, not where that was not found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from causal.content.wording import Scale, figure, human, percent, scale_of, sentence
from causal.policy.said import Said

Row = Mapping[str, Any]
Reading = Literal["clean", "corrected", "range", "cannot be told", "open"]
DRIFT = 1.0
"""A drift that trends before adoption would not show, in sizes of what is claimed: said from here on."""
SILENT = ("descriptive", "not estimable")
_APART = ("pre-trend", "placebo dates")


def verdict_of(row: Row, margin: float | None) -> str | None:
    """The verdict of one row, by its interval for the whole family; None where it is no effect.

    ``raises`` and ``lowers`` leave zero out, ``ruled out`` lies inside the margin (relative to the
    baseline), ``no clear effect`` does neither.
    """
    if row["identification"] == "not estimable":
        return "not estimable"
    low, high = row["simultaneous_low"], row["simultaneous_high"]
    if row["identification"] in SILENT or low is None:
        return None
    baseline = row["baseline"]
    inside = margin is not None and baseline is not None
    if inside and max(abs(low), abs(high)) < abs(margin * baseline):
        return "ruled out"
    if low <= 0 <= high:
        return "no clear effect"
    return "raises" if low > 0 else "lowers"


def reading_of(spill: Row, pool: str | None) -> Reading:
    """What may be said of an effect against untreated entities.

    ``clean``: the effect itself. ``corrected``: the effect once their loss or gain is counted.
    ``range``: from the one to the other. ``cannot be told``: nothing. ``open``: the effect, with
    the condition that they do not share a pool.

    >>> reading_of({"state": "not looked at", "total": None}, "separate")
    'clean'
    """
    state = spill["state"]
    if state == "found":
        return "corrected"
    if state == "ruled out":
        return "clean"
    if state == "cannot be told":
        return "cannot be told" if spill["total"] is None else "range"
    return "clean" if pool == "separate" else "open"


def why_compared(reading: Reading, entities: str) -> str:
    """Why effects against untreated entities are comparisons only; nothing where they are effects.

    >>> why_compared("clean", "markets")
    ''
    """
    return {
        "corrected": f"against {entities} that the rollout reached too",
        "range": f"against {entities} that the rollout may have reached too",
        "cannot be told": f"against {entities} that share its pool",
    }.get(reading, "")


def stopped_by(findings: Sequence[Row], outcome: str) -> Row | None:
    """The failed check that takes the effects on an outcome off the page; trends come first."""
    for each in sorted(findings, key=lambda each: each["name"] not in _APART):
        if each["status"] != "FAIL" or each["blocks"] == "none":
            continue
        everyone = each["blocks"] == "page" or each["name"] in ("negative controls", "few clusters")
        if everyone or outcome in each["columns"]:
            return each
    return None


def unreadable(outcome: str, *, rollout: str, name: str, meaning: str) -> Said:
    """What is said where a check failed that stops the page."""
    return Said(
        title=f"What {rollout} did to {human(outcome)} cannot be told",
        subtitle=meaning,
        state="invalid",
        greyed=True,
        reason=name,
    )


def said(
    *,
    outcome: Row,
    overall: Row,
    spill: Row,
    pool: str | None,
    rollout: str,
    entities: str,
    findings: Sequence[Row],
    level: float,
    trend: Row | None = None,
) -> Said:
    """Put the leading effect in words.

    Parameters
    ----------
    outcome
        The leading outcome, as the page shows it.
    overall
        The row of its mean effect, before anything takes it off the page.
    spill
        What untreated cells say about treated neighbours: its state and, where known, the intervals
        ``total`` and ``plain`` as pairs, and the sign of ``gamma``.
    rollout, entities
        What was rolled out, and what adopts, several of them.
    trend
        What a drift that trends before adoption would not show makes up: its ``share`` of the
        effect and ``of_margin``; None where they were not looked at.
    """
    name = human(str(outcome["name"]))
    unknown = f"What {rollout} did to {name} cannot be told"
    stop = stopped_by(findings, str(outcome["name"]))
    if stop is not None:
        told = unreadable(
            str(outcome["name"]),
            rollout=rollout,
            name=str(stop["name"]),
            meaning=str(stop["meaning"]),
        )
        if stop["name"] in _APART:
            title = f"{sentence(entities)} moved apart before the rollout: no effect is shown"
            return replace(told, title=title)
        return told
    if overall["estimate"] is None:
        return Said(
            title=unknown,
            subtitle=f"{sentence(str(overall['why']))}.",
            state="not estimable",
            greyed=False,
            reason=str(overall["why"]),
        )
    reading = reading_of(spill, pool)
    if reading == "cannot be told":
        return Said(
            title=f"{unknown} from {entities} that share its pool",
            subtitle=f"What adopters have more than other {entities} may be what those lost to them.",
            state=reading,
            greyed=False,
            reason="contamination",
        )
    if reading in ("corrected", "range"):
        return _counted(reading, outcome, spill, name, rollout, entities, level)
    told = _plain(reading, outcome, overall, name, rollout, entities, level)
    hidden = unseen(overall["verdict"], trend)
    return replace(told, subtitle=f"{told.subtitle} {hidden}") if hidden else told


def unseen(verdict: str | None, trend: Row | None) -> str:
    """The sentence on a drift as large as what is claimed, which trends before would not show.

    >>> unseen("raises", {"share": 0.4, "of_margin": None})
    ''
    """
    what = {"raises": "share", "lowers": "share", "ruled out": "of_margin"}.get(str(verdict))
    if trend is None or what is None or (trend[what] or 0.0) < DRIFT:
        return ""
    beside = "the margin" if what == "of_margin" else "this effect"
    return (
        f"Periods before adoption would not show, half of the time, a drift as large as {beside}."
    )


def _counted(
    reading: Reading,
    outcome: Row,
    spill: Row,
    name: str,
    rollout: str,
    entities: str,
    level: float,
) -> Said:
    low, high = spill["total"]
    if reading == "range":
        low, high = min(low, spill["plain"][0]), max(high, spill["plain"][1])
    scale = scale_of(outcome, [{"ci_low": low, "ci_high": high}])
    lost = "lost" if spill["gamma"] < 0 else "gained"
    if reading == "corrected":
        return Said(
            title=f"{_moved(name, low, high, scale)}, once what {entities} without it {lost} is "
            "counted",
            subtitle=f"Where {rollout} was on, against no rollout at all ({percent(level)} interval). "
            f"What all {entities} lost or gained alike is not in it.",
            state=reading,
            greyed=False,
        )
    return Said(
        title=f"{_moved(name, low, high, scale)} where {rollout} was on, as far as can be told",
        subtitle=f"A range: whether {entities} without it lost or gained by it is open, and the range "
        f"holds the {percent(level)} intervals with and without.",
        state=reading,
        greyed=False,
    )


def _moved(name: str, low: float, high: float, scale: Scale) -> str:
    """How an outcome moved, by the ends of an interval."""
    unit = f" {scale.unit}" if scale.unit else ""
    if low > 0:
        return f"{sentence(name)} rose by {_fine(low, scale)} to {_fine(high, scale)}{unit}"
    if high < 0:
        return f"{sentence(name)} fell by {_fine(high, scale)} to {_fine(low, scale)}{unit}"
    return f"{sentence(name)} changed by {scale.interval(low, high)}{unit}"


def _fine(end: float, scale: Scale) -> str:
    """The size of an end that may be much nearer to zero than the other."""
    return figure(abs(end) * scale.factor, 2)


def _plain(
    reading: Reading,
    outcome: Row,
    overall: Row,
    name: str,
    rollout: str,
    entities: str,
    level: float,
) -> Said:
    scale = scale_of(outcome, [overall])
    value, ends = overall["estimate"], (overall["ci_low"], overall["ci_high"])
    unit = f" {scale.unit}" if scale.unit else ""
    within = f"{percent(level)} interval {scale.interval(*ends)}{unit}"
    condition = f", if {entities} do not share a pool" if reading == "open" else ""
    verdict = overall["verdict"]
    if verdict in ("raises", "lowers"):
        verb = "rose" if verdict == "raises" else "fell"
        title = f"{sentence(name)} {verb} by {scale.size(value)} where {rollout} was on{condition}"
    elif verdict == "ruled out":
        title = f"{rollout} did not change {name} by what matters{condition}"
        title = sentence(title)
    else:
        title = f"{sentence(name)} did not move beyond chance where {rollout} was on{condition}"
    relative = overall.get("relative")
    more = f", {percent(relative, sign=True)} of what it would have been" if relative else ""
    return Said(
        title=title,
        subtitle=f"Mean over adopters from adoption on: {scale.effect(value)} ({within}){more}.",
        state="open" if reading == "open" else "effect",
        greyed=False,
    )
