"""What a report of exposure says first: what a unit is worth, or that it cannot be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from causal.content.wording import (
    Scale,
    figure,
    fixed,
    human,
    percent,
    quoted,
    scale_of,
    sentence,
    together,
)
from causal.policy.said import Said

Row = Mapping[str, Any]


def verdict_of(low: float | None, high: float | None) -> str:
    """Raises or lowers where an interval leaves zero out."""
    if low is None or high is None or low <= 0 <= high:
        return "no clear effect"
    return "raises" if low > 0 else "lowers"


def scale(outcome: Row, sets: Sequence[Row]) -> Scale:
    """How the worth of an exposure in one outcome is written: as fine as bounded sets deserve."""
    rows = [
        {"ci_low": each["low"], "ci_high": each["high"], "verdict": each["verdict"]}
        for each in sets
        if each["outcome"] == outcome["name"] and each["low"] is not None
    ]
    return scale_of({**outcome, "kind": outcome["worth_kind"]}, rows)


def set_words(found: Row, written: Scale) -> str:
    """Put a set of values in words, open ends too.

    >>> rays = {"kind": "rays", "intervals": [[None, -2.0], [0.5, None]]}
    >>> set_words(rays, Scale(decimals=1))
    'below −2 or above +0.5'
    >>> set_words({"kind": "whole line", "intervals": [[None, None]]}, Scale())
    'any value'
    >>> set_words({"kind": "bounded", "intervals": [[-0.025, 0.39]]}, Scale(decimals=1))
    '−0.025 to +0.39'
    """
    if found["kind"] == "empty":
        return "no value"
    told = [_piece(low, high, written) for low, high in found["intervals"]]
    words = " or ".join(told)
    return f"{words} {written.unit}".rstrip() if words != "any value" else words


def _piece(low: float | None, high: float | None, written: Scale) -> str:
    if low is None and high is None:
        return "any value"
    if low is None:
        return f"below {_end(high, written)}"
    if high is None:
        return f"above {_end(low, written)}"
    if any(end and round(end * written.factor, written.decimals) == 0 for end in (low, high)):
        return f"{_end(low, written)} to {_end(high, written)}"
    return written.interval(low, high)


def _end(value: float | None, written: Scale) -> str:
    """An end of a wide set: its order of size is all that matters."""
    if value is None:
        return ""
    number = value * written.factor
    return ("+" if number > 0 else "") + figure(number, 2)


def said(content: Row) -> Said:
    """Put the worth of an exposure in words.

    Where the instrument is weak or the set has no bounds no number stands for the worth anywhere:
    the set is what is said. Nothing is said when a check failed that stops the page.

    Parameters
    ----------
    content
        The parts of ``result.json`` so far: study, outcomes, findings, sets, examination, threshold.
    """
    exposure = human(str(content["study"]["exposure"]))
    stops = [
        each
        for each in content["findings"]
        if each["status"] == "FAIL" and each["blocks"] in ("page", "design")
    ]
    if stops:
        return Said(
            title=_untold(content, exposure),
            subtitle=str(stops[0]["meaning"]),
            state="invalid",
            greyed=True,
            reason=str(stops[0]["name"]),
        )
    outcome = content["outcomes"][0]
    if content["held"]:
        return _held(content, outcome, exposure)
    leading = [each for each in content["sets"] if each["outcome"] == outcome["name"]]
    if leading:
        return _worth(content, outcome, leading[-1], exposure)
    if content["threshold"]:
        return _jump(content, outcome, content["threshold"][0])
    return _examined(content, outcome)


def _untold(content: Row, exposure: str) -> str:
    """What cannot be told, by what was asked."""
    name = human(str(content["outcomes"][0]["name"]))
    if content["study"]["design"] == "threshold":
        return f"What happens to {name} at the threshold cannot be told"
    if content["examination"] and not content["sets"]:
        return f"What a place does to {name} cannot be told"
    return f"What one more {exposure} is worth cannot be told"


def _worth(content: Row, outcome: Row, found: Row, exposure: str) -> Said:
    name = human(str(outcome["name"]))
    level = percent(content["study"]["level"])
    written = scale(outcome, content["sets"])
    if found["refusal"]:
        return Said(
            title=f"What one more {exposure} is worth cannot be told",
            subtitle=f"{sentence(str(found['refusal']))}.",
            state="not estimable",
            greyed=False,
        )
    values = f"Values consistent with the data at {level}: {set_words(found, written)}"
    if found["family"] > 1 and found["at_once"] and found["at_once"]["kind"] != "whole line":
        values += f", all outcomes at once {set_words(found['at_once'], written)}"
    f = found["first_stage"]
    strength = "exposure is that of the arm" if f is None else f"first-stage F {fixed(f, 1)}"
    if found["kind"] == "empty":
        return Said(
            title=f"The instruments contradict each other on what one more {exposure} is worth",
            subtitle="No single value is consistent with all of them.",
            state="contradiction",
            greyed=False,
        )
    weak = f is not None and f < content["study"]["strong"]
    if found["disagree"] and not weak:
        return Said(
            title=f"The arms hardly agree on what one more {exposure} is worth",
            subtitle=f"{values} if one worth holds for all arms ({strength}).",
            state="contradiction",
            greyed=False,
        )
    if found["point"] is None:
        amount = human(str(content["dose"]["column"] or "exposure"))
        return Said(
            title=f"The instrument moves {amount} too little to tell what it is worth"
            if weak
            else f"What one more {exposure} is worth has no bound in these data",
            subtitle=f"{values} ({strength}"
            + (f"; {fixed(content['study']['strong'], 0)} is asked)." if weak else ")."),
            state="weak",
            greyed=False,
        )
    subtitle = f"{values} ({strength}).{_beside(content)}"
    one = f"One more {exposure}{', with what else was changed,' if _beside(content) else ''}"
    if found["verdict"] == "no clear effect":
        return Said(
            title=f"{one} brings no clear change of {name}",
            subtitle=subtitle,
            state="unclear",
            greyed=False,
        )
    size = written.size(found["point"])
    brings = found["verdict"] == "raises"
    return Said(
        title=f"{one} brings {size} {name}" if brings else f"{one} takes {size} {name} away",
        subtitle=subtitle,
        state="strong",
        greyed=False,
    )


def _held(content: Row, outcome: Row, exposure: str) -> Said:
    """The worth while what else the arms changed is held; never a point."""
    found = next(each for each in content["held"] if each["outcome"] == outcome["name"])
    name, slate = human(str(outcome["name"])), human(str(found["slate"]))
    if found["why"]:
        return Said(
            title=f"What one more {exposure} is worth with {slate} held cannot be told",
            subtitle=f"{sentence(str(found['why']))}.",
            state="not estimable",
            greyed=False,
        )
    titles = {
        "raises": f"One more {exposure} raises {name}, with {slate} held",
        "lowers": f"One more {exposure} lowers {name}, with {slate} held",
        "no clear effect": f"One more {exposure} brings no clear change of {name}, with {slate} held",
        "not estimable": f"What one more {exposure} is worth with {slate} held has no bound in these "
        "data",
    }
    if found["kind"] == "empty":
        titles["not estimable"] = (
            f"The arms contradict each other on what one more {exposure} is worth with {slate} held"
        )
    level = percent(content["study"]["level"])
    values = set_words(found, scale(outcome, content["sets"]))
    many = ", all outcomes at once" if len(content["held"]) > 1 else ""
    return Said(
        title=titles[str(found["verdict"])],
        subtitle=f"Values consistent with the data at {level}{many}: {values}. No estimate goes with "
        "these.",
        state={"not estimable": "weak", "no clear effect": "unclear"}.get(
            found["verdict"], "strong"
        ),
        greyed=False,
    )


def _beside(content: Row) -> str:
    """What else the instrument changed, as a sentence; nothing where it did not beyond chance."""
    moved = [
        quoted(human(str(column)))
        for each in content["findings"]
        if each["name"] == "exclusion" and each["status"] != "PASS"
        for column in each["columns"]
    ]
    if not moved:
        return ""
    return f" The instrument also changed {together(moved)}, and the values hold what came of that."


def _jump(content: Row, outcome: Row, found: Row) -> Said:
    name = human(str(outcome["name"]))
    level = percent(content["study"]["level"])
    if found["refusal"]:
        return Said(
            title=f"What happens to {name} at the threshold cannot be told",
            subtitle=f"{sentence(str(found['refusal']))}.",
            state="not estimable",
            greyed=False,
        )
    written = scale_of(
        outcome,
        [{"ci_low": found["low"], "ci_high": found["high"], "verdict": found["verdict"]}],
    )
    subtitle = (
        f"For those at the threshold only; robust {level} interval "
        f"{written.interval(found['low'], found['high'])} {written.unit}".rstrip()
        + _jumps_at_once(content, found, written)
        + "."
    )
    if found["verdict"] == "no clear effect":
        return Said(
            title=f"Crossing the threshold brings no clear change of {name}",
            subtitle=subtitle,
            state="unclear",
            greyed=False,
        )
    size = written.size(found["estimate"])
    return Said(
        title=f"Crossing the threshold brings {size} {name}"
        if found["verdict"] == "raises"
        else f"Crossing the threshold takes {size} {name} away",
        subtitle=subtitle,
        state="threshold",
        greyed=False,
    )


def _jumps_at_once(content: Row, found: Row, written: Scale) -> str:
    if len(content["outcomes"]) < 2:
        return ""
    ends = written.interval(found["simultaneous_low"], found["simultaneous_high"])
    return f", all outcomes at once {ends} {written.unit}".rstrip()


def _examined(content: Row, outcome: Row) -> Said:
    name = human(str(outcome["name"]))
    rows = [each for each in content["examination"] if each["outcome"] == outcome["name"]]
    level = percent(content["study"]["level"])
    told = [each for each in rows[1:] if not each["why"]]
    if not told:
        why = rows[-1]["why"] if rows else "there is no exploration traffic in several places"
        return Said(
            title=f"What a place does to {name} cannot be told",
            subtitle=f"{sentence(str(why))}.",
            state="not estimable",
            greyed=False,
        )
    last = told[-1]
    return Said(
        title=f"Place {last['slot']} brings {percent(last['value'])} of the {name} of the first",
        subtitle=f"{level} interval {percent(last['low'])} to {percent(last['high'])}; order was "
        "chance in these rows, so places differ by where they are alone.",
        state="examination",
        greyed=False,
    )
