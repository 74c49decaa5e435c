"""Whether items of randomised cells have so much of the exposure that they displace one another."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.content.wording import percent
from causal.data.panel import Panel
from causal.design.study import Study

MANY = 0.20


def check(study: Study, panel: Panel) -> tuple[Finding, ...]:
    """WARN where the cells of what the ranker read have more than a fifth of all exposure."""
    given = study.exposure
    if given is None or given.ranked is None or panel.paths is None:
        return ()
    share = given.pool_share
    if share is None:
        return (
            Finding(
                name="pool share",
                status=Status.WARN,
                meaning="It is not said how much of all exposure the items of the cells have. Items "
                "that the ranker lifts push down others; where these are in another cell, the "
                "ranker's part looks larger than it is.",
                remedy="Give exposure.pool_share: impressions of the cells over all impressions.",
                threshold=MANY,
            ),
        )
    many = share > MANY
    return (
        Finding(
            name="pool share",
            status=Status.WARN if many else Status.PASS,
            meaning=f"The items of the cells have {percent(share)} of all exposure"
            + (
                ": those that the ranker lifts push down many of the others, so that the ranker's "
                "part and the total look larger than for a few items."
                if many
                else ", so they hardly displace one another."
            ),
            remedy="Make the cells smaller: a few percent of the items each." if many else "",
            statistic=share,
            threshold=MANY,
        ),
    )
