"""What shipped experiments claim of a mechanism's share, and what is left unexplained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from causal.base.errors import DesignError, listing, nearest
from causal.estimation.experiment.shrinkage import corrected
from causal.estimation.movement._attribution import Attribution

SELECTED = 1.96


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """An experiment that went live between the periods.

    ``effect`` and ``std_error`` are those on the outcome in the experiment; ``share`` is the part
    of the population after that has it and had not before; ``threshold`` is how many standard
    errors from zero the effect had to be to ship.
    """

    name: str
    node: str
    effect: float
    std_error: float
    share: float = 1.0
    threshold: float = SELECTED

    def __post_init__(self) -> None:
        if not self.std_error > 0:
            raise DesignError(
                f"shipped '{self.name}': std_error is {self.std_error}. Give the standard error of "
                "the effect, above zero."
            )
        if not 0 <= self.share <= 1:
            raise DesignError(
                f"shipped '{self.name}': share is {self.share}. Give the part of the population "
                "that has the change now and had not before, from 0 to 1."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one experiment claims: its effect, corrected for having been selected, times its share."""

    name: str
    effect: float
    corrected: float
    share: float
    claimed: float
    std_error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """One share of the move, split: ``claimed`` plus ``unexplained`` is the share, exactly.

    ``std_error``, ``low`` and ``high`` are of what is unexplained.
    """

    node: str
    share: float
    claims: tuple[Claim, ...]
    claimed: float
    unexplained: float
    std_error: float
    low: float
    high: float


def split(found: Attribution, shipped: Sequence[Shipped], *, level: float) -> tuple[Claimed, ...]:
    """Split every share into what shipped experiments claim of it and the rest.

    The experiments are taken as samples of their own: their errors add to that of the share. Their
    degrees of freedom are those of the share, which are fewer, by Satterthwaite (1946).

    Parameters
    ----------
    found
        The shares.
    shipped
        The experiments, each acting on one node.
    level
        Of the intervals.

    Raises
    ------
    DesignError
        When an experiment acts on no node of the move.
    """
    known = [node for group in found.groups for node in group]
    for each in shipped:
        if each.node not in known:
            raise DesignError(
                f"shipped '{each.name}' acts on '{each.node}', which is no node of the mechanisms. "
                f"They are {listing(known)}.{nearest(each.node, known)}"
            )
    claims = {
        at: tuple(_claim(each) for each in shipped if each.node in group)
        for at, group in enumerate(found.groups)
    }
    return tuple(_split(found, at, claims[at], level) for at in range(len(found.groups)))


def _claim(shipped: Shipped) -> Claim:
    value = corrected(shipped.effect, shipped.std_error, shipped.threshold)
    return Claim(
        name=shipped.name,
        effect=shipped.effect,
        corrected=value,
        share=shipped.share,
        claimed=value * shipped.share,
        std_error=shipped.share * _error(shipped),
    )


def _error(shipped: Shipped) -> float:
    """Standard error of the corrected effect, by how fast it moves with the effect."""
    step = shipped.std_error / 100
    ends = [
        corrected(shipped.effect + sign * step, shipped.std_error, shipped.threshold)
        for sign in (-1, 1)
    ]
    return shipped.std_error * max(1.0, (ends[1] - ends[0]) / (2 * step))


def _split(found: Attribution, at: int, claims: tuple[Claim, ...], level: float) -> Claimed:
    from scipy.stats import t as student

    rows = found.estimates
    share, own = float(rows.values[at]), float(rows.std_errors[at]) ** 2
    claimed = sum(each.claimed for each in claims)
    variance = own + sum(each.std_error**2 for each in claims)
    df = float(rows.df[at]) * (variance / own) ** 2 if own > 0 else np.inf
    reach = float(student.isf((1 - level) / 2, df)) * variance**0.5
    rest = share - claimed
    return Claimed(
        node=found.nodes[at],
        share=share,
        claims=claims,
        claimed=claimed,
        unexplained=rest,
        std_error=variance**0.5,
        low=rest - reach,
        high=rest + reach,
    )
