"""Leave one out: which column held fixed matters most, and how far an effect moves without it."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.estimation._fit import Fit
from causal.evaluation._chance import WARN_Z, limit
from causal.evaluation._evaluated import Evaluated, once_a_fit
from causal.evaluation._short import Omission, omissions
from causal.evaluation._verdict import (
    Effect,
    Verdict,
    clear,
    effect_of,
    hidden_cause_possible,
    named,
    usable,
)


def check(evaluated: Evaluated) -> tuple[Finding, ...]:
    """WARN when a clear effect of the headline design turns around without one column.

    A confounder is meant to move an effect, so a move is no fault. But an effect that hangs on
    one column is only as good as that column was measured.
    """
    fit = evaluated.leading
    found = verdicts(fit)
    if not found:
        return ()
    effect, worst = max(
        found.items(), key=lambda pair: (pair[1].status == "WARN", abs(pair[1].statistic or 0.0))
    )
    bad = worst.status == "WARN"
    return (
        Finding(
            name="leave one out",
            status=Status.WARN if bad else Status.PASS,
            statistic=worst.statistic,
            meaning=f"{named(effect)} in the {fit.design.name} design: {worst.words}",
            remedy="Make sure that this column was decided before the attribute and is measured "
            "well: a coarse or late one confounds again."
            if bad
            else "",
            columns=tuple(e[0] for e, verdict in found.items() if verdict.status == "WARN"),
        ),
    )


@once_a_fit
def verdicts(fit: Fit) -> dict[Effect, Verdict]:
    """The column that moves each effect most, by linear regressions with and without it."""
    if not hidden_cause_possible(fit):
        return {}
    moves = omissions(fit)
    comparisons = sum(len(each) for each in moves.values())
    return {
        effect_of(fit, j): _verdict(fit, j, moves[effect_of(fit, j)], comparisons)
        for j in usable(fit)
        if moves.get(effect_of(fit, j))
    }


def _verdict(fit: Fit, j: int, moves: tuple[Omission, ...], comparisons: int) -> Verdict:
    most = max(moves, key=lambda move: (abs(move.moved), move.column))
    value, error = float(fit.whole.values[j]), float(fit.whole.std_errors[j])
    size = most.moved / error
    beyond = abs(most.moved) > limit(WARN_Z, comparisons) * most.error
    turned = clear(fit, j) and beyond and (value + most.moved) * value <= 0
    words = f"Without '{most.column}', which moves it most, it would be {abs(size):.1f} of its "
    words += f"standard errors {'higher' if size > 0 else 'lower'}"
    words += (
        ": it would vanish or turn around."
        if turned
        else ", no more than chance allows."
        if not beyond
        else ", and keep its direction."
        if clear(fit, j)
        else "."
    )
    return Verdict(
        check="leave one out",
        status="WARN" if turned else "PASS",
        statistic=size,
        words=words,
        numbers={"column": most.column, "moved": most.moved, "moved_error": most.error},
    )
