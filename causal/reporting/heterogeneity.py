"""Who gains: individual effects, believed only as far as rows left out bear them out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from causal.content.wording import (
    Scale,
    chance,
    figure,
    human,
    p_is,
    percent,
    quoted,
    sentence,
    together,
)
from causal.policy.reading import outcomes, scale, spoken
from causal.reporting import _curves
from causal.reporting._parts import forest, greyed
from causal.reporting._view import (
    Block,
    Bullets,
    Column,
    Details,
    Figure,
    Section,
    Table,
    Text,
    number,
    table,
    words,
)

MOST_TRAITS = 4
MOST_COLUMNS = 6
_COPY = (
    "How the estimated effect goes with the columns: mean |SHAP| of trees that copy the learned "
    "effects, in units of the effect. An association within the estimate, not an effect of the "
    "columns, and not the SHAP values of the success model."
)

Entry = Mapping[str, Any]


def section(result: Mapping[str, Any]) -> Section | None:
    """Say who gains, or that no heterogeneity was found."""
    given = result.get("heterogeneity") or ()
    if not given or greyed(result):
        return None
    blocks: list[Block] = []
    for entry in given:
        blocks += blocks_of(result, entry)
    return Section(order=55, id="gains", chapter="Who", title="Who gains", blocks=tuple(blocks))


def blocks_of(result: Mapping[str, Any], entry: Entry) -> list[Block]:
    """One effect: who gains from it, or that nothing was found."""
    name, outcome = spoken(result, entry), human(entry["outcome"])
    about = f"{name} on {outcome}"
    if entry.get("reason"):
        return [Text(text=f"Who gains from {about} cannot be told: {entry['reason']}.")]
    written = scale(result, entry["outcome"])
    if not entry["found"]:
        return [Text(text=_nothing(entry, about, written))]
    return [
        Text(text=_found(entry, about, written), style="lead"),
        *_traits(result, entry),
        _groups(entry, about, written),
        _curve(entry, about, written),
        *_rule(result, entry, written),
        *_copy(entry, about, written),
    ]


def _nothing(entry: Entry, about: str, written: Scale) -> str:
    said = (
        f"No heterogeneity found for the effect of {about}: on rows left out, no ordering of rows "
        f"by {_columns(entry)} held. "
    )
    tests = ""
    if entry.get("varies"):
        tests = (
            f" Slope of scores on predicted effects {p_is(entry['calibration']['p_value'])}, "
            f"order {p_is(entry['ranking']['autoc']['p_value'])}."
        )
    return (
        f"{said}A difference of {written.size(entry['detectable'])} between the fifth that gains "
        "most and the fifth that gains least would have been found in four of five repetitions, "
        f"had the order been right.{tests} This is no proof that everyone gains alike."
    )


def _columns(entry: Entry) -> str:
    listed = [human(name) for name in entry["columns"]]
    if len(listed) <= MOST_TRAITS:
        return together(listed)
    return together([*listed[:2], f"{len(listed) - 2} more columns"])


def _found(entry: Entry, about: str, written: Scale) -> str:
    top, bottom, apart = entry["groups"][-1], entry["groups"][0], entry["top_bottom"]
    hedge = "" if entry["identification"] != "adjusted" else ", if nothing unmeasured differs"
    return (
        f"The effect of {about} is not the same for all{hedge}. On rows left out, the fifth predicted to "
        f"gain most has {written.effect(top['estimate'])} "
        f"({written.interval(top['ci_low'], top['ci_high'])}), the fifth predicted to gain least "
        f"{written.effect(bottom['estimate'])} "
        f"({written.interval(bottom['ci_low'], bottom['ci_high'])}): a difference of "
        f"{written.effect(apart['estimate'])} "
        f"({written.interval(apart['ci_low'], apart['ci_high'])})."
    )


def _traits(result: Mapping[str, Any], entry: Entry) -> list[Block]:
    alpha = 1 - float(result.get("study", {}).get("level") or 0.95)
    apart = [each for each in entry["characteristics"] if each["p_adjusted"] < alpha]
    items = tuple(_trait(each) for each in apart[:MOST_TRAITS])
    if not items:
        return []
    return [
        Bullets(title="The fifth that gains most, against the fifth that gains least", items=items)
    ]


def _trait(each: Entry) -> str:
    p = f"adjusted p {'' if each['p_adjusted'] < 0.001 else '= '}{chance(each['p_adjusted'])}"
    name = sentence(human(each["column"]))
    if each["level"] is None:
        return f"{name}: mean {figure(each['top'])} against {figure(each['bottom'])} ({p})."
    return (
        f"{name} {quoted(str(each['level']))}: {percent(each['top'])} against "
        f"{percent(each['bottom'])} ({p})."
    )


def _scaled(value: float | None, written: Scale) -> float | None:
    return None if value is None else value * written.factor


def _groups(entry: Entry, about: str, written: Scale) -> Figure:
    names = ("gains least", "", "middle", "", "gains most")
    rows = [
        {
            "label": f"Fifth {each['group']}" + (f", {name}" if name else ""),
            "estimate": _scaled(each["estimate"], written),
            "low": _scaled(each["ci_low"], written),
            "high": _scaled(each["ci_high"], written),
            "wide_low": _scaled(each["simultaneous_low"], written),
            "wide_high": _scaled(each["simultaneous_high"], written),
            "raw": _scaled(each["predicted"], written),
            "tone": "quiet",
            "filled": True,
        }
        for each, name in zip(entry["groups"], names, strict=True)
    ]
    return Figure(
        title="Effect by predicted effect",
        subtitle=f"{sentence(about)}, in {written.heading}, fifths of rows left out",
        describe="Effect in each fifth of the predicted effect with its interval.",
        draw=forest(rows, axis=f"Effect ({written.heading})"),
        footnote="Cross: what was predicted. Thin line: all five at once.",
        table=_groups_table(entry, written),
    )


def _groups_table(entry: Entry, written: Scale) -> Table:
    unit = written.unit or written.heading
    columns = (
        Column(label="Fifth", numeric=True),
        Column(label="Predicted", unit=unit, numeric=True),
        Column(label="Effect", unit=unit, numeric=True),
        Column(label="Interval", unit=unit, numeric=True),
    )
    rows = [
        (
            number(str(each["group"]), each["group"]),
            number(written.value(each["predicted"]), each["predicted"]),
            number(written.value(each["estimate"]), each["estimate"]),
            number(written.interval(each["ci_low"], each["ci_high"]), each["ci_low"]),
        )
        for each in entry["groups"]
    ]
    return table("Effect in fifths of the predicted effect", columns, rows)


def _curve(entry: Entry, about: str, written: Scale) -> Figure:
    curve = [*entry["ranking"]["curve"], {"share": 1.0, "toc": 0.0, "low": 0.0, "high": 0.0}]
    rows = [
        {
            "x": each["share"],
            "estimate": _scaled(each["toc"], written),
            "low": _scaled(each["low"], written),
            "high": _scaled(each["high"], written),
        }
        for each in curve
    ]
    area = entry["ranking"]["autoc"]
    p = chance(area["p_value"])
    return Figure(
        title="What choosing by predicted effect gains",
        subtitle=f"{sentence(about)}: effect in the share chosen first, less the average",
        describe="The curve TOC with its simultaneous band.",
        draw=partial(
            _curves.course,
            rows,
            axis=f"Above average ({written.heading})",
            across="Share chosen, largest predicted effect first",
            ordinal=False,
        ),
        footnote=f"Area under the curve {written.effect(area['estimate'])} "
        f"(p {'' if p.startswith('<') else '= '}{p}); a random order has 0, a backwards one is "
        "negative.",
    )


def _rule(result: Mapping[str, Any], entry: Entry, written: Scale) -> list[Block]:
    """The short rule, if on rows left out it beats both using it everywhere and nowhere."""
    rule = entry.get("rule")
    if not rule:
        return []
    goals = {each["name"]: each.get("goal", "increase") for each in outcomes(result)}
    sign = -1 if goals.get(entry["outcome"]) == "decrease" else 1
    against = together(
        f"{_value(rule[key], written, sign)} a row against {whom}"
        for whom, key in (("using it everywhere", "over_all"), ("using it nowhere", "over_none"))
    )
    if min(rule[key]["ci_low"] for key in ("over_all", "over_none")) <= 0:
        return [Text(text=f"No short rule is clearly better than one for all: {against}.")]
    items = tuple(_end(each) for each in rule["ends"])
    title = f"A short rule: it uses it in {percent(rule['treated'])} of the rows"
    said = f"On rows the rule was not made from it is worth {against}."
    return [Bullets(title=title, items=(*items, said))]


def _value(given: Entry, written: Scale, sign: int) -> str:
    ends = sorted(sign * given[end] for end in ("ci_low", "ci_high"))
    return f"{written.effect(sign * given['estimate'])} ({written.interval(*ends)})"


def _end(each: Entry) -> str:
    if not each["conditions"]:
        return "Use it everywhere." if each["treat"] else "Use it nowhere."
    when = together(_condition(one) for one in each["conditions"])
    return f"{'Use it' if each['treat'] else 'Do not use it'} where {when}."


def _condition(one: Entry) -> str:
    name = human(one["column"])
    if one["level"] is not None:
        return f"{name} is {'' if one['above'] else 'not '}{quoted(str(one['level']))}"
    return f"{name} is {'over' if one['above'] else 'at most'} {figure(one['cut'])}"


def _copy(entry: Entry, about: str, written: Scale) -> list[Block]:
    found = entry.get("explanation")
    if not found:
        return []
    unit = written.unit or written.heading
    pairs = list(zip(found["columns"], found["values"], strict=True))[:MOST_COLUMNS]
    listed = table(
        f"What the model of the effect of {about} varies with (association)",
        (Column(label="Column"), Column(label="Mean |SHAP|", unit=unit, numeric=True)),
        [(words(human(name)), number(written.width(value), value)) for name, value in pairs],
        note=f"The copy explains {percent(min(max(found['fidelity'], 0.0), 1.0))} of the "
        "variation of the learned effects.",
    )
    return [
        Details(
            title="What the model of effects varies with",
            blocks=(Text(text=_COPY, style="note"), listed),
        )
    ]
