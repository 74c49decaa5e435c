"""Methods: every formula as it was used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import count, human, percent, sentence, together
from causal.reporting._view import Block, Bullets, Section, Text
from causal.reporting.rollout._parts import outcomes


def section(result: Mapping[str, Any]) -> Section | None:
    """Say how numbers were made; other schedules say it beside theirs."""
    if not outcomes(result):
        return None
    texts = [*_effects(result), *_errors(result), *_trust(result)]
    blocks: list[Block] = [Text(text=text) for text in texts]
    dropped = result["data"]["dropped"]
    if dropped:
        items = tuple(f"{sentence(each['reason'])}: {count(each['rows'])}" for each in dropped)
        blocks.append(Bullets(title="Rows left out", items=items))
    if result["data"]["notes"]:
        blocks.append(Bullets(title="Columns", items=tuple(result["data"]["notes"])))
    return Section(
        order=100, id="methods", chapter="Methods", title="Methods", blocks=tuple(blocks)
    )


def _effects(result: Mapping[str, Any]) -> list[str]:
    study, own = result["study"], result["staggered"]
    entities = own["entities"]
    others = (
        f"{entities} that never adopt"
        if study["control"] == "never"
        else f"{entities} not yet treated in either period"
    )
    covariates = together(human(each) for each in study["covariates"])
    how = (
        f"doubly robust: trends may follow {covariates} as before any adoption (a model of who "
        "adopts and one of how others moved; Sant\u2019Anna, Zhao 2020)"
        if covariates
        else "the change of the one mean less that of the other"
    )
    within = f" Comparisons are within {human(study['block'])}." if study["block"] else ""
    return [
        f"A cell is what adopters of one date had more in one period than they would have had: {how}, "
        f"against {others}, from the last period before adoption"
        + (
            f" less {count(study['anticipation'])}, in which it may already act"
            if study["anticipation"]
            else ""
        )
        + f" (Callaway, Sant\u2019Anna 2021).{within}",
        "Averages weigh cells by how many entities a cohort has"
        + (f", counted by {human(study['weight'])}." if study["weight"] else "."),
        f"In words: among {entities} that adopted, what the outcome was beyond what it would have "
        "been without the rollout, if they would have moved as the others did.",
    ]


def _errors(result: Mapping[str, Any]) -> list[str]:
    study = result["study"]
    cluster = human(study["cluster"]) if study["cluster"] else result["staggered"]["entity"]
    level = percent(study["level"])
    return [
        f"Each {cluster} is one draw. Variances are sums over cohorts of the spread of their "
        f"{cluster} sums of influence, with a t of Satterthwaite\u2019s degrees of freedom; they are "
        "given the sizes of cohorts.",
        f"Intervals for all at once hold for a whole chart together in {level} of studies (the "
        "largest |t| under the joint covariance).",
    ]


def _trust(result: Mapping[str, Any]) -> list[str]:
    made = outcomes(result)
    texts = [
        "Trends before adoption are tested jointly (F, or the largest |t| where clusters are few); "
        "what the test would miss follows Roth (2022).",
        "Bounds on trends follow Rambachan, Roth (2023): relative magnitudes by two one-sided tests "
        "for each step before adoption, joined; changes of slope by the shortest interval of fixed "
        "length.",
        "Filling in fits entities and periods to untreated cells (Borusyak, Jaravel, Spiess 2024); "
        "its errors leave out a cluster at a time. Beside group-time effects it is read on the same "
        "cells, with the error of the difference within cohorts.",
    ]
    if any(own["contamination"]["gamma"] is not None for own in made):
        texts.append(
            "What neighbours do is one more column of that fit, the share of treated neighbours; the "
            "effect against no rollout at all sets it to zero."
        )
    return texts
