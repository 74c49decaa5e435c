"""What the success model uses: a prediction, under a banner that says so."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from causal.content.wording import count, figure, human, percent, sentence
from causal.reporting import _curves, _forest
from causal.reporting._view import (
    Banner,
    Block,
    Bullets,
    Column,
    Details,
    Figure,
    Group,
    Section,
    Table,
    Text,
    number,
    table,
    words,
)

MOST_GROUPS = 12
MOST_BRIEF = 6
MOST_SWARMS = 8
MOST_DOTS = 200
MOST_CURVES = 4
_MEASURES = {"log_loss": "log loss", "r2": "R\u00b2"}


def section(result: Mapping[str, Any]) -> Section | None:
    """Show what the model reads, how sure that is, and how well it predicts."""
    models = list(result.get("success_models", ()))
    if not models:
        return None
    blocks: list[Block] = [
        Banner(
            title="Prediction, not effect",
            tone="warn",
            text="This chapter describes a model that predicts success. A column it uses may stand in "
            "for something else; what changing it would do is told only in the chapter on effects.",
        )
    ]
    for place, model in enumerate(models):
        inside = tuple(_model(model) if place == 0 else _brief(model))
        blocks += (
            inside
            if len(models) == 1
            else [Group(title=sentence(human(model["outcome"])), blocks=inside)]
        )
    return Section(
        order=90,
        id="success-model",
        chapter="Success model",
        title="What the success model uses",
        blocks=tuple(blocks),
    )


def _model(model: Mapping[str, Any]) -> list[Block]:
    blocks: list[Block] = [Text(text=_card(model))]
    if model.get("importance"):
        blocks.append(_importance(model))
    if model.get("swarm"):
        blocks.append(_swarm(model))
    curves = [each for each in model.get("dependence", ()) if len(each.get("points", ())) > 1]
    if curves:
        blocks.append(
            Details(
                title=f"How the prediction varies with {_listed(curves)}",
                blocks=tuple(_curve(model, each) for each in curves[:MOST_CURVES]),
            )
        )
    if model.get("correlated"):
        blocks.append(
            Bullets(
                title="Columns that move together and are read as one",
                items=tuple(", ".join(map(str, each)) for each in model["correlated"][:12]),
            )
        )
    if model.get("interactions"):
        blocks.append(
            Details(title="Pairs that the model uses together", blocks=(_interactions(model),))
        )
    if model.get("calibration"):
        blocks.append(
            Details(title="Calibration: predicted against observed", blocks=(_calibration(model),))
        )
    return blocks


def _brief(model: Mapping[str, Any]) -> list[Block]:
    """Every model but the first: its card and what it reads; the rest is in the result."""
    blocks: list[Block] = [Text(text=_card(model))]
    if model.get("importance"):
        blocks.append(_importance(model, MOST_BRIEF))
    return [*blocks, Text(text="Its swarm and curves are in the result.", style="note")]


def _listed(curves: list[Mapping[str, Any]]) -> str:
    return ", ".join(human(str(each["group"])) for each in curves[:MOST_CURVES])


def _card(model: Mapping[str, Any]) -> str:
    parts = [f"{model.get('metric')} {figure(model.get('value'))}"]
    parts += [
        f"{name} {figure(model[key])}"
        for key, name in _MEASURES.items()
        if model.get(key) is not None and _plain(model.get("metric")) != _plain(name)
    ]
    return (
        f"LightGBM, objective {human(str(model.get('objective')))}, predicted out of fold: "
        f"{', '.join(parts)}, on {count(model.get('rows'))} rows in "
        f"{count(model.get('clusters'))} clusters. SHAP values are in {_unit(model)}."
    )


def _plain(name: object) -> str:
    return str(name).lower().replace("\u00b2", "2").replace("_", " ")


def _unit(model: Mapping[str, Any]) -> str:
    return str(model.get("units_of_shap") or "units of the prediction")


def _importance(model: Mapping[str, Any], most: int = MOST_GROUPS) -> Figure:
    given = model["importance"]
    drawn = [
        {
            "label": _group(each["group"]),
            "value": each.get("value"),
            "low": each.get("low"),
            "high": each.get("high"),
            "floor": each.get("noise_floor"),
            "tone": "accent" if each.get("above_floor") else "faint",
        }
        for each in given[:most]
    ]
    return Figure(
        title=f"Mean absolute SHAP value, prediction of {human(model['outcome'])}",
        subtitle=f"In {_unit(model)}; members of a group are added up before the absolute value",
        describe="Bars of mean absolute SHAP value by group with an interval over refits.",
        draw=partial(_forest.bars, drawn, axis=f"Mean |SHAP| ({_unit(model)})"),
        footnote="Line: interval over refits of the model. Upright tick: noise floor, what a "
        "permuted copy of the group reaches; groups not clearly above theirs are grey.",
        table=_importance_table(model, most),
    )


def _group(name: object) -> str:
    return sentence(human(str(name)))


def _importance_table(model: Mapping[str, Any], most: int) -> Table:
    unit = _unit(model)
    columns = (
        Column(label="Group"),
        Column(label="Mean |SHAP|", unit=unit, numeric=True),
        Column(label="Refit interval", unit=unit, numeric=True),
        Column(label="Rank range", numeric=True),
        Column(label="Above noise floor"),
        Column(label="Members"),
    )
    listed = [
        (
            words(_group(each["group"])),
            number(figure(each.get("value")), each.get("value")),
            number(f"{figure(each.get('low'))} to {figure(each.get('high'))}", each.get("low")),
            number(
                f"{figure(each.get('rank_low'))} to {figure(each.get('rank_high'))}",
                each.get("rank_low"),
            ),
            words("yes" if each.get("above_floor") else "no"),
            words(", ".join(map(str, (each.get("members") or ())[:8]))),
        )
        for each in model["importance"]
    ]
    return table("Mean absolute SHAP value by group", columns, listed, most=most)


def _swarm(model: Mapping[str, Any]) -> Figure:
    shown = model["swarm"][:MOST_SWARMS]
    room = MOST_DOTS // max(1, len(shown))
    dots = [
        {
            "label": _group(each["group"]),
            **{key: dot.get(key) for key in ("shap", "share", "level")},
        }
        for each in shown
        for dot in _binned(each["bins"], room)
    ]
    unit = _unit(model)
    columns = (
        Column(label="Group"),
        Column(label="Lowest", unit=unit, numeric=True),
        Column(label="Highest", unit=unit, numeric=True),
        Column(label="High values are predicted"),
    )
    listed = [
        (words(_group(each["group"])), *_ends(each["bins"]), words(_leaning(each["bins"])))
        for each in shown
    ]
    return Figure(
        title="Where the values lie",
        subtitle=f"SHAP values in {unit}; a dot is a bin, larger for more rows",
        describe="Binned SHAP values by group, coloured by the value of the column.",
        draw=partial(_curves.swarm, dots, axis=f"SHAP value ({unit})"),
        footnote="Blue: low values of the column; red: high values; grey: middle, or no order.",
        table=table("Where the SHAP values lie", columns, listed),
    )


def _binned(bins: list[Mapping[str, Any]], most: int) -> list[Mapping[str, Any]]:
    """Join neighbouring bins until at most so many are left; shares add up."""
    known = sorted(
        (each for each in bins if each.get("shap") is not None), key=lambda each: each["shap"]
    )
    every = max(1, -(-len(known) // most))
    return [_joined(known[place : place + every]) for place in range(0, len(known), every)]


def _joined(bins: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    total = sum(each.get("share") or 0 for each in bins) or 1.0
    levels = [each.get("level") for each in bins]

    def mean(key: str) -> float:
        return float(sum(each[key] * (each.get("share") or 0) for each in bins) / total)

    return {
        "shap": mean("shap"),
        "share": total,
        "level": None if None in levels else mean("level"),
    }


def _ends(bins: list[Mapping[str, Any]]) -> tuple[Any, Any]:
    values = [each["shap"] for each in bins if each.get("shap") is not None]
    low, high = (min(values), max(values)) if values else (None, None)
    return number(figure(low, 2), low), number(figure(high, 2), high)


def _leaning(bins: list[Mapping[str, Any]]) -> str:
    """Whether rows with high values of the column have higher SHAP values."""
    known = [
        (each["level"], each["shap"], each["share"])
        for each in bins
        if None not in (each.get("level"), each.get("shap"), each.get("share"))
    ]
    total = sum(share for *_, share in known)
    if not known or not total:
        return "no order"
    level = sum(level * share for level, _, share in known) / total
    shap = sum(shap * share for _, shap, share in known) / total
    slope = sum((one - level) * (two - shap) * share for one, two, share in known)
    return "higher" if slope > 0 else "lower" if slope < 0 else "the same"


def _curve(model: Mapping[str, Any], curve: Mapping[str, Any]) -> Figure:
    points = list(curve["points"])
    ordinal = curve.get("x_kind") != "continuous"
    drawn = [
        {
            "x": str(each["x"]) if ordinal else each["x"],
            "estimate": each.get("shap"),
            "low": each.get("low"),
            "high": each.get("high"),
        }
        for each in points
    ]
    name, unit = _group(curve["group"]), _unit(model)
    columns = (
        Column(label=name, numeric=not ordinal),
        Column(label="SHAP", unit=unit, numeric=True),
        Column(label="Range", unit=unit, numeric=True),
    )
    listed = [
        (
            words(each["x"]) if ordinal else number(figure(each["x"]), each["x"]),
            number(figure(each.get("shap"), 2), each.get("shap")),
            number(
                f"{figure(each.get('low'), 2)} to {figure(each.get('high'), 2)}", each.get("low")
            ),
        )
        for each in points
    ]
    return Figure(
        title=f"Prediction by {human(str(curve['group']))}",
        subtitle=f"Mean SHAP value in {unit}, with its range",
        describe=f"SHAP value of {name} along its values.",
        draw=partial(_curves.course, drawn, axis=f"SHAP ({unit})", across=name, ordinal=ordinal),
        table=table(f"Prediction by {name}", columns, listed, most=24),
    )


def _interactions(model: Mapping[str, Any]) -> Table:
    columns = (
        Column(label="First"),
        Column(label="Second"),
        Column(label="Mean |SHAP interaction|", unit=_unit(model), numeric=True),
    )
    listed = [
        (
            words(_group(each["first"])),
            words(_group(each["second"])),
            number(figure(each.get("value")), each.get("value")),
        )
        for each in model["interactions"]
    ]
    return table("Pairs that the model uses together", columns, listed, most=12)


def _calibration(model: Mapping[str, Any]) -> Table:
    columns = (
        Column(label="Predicted", numeric=True),
        Column(label="Observed", numeric=True),
        Column(label="Share of rows", unit="%", numeric=True),
    )
    listed = [
        (
            number(figure(each.get("predicted")), each.get("predicted")),
            number(figure(each.get("observed")), each.get("observed")),
            number(percent(each.get("share")), each.get("share")),
        )
        for each in model["calibration"]
    ]
    return table("Predicted against observed", columns, listed, most=20)
