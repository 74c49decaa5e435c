"""Are there donors enough, and does the answer hang on one of them."""

from __future__ import annotations

from causal.base.errors import listing
from causal.base.finding import Finding, Status
from causal.content.wording import count, human, p_is, percent, quoted
from causal.diagnostics.single._made import Blended, Made

FEWEST, FEW = 2, 10
ALONE, BEYOND = 0.8, 0.1
ROUNDING = 1e-9


def check(made: Made) -> tuple[Finding, ...]:
    """Count donors and look at each blend.

    A WARN: fewer than 10 (no interval then), fewer than ranks need to tell an effect from chance at
    the study's level (19 at 95%: the interval then rests on how donors' effects are spread), one with over 0.8 of the weight, an outcome outside all
    donors in over a tenth of the periods before, or an effect that changes sign when one is left out.
    """
    if "synthetic" not in made.asked:
        return ()
    odd = []
    if made.donors < FEW:
        few = "there is nothing to blend" if made.donors < FEWEST else "chance has no interval then"
        odd.append(f"at least {FEW} are needed: {few}")
    elif (least := 1 / (made.donors + 1)) > 1 - made.level + ROUNDING:
        odd.append(
            f"ranks among so few cannot be under {p_is(least)}, so that the {percent(made.level)} "
            "interval rests on their effects being spread as a normal's"
        )
    for each in made.looked:
        if each.blended is not None:
            odd += _of_blend(quoted(human(each.outcome)), each.blended)
    said = [f"{count(made.donors)} {made.entities} may stand for what changed"]
    return (
        Finding(
            name="donors",
            status=Status.WARN if odd else Status.PASS,
            meaning=f"{'; '.join([*said, *odd, *_left_out(made)])}.",
            remedy="Choose donors with single.donors, or add entities that the change did not reach."
            if odd
            else "",
            statistic=float(made.donors),
            threshold=float(FEW),
            detail=tuple(
                {
                    "outcome": each.outcome,
                    "heaviest": each.blended.heaviest,
                    "weight": each.blended.weight,
                    "outside all donors": each.blended.beyond,
                    "least without one": each.blended.without_low,
                    "most without one": each.blended.without_high,
                }
                for each in made.looked
                if each.blended is not None
            ),
        ),
    )


def _left_out(made: Made) -> list[str]:
    said = []
    if made.holes:
        lacking = "lacks" if len(made.holes) == 1 else "lack"
        said.append(f"{listing(list(made.holes), 3)} {lacking} a period and cannot be one")
    if made.reached:
        said.append(
            f"{listing(list(made.reached), 3)} {'has' if len(made.reached) == 1 else 'have'} "
            "neighbours that changed and cannot be one"
        )
    return said


def _of_blend(name: str, each: Blended) -> list[str]:
    said = []
    if each.weight > ALONE:
        said.append(f"the blend for {name} is {percent(each.weight)} '{each.heaviest}'")
    if each.beyond > BEYOND:
        said.append(f"{name} lies outside all donors in {percent(each.beyond)} of the time before")
    if each.effect * each.without_low < 0 or each.effect * each.without_high < 0:
        said.append(f"without one donor the effect on {name} has the other sign")
    return said
