"""Methods: every formula as it was used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import count, human, percent, sentence, together
from causal.reporting._view import Block, Bullets, Section, Text


def section(result: Mapping[str, Any]) -> Section | None:
    """Say how numbers were made."""
    level = percent(result["study"]["level"])
    texts = [
        "With w the share of a segment and r its level, before (0) and after (1), and M the metric: "
        "mix (w1 \u2212 w0) ((r0 + r1)/2 \u2212 (M0 + M1)/2), rate (r1 \u2212 r0) (w0 + w1)/2. Both "
        "add up to M1 \u2212 M0 with nothing left over."
        if not result["study"]["interaction"]
        else "With w the share of a segment and r its level, before (0) and after (1), and M the "
        "metric: mix (w1 \u2212 w0) (r0 \u2212 M0), rate w0 (r1 \u2212 r0), both together "
        "(w1 \u2212 w0) (r1 \u2212 r0). The three add up to M1 \u2212 M0.",
        _clusters(result),
        f"Intervals marked as for all at once hold for every part and segment of their table "
        f"together in {level} of studies (the largest |t| under the joint covariance).",
    ]
    if result["cells"]:
        texts.append(
            "Segments are ranked by how little chance explains their move beyond the whole. Where few "
            "events carry what a segment shows of its own variance, that of the whole metric is mixed "
            "in; segments with fewer than 10 clusters (rows, without any) in a period are left out."
        )
    if result["mechanisms"]:
        texts += [
            "Mechanism shares are differences of means of the outcome under some mechanisms as they "
            "are after and the rest as before. Each mean is estimated from an outcome model and a "
            "model of the period, both out of fold, by the multiply robust score (Quintas-Martinez, "
            "Bahadori, Santiago, Mu, Heckerman 2024); errors are those of the scores, summed by "
            f"cluster. {count(result['fits'])} models were fitted.",
            "Shares add up to the move exactly: its two ends are the plain means of the periods.",
        ]
    blocks: list[Block] = [Text(text=text) for text in texts]
    if result["data"]["dropped"]:
        items = tuple(
            f"{sentence(each['reason'])}: {count(each['rows'])}"
            for each in result["data"]["dropped"]
        )
        blocks.append(Bullets(title="Left out", items=items))
    return Section(
        order=100, id="methods", chapter="Methods", title="Methods", blocks=tuple(blocks)
    )


def _clusters(result: Mapping[str, Any]) -> str:
    names = result["study"]["cluster"]
    if not names:
        return (
            "Rows are taken as independent, since the study names no cluster. If a user or a creator "
            "has several rows, intervals are too narrow."
        )
    named = together(human(name) for name in names)
    ways = " and their pairs (two ways, V1 + V2 \u2212 V12)" if len(names) == 2 else ""
    return (
        f"Errors are those of sums by {named}{ways}, linearised; a cluster counts once though it is "
        "in both periods."
    )
