"""What changed when, and is there enough before and after it."""

from __future__ import annotations

from causal.base.errors import listing
from causal.base.finding import Finding, Status
from causal.content.wording import count
from causal.diagnostics.single._made import Made

FEW = 8
SEASONS = 2


def check(made: Made) -> tuple[Finding, ...]:
    """Name who changed and count periods: fewer than 8 before, or a date between two, is a WARN.

    So are fewer than two seasons before, which a season cannot be told from.
    """
    odd = []
    if made.before < FEW:
        odd.append(f"a course of {count(made.before)} {made.periods} before it says little")
    if made.season is not None and made.before < SEASONS * made.season:
        odd.append(f"fewer than {SEASONS} seasons of {count(made.season)} are before it")
    if made.between:
        odd.append(
            f"{listing(list(made.between), 3)} changed between two {made.periods}, and count as "
            "changed from the next"
        )
    if made.always:
        odd.append(f"{listing(list(made.always), 3)} had changed from the start, and are left out")
    said = (
        f"{listing(list(made.treated), 3)} changed in {made.launch}, with {count(made.before)} "
        f"{made.periods} before and {count(made.after)} from then on"
    )
    return (
        Finding(
            name="launch",
            status=Status.WARN if odd else Status.PASS,
            meaning=f"{'; '.join([said, *odd])}.",
            remedy="Take a longer stretch of time, or finer periods." if odd else "",
            statistic=float(made.before),
            threshold=float(FEW),
        ),
    )
