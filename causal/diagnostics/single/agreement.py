"""Do its own course and a blend of donors say the same."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.content.wording import figure, human, quoted
from causal.diagnostics.single._made import Made

MOST = 2.0


def check(made: Made) -> tuple[Finding, ...]:
    """Compare the two effects: apart by more than 2 errors is a WARN.

    What happened to the donors at the same time is in the first and not in the second.
    """
    looked = [(each.outcome, each.gap) for each in made.looked if each.gap is not None]
    if not looked:
        return ()
    outcome, gap = max(looked, key=lambda each: abs(each[1]))
    apart = abs(gap) > MOST
    return (
        Finding(
            name="agreement",
            status=Status.WARN if apart else Status.PASS,
            meaning=(
                f"Against a blend of donors {quoted(human(outcome))} moved {figure(abs(gap), 2)} errors "
                f"{'more' if gap > 0 else 'less'} than against its own course: donors moved at that "
                "date too."
                if apart
                else "Its own course and a blend of donors give the same within their errors."
            ),
            remedy="Look what else happened then; only the blend takes it out." if apart else "",
            statistic=abs(gap),
            threshold=MOST,
            columns=(outcome,) if apart else (),
        ),
    )
