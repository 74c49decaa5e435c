"""Did the rollout reach those that had not adopted."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.content.wording import figure, human, percent
from causal.diagnostics.rollout._made import Looked, Made, Panel, Spill

LEAST = 0.05


def check(made: Made) -> tuple[Finding, ...]:
    """Say whether untreated entities moved with the share of their treated neighbours.

    Found is a FAIL that stops nothing: the corrected effect is the answer, and the title carries no
    other. Ruled out is a PASS, as are pools that the study calls separate; neither, a WARN.
    """
    return tuple(
        _finding(each, each.spill, made.panel) for each in made.looked if each.spill is not None
    )


def _finding(looked: Looked, spill: Spill, panel: Panel) -> Finding:
    outcome = human(looked.outcome)
    apart = spill.state == "not looked at" and spill.declared
    status = {
        "found": Status.FAIL,
        "ruled out": Status.PASS,
    }.get(spill.state, Status.PASS if apart else Status.WARN)
    return Finding(
        name="contamination",
        status=status,
        meaning=_meaning(spill, outcome, panel),
        remedy=_remedy(spill, panel.entities) if status is not Status.PASS else "",
        statistic=spill.variation,
        threshold=None if spill.variation is None else LEAST,
        columns=(looked.outcome,),
    )


def _meaning(spill: Spill, outcome: str, panel: Panel) -> str:
    entity, entities = panel.entity, panel.entities
    if spill.state == "found":
        return (
            f"Where all of its neighbours are treated, {outcome} of an untreated {entity} moves by "
            f"{spill.slope}: untreated {entities} do not show what would have been without the "
            f"rollout. Counting that changes the effect by {spill.correction}."
        )
    if spill.state == "ruled out":
        return (
            f"Treated neighbours do not move {outcome} of untreated {entities} by what would matter: "
            f"counting them changes the effect by {spill.correction}."
        )
    if spill.state == "not looked at":
        if spill.declared:
            return f"The study says that {entities} do not share a pool; it was not looked at."
        return (
            f"Whether the rollout took {outcome} from untreated {entities}, or gave them some, was "
            "not looked at."
        )
    if spill.slope:
        return (
            f"Where all of its neighbours are treated, {outcome} of an untreated {entity} moves by "
            f"{spill.slope}, which leaves open whether that matters: counting it changes the effect "
            f"by {spill.correction}."
        )
    return (
        f"The share of treated neighbours is about the same for all untreated {entities} at a time "
        f"({_left(spill)} of its spread is left once entities and periods are "
        f"taken out), so what it does to {outcome} cannot be told from what time does."
    )


def _left(spill: Spill) -> str:
    share = spill.variation or 0.0
    return percent(share) if share >= LEAST / 50 else "next to nothing"


def _remedy(spill: Spill, entities: str) -> str:
    if spill.state == "not looked at":
        return (
            f"Write 'pool: separate' if {entities} do not compete for the same attention, or name "
            "the share of treated neighbours with 'spillover', or their columns with "
            "analysis.neighbours."
        )
    if spill.state == "found":
        return "Read the corrected effect; next time roll out to whole pools."
    least = figure(LEAST * 100)
    return (
        "Roll out to whole pools, so that the share of treated neighbours differs between untreated "
        f"{entities} at a time (over {least}% of its spread), or in two worlds that share nothing."
    )
