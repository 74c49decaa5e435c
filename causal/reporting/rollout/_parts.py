"""Parts that sections of a staggered rollout share: its outcomes, their scales and tones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from causal.content.wording import Scale, human, scale_of, sentence
from causal.reporting._view import Tone

Row = Mapping[str, Any]


def outcomes(result: Row) -> Sequence[Row]:
    """What was made of each outcome; empty for another schedule."""
    own = result.get("staggered")
    return own["outcomes"] if own else ()


def outcome_of(result: Row, name: str) -> Row:
    """One outcome of the study."""
    found: Row = next(each for each in result["outcomes"] if each["name"] == name)
    return found


def scale(result: Row, name: str, rows: Sequence[Row] = ()) -> Scale:
    """How numbers of an outcome are written: as fine as the intervals of these rows deserve."""
    own = next(each for each in outcomes(result) if each["outcome"] == name)
    used = rows or [own["overall"]]
    return scale_of(outcome_of(result, name), [{**row, "verdict": moved(row)} for row in used])


def moved(row: Row) -> str | None:
    """Whether an interval leaves zero out, in the words of a verdict."""
    low, high = row["simultaneous_low"], row["simultaneous_high"]
    if low is None or low <= 0 <= high:
        return None
    return "raises" if low > 0 else "lowers"


def silent(result: Row, own: Row) -> bool:
    """Whether nothing is read from an outcome's effects against untreated entities."""
    return bool(stop_of(result, own) or own["compared"])


def stop_of(result: Row, own: Row) -> str:
    """The failed check that takes an outcome's effects off the page; nothing without."""
    for each in result["findings"]:
        if each["status"] == "FAIL" and each["blocks"] == "page":
            return f"the check {each['name']} failed"
    return str(own["stop"] or "")


def tone(result: Row, own: Row, row: Row) -> Tone:
    """Good or bad by what the outcome should do; quiet where nothing is clear or read."""
    if silent(result, own) or row["value"] is None or moved(row) is None:
        return "quiet"
    up = outcome_of(result, own["outcome"])["goal"] == "increase"
    return "good" if (moved(row) == "raises") == up else "bad"


def axis(result: Row, own: Row, written: Scale) -> str:
    """Heading of an axis of effects, or of differences where they are none."""
    unit = f" ({written.unit})" if written.unit else ""
    what = "Difference in" if silent(result, own) else "Effect on"
    return f"{what} {human(own['outcome'])}{unit}"


def titled(own: Row) -> str:
    """An outcome's name, with a capital."""
    return sentence(human(own["outcome"]))


def why_silent(result: Row, own: Row) -> str:
    """Why nothing is read from an outcome's effects, as a sentence."""
    stop = stop_of(result, own)
    if stop:
        return f"No effect is read from this: {stop}."
    if own["compared"]:
        return f"These are comparisons {own['compared']}, and no effects."
    return ""


def unit_of(written: Scale) -> str:
    """Unit for the heading of a column."""
    return written.unit or written.heading
