"""Did what is recorded change between the periods, so that a number moved and nothing else."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.content.wording import percent, quoted, together
from causal.data.movement.sums import Periods, SegmentSums

JUMP = 0.05
BREAK = 0.5


def check(periods: Periods) -> tuple[Finding, ...]:
    """Compare shares of rows with a value, and look for values that one period alone has.

    A share that jumps by more than 5 points is a WARN, by more than 50 a FAIL; the same for the
    share of rows whose value of a segment the other period lacks.
    """
    gaps = {f"a value of {quoted(each.outcome)}": _jump(periods, each) for each in periods.whole}
    gaps |= {
        f"values of {quoted(' x '.join(each.columns))} that the other period lacks": _lonely(each)
        for each in periods.cut
        if each.outcome == periods.whole[0].outcome
    }
    worst = max(gaps.values())
    status = Status.FAIL if worst > BREAK else Status.WARN if worst > JUMP else Status.PASS
    named = [name for name, gap in gaps.items() if gap > JUMP]
    return (
        Finding(
            name="logging",
            status=status,
            meaning=(
                f"What is recorded changed between the periods: {together(named)} (by "
                f"{percent(worst)} of the rows at most). A move may be a change of the log."
                if named
                else "Both periods record the same: rows with values, and the values they have."
            ),
            remedy="Map old names to new ones with data.derive, or choose periods with one log."
            if named
            else "",
            statistic=worst,
            threshold=BREAK if status is Status.FAIL else JUMP,
            blocks="page" if status is Status.FAIL else "none",
            detail=tuple({"of": name, "share of rows": gap} for name, gap in gaps.items()),
        ),
    )


def _jump(periods: Periods, sums: SegmentSums) -> float:
    before, after = (
        float(known) / rows for known, rows in zip(sums.rows.sum(axis=1), periods.rows, strict=True)
    )
    return abs(after - before)


def _lonely(sums: SegmentSums) -> float:
    """Share of one period's rows in segments that the other lacks, in the worse period."""
    rows = sums.rows / sums.rows.sum(axis=1, keepdims=True)
    there = (sums.rows > 0).all(axis=0)
    return float(rows[:, ~there].sum(axis=1).max(initial=0.0))
