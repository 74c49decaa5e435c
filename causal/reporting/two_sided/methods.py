"""Methods: every formula as it was used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import count, figure, human, percent, sentence
from causal.reporting._view import Block, Bullets, Column, Section, Text, table, words


def section(result: Mapping[str, Any]) -> Section | None:
    """Say how numbers were made."""
    level = percent(result["study"]["level"])
    texts = (
        "A metric is a mean over all pairs of a user and a creator, pairs without a row as 0, or "
        "the ratio of two such means. Effects are differences between the four cells.",
        "Users were drawn, and so were creators. The variance is that of the users' means, plus "
        "that of the creators' means, less the noise of single pairs, which both contain (two-way "
        "clusters: Cameron, Gelbach, Miller 2011; Bajari et al. 2023). Ratios by the delta method.",
        "Intervals are Student's t with the degrees of freedom of the side that has fewer "
        "(Satterthwaite over the arms of each side, and over the variance as a whole).",
        "p is that of the absolute effect. The relative interval is Fieller's, with the same "
        "degrees of freedom; where the level it is relative to is not distinguishable from zero "
        "there is none.",
        f"Fixed horizon: read once. The {level} intervals of success metrics hold for all of them at "
        "once (the largest |t| under their joint covariance); other estimands and metrics are for "
        "display, guardrails have to pass each.",
        "A spillover is ruled out when its whole relative interval is within the declared margin. "
        "Each has to be, on every success metric, for the effect of a launch to be identified. It is "
        "shown when its p is below alpha shared out over all spillovers of success metrics.",
    )
    blocks: list[Block] = [Text(text=text) for text in texts]
    blocks.append(_metrics(result))
    if result["data"]["dropped"]:
        items = tuple(
            f"{sentence(each['reason'])}: {count(each['rows'])}"
            for each in result["data"]["dropped"]
        )
        blocks.append(Bullets(title="Left out", items=items))
    return Section(
        order=100, id="methods", chapter="Methods", title="Methods", blocks=tuple(blocks)
    )


def _metrics(result: Mapping[str, Any]) -> Any:
    columns = (
        Column(label="Metric"),
        Column(label="Role"),
        Column(label="Good is"),
        Column(label="Margin"),
        Column(label="Made of"),
    )
    rows = [
        (
            words(sentence(human(each["name"]))),
            words(each["role"]),
            words("higher" if each["goal"] == "increase" else "lower"),
            words(_margin(each)),
            words(
                f"sum of {each['column']} over pairs"
                if each["column"]
                else f"{each['numerator']} over {each['denominator']}"
            ),
        )
        for each in result["outcomes"]
    ]
    return table("Metrics", columns, rows)


def _margin(each: Mapping[str, Any]) -> str | None:
    if each["margin"] is not None:
        return percent(each["margin"])
    return None if each["absolute_margin"] is None else figure(each["absolute_margin"])
