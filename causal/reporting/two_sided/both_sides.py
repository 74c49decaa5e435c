"""Both sides: the four cells, every estimand under its own name, and what spills."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import Scale, chance, count, human, percent, sentence
from causal.reporting._view import (
    Banner,
    Block,
    Cell,
    Column,
    Details,
    Facts,
    Group,
    Section,
    Table,
    number,
    table,
    words,
)
from causal.reporting.experiment._rows import Row, greyed, relative, relative_interval, scale

MEANS: Mapping[str, str | Mapping[str, str]] = {
    "both sides treated, against neither": "What decides. The effect of a launch to everybody only "
    "where nothing spills over between pairs.",
    "users treated, creators not": {
        "pairs": "A spillover: these pairs were given nothing, but their user was treated with "
        "other creators.",
        "sides": "The users' treatment where creators are not treated.",
    },
    "creators treated, users not": {
        "pairs": "A spillover: these pairs were given nothing, but their creator was treated for "
        "other users.",
        "sides": "The creators' treatment where users are not treated; what they gain may be "
        "taken from other creators.",
    },
    "what both together add": {
        "pairs": "Both treated less the two spillovers: what the treated pair itself gained.",
        "sides": "How much more both treatments do together than one after the other.",
    },
    "users treated, over creators as they were": "What an experiment on users alone would have "
    "found beside this share of treated creators: everything a user did, spillovers within the user "
    "included.",
    "creators treated, over users as they were": "What an experiment on creators alone would have "
    "found beside this share of treated users; what one creator took from another counts twice.",
}


def section(result: Mapping[str, Any]) -> Section | None:
    """Show the cells and the estimands of each metric."""
    found = result["two_sided"]
    quiet = greyed(result)
    blocks: list[Block] = []
    if not quiet:
        blocks.append(_identified(found))
    for outcome in result["outcomes"]:
        own = [each for each in found["cells"] if each["outcome"] == outcome["name"]]
        inner = (_cells(result, outcome, own), _estimands(result, outcome["name"]))
        blocks.append(Group(title=sentence(human(outcome["name"])), blocks=inner))
    blocks.append(Facts(items=tuple(_means(result["analysis"]["given"]))))
    blocks.append(_sizes(found["cells"]))
    return Section(
        order=45,
        id="both-sides",
        chapter="Both sides",
        title="The four cells, for debugging only" if quiet else _title(found),
        lead="Users and creators were both assigned, so pairs fall into four cells. Differences "
        "between cells answer different questions; none stands for another. Intervals are of one "
        "comparison each.",
        blocks=tuple(blocks),
    )


def _title(found: Row) -> str:
    shown = [each for each in found["spillovers"] if each["spill"] == "shown"]
    if shown:
        return "Pairs that were given nothing moved too"
    return "The four cells, and what they say" if found["identified"] else (
        "The four cells, and what they do not say"
    )  # fmt: skip


def _identified(found: Row) -> Banner:
    if found["identified"]:
        return Banner(
            title="The effect of a launch to everybody is identified",
            text=f"{sentence(found['because'])}.",
            tone="plain",
        )
    return Banner(
        title="What the cells cannot say",
        text=f"The global effect is not identified by this design, because {found['because']}.",
    )


def _cells(result: Row, outcome: Row, cells: list[Row]) -> Table:
    written = scale(result, outcome["name"])
    creators = [each for each in cells if not each["user_treated"]]
    columns = (
        Column(label="Users"),
        *(Column(label=_arm("creators", each), numeric=True) for each in creators),
    )
    rows = []
    for treated in (False, True):
        own = [each for each in cells if each["user_treated"] is treated]
        users = f"{own[0]['user_arm']} ({'treated' if treated else 'control'})"
        rows.append((words(users), *(_level(written, each) for each in own)))
    unit = "over all pairs" if outcome["denominator"] is None else "of sums over pairs"
    kind = "Mean" if outcome["denominator"] is None else "Ratio"
    return table(f"{kind} {unit}, by cell", columns, rows)


def _arm(side: str, each: Row) -> str:
    treated = each["creator_treated"]
    return f"{side} {each['creator_arm']} ({'treated' if treated else 'control'})"


def _level(written: Scale, each: Row) -> Cell:
    if each["why"]:
        return words("not estimable", tone="quiet")
    given = each["level"]
    low, high = (written.level(given[end]) for end in ("low", "high"))
    return number(f"{written.level(given['value'])} ({low} to {high})", given["value"])


def _estimands(result: Row, outcome: str) -> Table:
    written = scale(result, outcome)
    rows = [each for each in result["two_sided"]["estimands"] if each["outcome"] == outcome]
    spills = {
        (each["outcome"], each["estimand"]): each for each in result["two_sided"]["spillovers"]
    }
    columns = (
        Column(label="Estimand"),
        Column(label="Effect", numeric=True),
        Column(label="Interval", numeric=True),
        Column(label="Relative", unit="%", numeric=True),
        Column(label="Relative interval", unit="%", numeric=True),
        Column(label="p", numeric=True),
        Column(label="Reading"),
    )
    listed = []
    for each in rows:
        effect = each["effect"]
        value = None if each["why"] else effect["value"]
        ends = "" if each["why"] else written.interval(effect["low"], effect["high"])
        p = None if each["why"] else each["p_value"]
        listed.append(
            (
                words(sentence(each["estimand"])),
                number(written.effect(value), value),
                words(ends),
                relative(each),
                relative_interval(each),
                number(chance(p), p),
                _reading(result, each, spills.get((outcome, each["estimand"]))),
            )
        )
    return table("Estimands", columns, listed)


def _reading(result: Row, each: Row, spill: Row | None) -> Cell:
    if each["why"]:
        return words(f"not estimable: {each['why']}", tone="quiet")
    if greyed(result):
        return words("no verdict", tone="quiet")
    if spill is not None:
        within = "" if spill["margin"] is None else f" beyond {percent(spill['margin'])}"
        said = {
            "shown": words("! spillover shown", tone="warn"),
            "ruled out": words(f"✓ spillover ruled out{within}", tone="good"),
            "not ruled out": words(f"spillover not ruled out{within}"),
        }
        return said[spill["spill"]]
    effect = each["effect"]
    if effect["low"] > 0:
        return words("▲ higher")
    return words("▼ lower" if effect["high"] < 0 else "no clear difference")


def _means(given: str) -> list[tuple[str, str]]:
    return [
        (sentence(name), text if isinstance(text, str) else text[given])
        for name, text in MEANS.items()
    ]


def _sizes(cells: list[Row]) -> Details:
    first = [each for each in cells if each["outcome"] == cells[0]["outcome"]]
    columns = (
        Column(label="Users"),
        Column(label="Creators"),
        Column(label="Number of users", numeric=True),
        Column(label="Number of creators", numeric=True),
        Column(label="Pairs", numeric=True),
        Column(label="Pairs with a row", numeric=True),
    )
    rows = [
        (
            words(each["user_arm"]),
            words(each["creator_arm"]),
            *(number(count(each[key]), each[key])
              for key in ("users", "creators", "pairs", "pairs_seen")),
        )
        for each in first
    ]  # fmt: skip
    return Details(title="How large the cells are", blocks=(table("Cells", columns, rows),))
