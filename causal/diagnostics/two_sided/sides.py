"""On each side: planned shares kept, nobody in both arms, nobody in an arm that was not planned."""

from __future__ import annotations

from dataclasses import dataclass, replace

from causal.base.finding import Finding
from causal.data.moments.collected import Counts
from causal.data.pairs.collected import CollectedPairs
from causal.diagnostics.experiment import crossovers, sample_ratio, zero_share
from causal.diagnostics.experiment._planned import Planned


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    counts: Counts


def check(collected: CollectedPairs, planned: Planned) -> tuple[Finding, ...]:
    """Check users, then creators, as the units of an experiment of their own.

    Each side was drawn by itself, so each has tests of its own, and a page is stopped by either.
    """
    found: list[Finding] = []
    for side, counts in (("users", collected.users), ("creators", collected.creators)):
        own = replace(planned, named=side)
        for member in (sample_ratio, crossovers, zero_share):
            found += [_named(each, side) for each in member.check(_Side(counts=counts), own)]
    return tuple(found)


def _named(finding: Finding, side: str) -> Finding:
    """The finding with the side in its name, and the keys of the side in its remedy."""
    remedy = finding.remedy.replace("arms.", f"arms.{side.removesuffix('s')}.")
    return replace(finding, name=f"{finding.name} ({side})", remedy=remedy)
