"""Does the experiment say what treating everybody does, or only what these pairs did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from causal.content.wording import human, percent, quoted, together
from causal.estimation.two_sided.estimands import Estimand
from causal.estimation.two_sided.readings import Reading

Given = Literal["pairs", "sides"]
Pool = Literal["shared", "separate"]


class Spill(StrEnum):
    """What the data say of a spillover."""

    SHOWN = "shown"
    RULED_OUT = "ruled out"
    OPEN = "not ruled out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spillover:
    """Pairs that were given nothing, one of whose two was treated elsewhere."""

    metric: str
    estimand: Estimand
    spill: Spill
    margin: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """Whether the total effect is the effect of a launch to everybody, and ``because`` of what."""

    holds: bool
    because: str
    spillovers: tuple[Spillover, ...] = ()


def identified(
    readings: Sequence[Reading],
    *,
    given: Given,
    pool: Pool | None,
    margins: Mapping[str, float],
    level: float,
) -> Identified:
    """Say whether the global effect is identified.

    Where the treatment is given to pairs of a treated user and a treated creator, mixed pairs are
    given nothing: what moves there is a spillover, of the user's other pairs or of the creator's
    (Bajari et al. 2023). The total effect then holds for everybody when both are within the margin
    under which they count as none; each must be, so no allowance for several tests is needed. One
    that is shown, with allowance for all of them (Bonferroni), refutes a pool that is declared
    separate.

    Where each side is given its own treatment, mixed pairs are treated themselves, and no cell shows
    what was taken from one creator for another; only a declared separate pool identifies the total.

    Parameters
    ----------
    readings
        Of the metrics that decide.
    given
        What is treated: pairs with both sides treated, or sides.
    pool
        Whether creators share one pool of exposure, None where the study does not say.
    margins
        By metric, the relative spillover that counts as none.
    level
        Confidence level of the study.
    """
    spillovers = _spillovers(readings, margins, 1 - level) if given == "pairs" else ()
    shown = [each for each in spillovers if each.spill is Spill.SHOWN]
    if shown:
        holds, because = False, _shown(shown, readings)
    elif pool == "shared":
        holds, because = False, _SHARED
    elif pool == "separate":
        holds, because = True, "the study declares that pairs draw on separate pools of exposure"
        because += ", and no spillover is shown" if spillovers else ""
    elif given == "sides":
        holds, because = False, _SHARED
    else:
        still = [each for each in spillovers if each.spill is Spill.OPEN]
        holds, because = (False, _still_open(still)) if still else (True, _ruled_out(margins))
    return Identified(holds=holds, because=because, spillovers=spillovers)


_SHARED = (
    "creators of both arms compete for the attention of the same users: what treated creators gain "
    "may be taken from the others, and once all are treated nobody is left to take it from"
)
_WHOSE = {
    Estimand.USERS: "treated users and untreated creators",
    Estimand.CREATORS: "treated creators and untreated users",
}


def _spillovers(
    readings: Sequence[Reading], margins: Mapping[str, float], alpha: float
) -> tuple[Spillover, ...]:
    listed = [each for each in readings if each.estimand in _WHOSE]
    return tuple(
        Spillover(
            metric=each.metric,
            estimand=each.estimand,
            spill=_spill(each, margins.get(each.metric), alpha / len(listed)),
            margin=margins.get(each.metric),
        )
        for each in listed
    )


def _spill(each: Reading, margin: float | None, alpha: float) -> Spill:
    """Within the margin counts as none, be it zero or not."""
    told = each.relative
    if each.refusal:
        return Spill.OPEN
    if margin is not None and told.shape == "bounded" and told.low is not None:
        inside = -margin < told.low and (told.high or 0.0) < margin
        if inside:
            return Spill.RULED_OUT
    return Spill.SHOWN if each.p_value < alpha else Spill.OPEN


def _shown(shown: Sequence[Spillover], readings: Sequence[Reading]) -> str:
    of = {(each.metric, each.estimand): each for each in readings}
    said = []
    for each in shown:
        told = of[each.metric, each.estimand]
        moved = "gained" if told.effect.value > 0 else "lost"
        bounded = told.relative.shape == "bounded"
        size = f"{percent(abs(told.relative.value))} of " if bounded else ""
        said.append(f"pairs of {_WHOSE[each.estimand]} {moved} {size}{human(each.metric)}")
    return f"pairs that were given nothing moved: {together(said)}"


def _still_open(still: Sequence[Spillover]) -> str:
    named = together(dict.fromkeys(quoted(human(each.metric)) for each in still))
    declared = (
        "" if all(each.margin is not None for each in still)
        else " (analysis.equivalence says how large a spillover counts as none)"
    )  # fmt: skip
    return (
        "spillovers onto pairs that were given nothing are neither shown nor ruled out for "
        f"{named}{declared}"
    )


def _ruled_out(margins: Mapping[str, float]) -> str:
    widest = percent(max(margins.values())) if margins else "their margin"
    return f"spillovers onto pairs that were given nothing are ruled out beyond {widest}"
