"""Methods of a change at one date: every formula as it was used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import count, human, percent, sentence
from causal.reporting._view import Block, Bullets, Section, Text


def section(result: Mapping[str, Any]) -> Section | None:
    """Say how numbers were made; nothing for another schedule."""
    own = result.get("single")
    if own is None:
        return None
    texts = []
    if "synthetic" in own["methods"]:
        texts += _blend(result, own)
    if "series" in own["methods"]:
        texts += _course(own)
    blocks: list[Block] = [Text(text=text) for text in texts]
    dropped = result["data"]["dropped"]
    if dropped:
        items = tuple(f"{sentence(each['reason'])}: {count(each['rows'])}" for each in dropped)
        blocks.append(Bullets(title="Rows left out", items=items))
    return Section(
        order=100, id="methods", chapter="Methods", title="Methods", blocks=tuple(blocks)
    )


def _blend(result: Mapping[str, Any], own: Mapping[str, Any]) -> list[str]:
    level, entities = percent(result["study"]["level"]), own["entities_called"]
    weight = result["study"]["weight"]
    several = len(own["treated"]) > 1
    mean = f" by {human(weight)}" if weight else ""
    return [
        "Synthetic difference-in-differences (Arkhangelsky, Athey, Hirshberg, Imbens, Wager 2021): "
        "weights of donors, at least zero and adding up to one, make their course before the change "
        "as that of what changed, up to a level; weights of periods before make them as those after. "
        "The effect is the difference in differences under both. Synthetic control matches levels "
        "and weighs donors only; the plain difference weighs all alike.",
        f"Errors: {'groups of donors drawn' if several else 'every donor in turn'} take the place of "
        "what changed, where nothing happened; the spread of those effects is the standard error, "
        "stretched where what changed is farther from its blend before than the middle donor is, "
        f"with t on donors less two. The {level} interval needs ten donors "
        f"{'for each that changed' if several else ''}".rstrip()
        + " and that their effects are spread about as a normal's; the rank p needs neither, and cannot "
        "be under one in donors and what changed.",
        f"In words: what the change did to {entities} that changed, if the blend would have stayed with "
        "them and the change did not reach the donors.",
        *(
            [f"What changed is the mean of {count(len(own['treated']))} {entities}{mean}."]
            if several
            else []
        ),
    ]


def _course(own: Mapping[str, Any]) -> list[str]:
    season = f", places in a season of {count(own['season'])}" if own["season"] else ""
    return [
        f"Own course: a level, a straight trend{season}, and from the change on a step and a change of "
        "slope, by generalised least squares with errors that resemble the one before. How alike they "
        "are is averaged over by its restricted likelihood, so that it is in the error. The effect is "
        "the mean of step and slope over the periods after.",
    ]
