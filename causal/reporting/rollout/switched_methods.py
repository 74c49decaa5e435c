"""Methods of a switchback: every formula as it was used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import count, human, percent, sentence
from causal.reporting._view import Block, Bullets, Section, Text

FEW = 30


def section(result: Mapping[str, Any]) -> Section | None:
    """Say how numbers were made; nothing for another schedule."""
    own = result.get("switchback")
    if own is None:
        return None
    entities, called = own["entities_called"], own["periods_called"]
    study, clusters = result["study"], own["clusters"]
    level = percent(study["level"])
    weighed = (
        f"Cells are weighed by {human(study['weight'])}."
        if study["weight"]
        else "Cells are weighed by what the outcome is a mean of."
    )
    how = (
        f"outcome = level of {entities} + what each of the {called} was like + effect of being on + "
        f"error, without the {count(own['washout'])} {called} after each switch"
        if own["washout"]
        else f"outcome = level of {entities} + what each of the {called} was like + sum over lags 0 to "
        f"{own['periods']} of an effect of being on so many {called} before + error"
    )
    texts = [
        f"Weighted least squares: {how}. {weighed} The total is the sum over lags: on for "
        f"{own['periods'] + 1} {called} against off for as long.",
        f"In words: what being on does to {entities} that are on, beside others that are off at the "
        "time, on average over the draws.",
        f"Errors are sums of influence by {human(study['cluster'] or study['entity'])}, with t on "
        f"{count(clusters - 1)} degrees of freedom"
        + (
            "; below 30 of them at least as wide as errors over time within entities (Bartlett "
            "weights; Newey, West 1987)."
            if clusters < FEW
            else "."
        ),
        "Drawing anew: switches are drawn by the declared probability, what is switched as one as "
        "one, and the total over its error is compared with that of what was done (randomisation "
        "test; Bojinov, Simchi-Levi, Zhao 2023).",
        f"Intervals for all lags at once hold together in {level} of studies.",
    ]
    blocks: list[Block] = [Text(text=text) for text in texts]
    dropped = result["data"]["dropped"]
    if dropped:
        items = tuple(f"{sentence(each['reason'])}: {count(each['rows'])}" for each in dropped)
        blocks.append(Bullets(title="Rows left out", items=items))
    return Section(
        order=100, id="methods", chapter="Methods", title="Methods", blocks=tuple(blocks)
    )
