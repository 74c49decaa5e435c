"""Was the order of exploration rows chance: traits of items by place, and logged probabilities."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Finding, Status
from causal.content.wording import count, figure, human, p_is, quoted, together
from causal.diagnostics._tail import GATE, holm
from causal.diagnostics.exposure._made import Chances, Made

MOST_STRANGE = 0.01


def check(made: Made) -> tuple[Finding, ...]:
    """Compare traits over places, and probabilities with those of a uniform draw.

    A trait whose means differ over places (Holm, p < .001) is a FAIL: the order was not chance, and
    places differ by what is in them. More than 1% of probabilities that are not one over a whole
    number are a FAIL too.
    """
    return (*_traits(made), *_chances(made.chances))


def _traits(made: Made) -> tuple[Finding, ...]:
    if not made.traits:
        return ()
    adjusted = holm(np.array([each.p for each in made.traits]))
    apart = [each.name for each, p in zip(made.traits, adjusted.tolist(), strict=True) if p < GATE]
    least = float(adjusted.min())
    return (
        Finding(
            name="uniform order",
            status=Status.FAIL if apart else Status.PASS,
            meaning=(
                f"On exploration rows {together(quoted(human(name)) for name in apart)} differs "
                f"by place (adjusted {p_is(least)}): the order was not chance."
                if apart
                else "On exploration rows no trait of items differs by place (least adjusted "
                f"{p_is(least)})."
            ),
            remedy="Look how exploration orders items, and at what marks its rows."
            if apart
            else "",
            statistic=least,
            threshold=GATE,
            blocks="page" if apart else "none",
            columns=tuple(apart),
            detail=tuple(
                {
                    "trait": each.name,
                    "mean in the first place": each.first,
                    "in the last": each.last,
                    "Wald statistic": each.statistic,
                    "adjusted p": float(p),
                }
                for each, p in zip(made.traits, adjusted, strict=True)
            ),
        ),
    )


def _chances(found: Chances | None) -> tuple[Finding, ...]:
    if found is None:
        return ()
    share = found.strange / max(found.rows, 1)
    failed = share > MOST_STRANGE
    return (
        Finding(
            name="propensity of exploration",
            status=Status.FAIL if failed else Status.PASS,
            meaning=(
                f"{count(found.strange)} of {count(found.rows)} exploration rows were logged with a "
                "probability that no uniform draw of the items left has."
                if failed
                else "Logged probabilities of exploration rows are those of a uniform draw of "
                f"{found.fewest} to {found.most} items."
            ),
            remedy="Look what marks exploration, and how its probability is logged."
            if failed
            else "",
            statistic=share,
            threshold=MOST_STRANGE,
            blocks="page" if failed else "none",
            detail=({"rows": found.rows, "not uniform": figure(share)},) if failed else (),
        ),
    )
