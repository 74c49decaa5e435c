"""Who adopts when, and whether somebody is left to compare with."""

from __future__ import annotations

from causal.base.errors import listing
from causal.base.finding import Finding, Status
from causal.content.wording import count
from causal.diagnostics.rollout._made import Made, Panel


def check(made: Made) -> tuple[Finding, ...]:
    """Count cohorts.

    A PASS with several cohorts; a WARN with one (averages over event time, cohorts and all are then
    the same), where cohorts are left out or nobody is untreated in some period.
    """
    panel = made.panel
    said = _warnings(panel)
    return (
        Finding(
            name="adoption",
            status=Status.WARN if said else Status.PASS,
            meaning=" ".join([_counted(panel), *said, *_notes(panel)]),
            remedy="Bring periods before the first adoption, and others that adopt later or never."
            if said
            else "",
            detail=tuple(
                {
                    "adopts": each.adopted,
                    panel.entities: each.entities,
                    "clusters": each.clusters,
                    "periods before": each.before,
                }
                for each in panel.cohorts
            ),
        ),
    )


def _counted(panel: Panel) -> str:
    adopting = sum(each.entities for each in panel.cohorts)
    dates = len(panel.cohorts)
    compared = (
        f"{count(panel.never)} never do"
        if panel.never
        else "all do by the end, so those that adopt last are compared with until then"
    )
    return (
        f"{count(adopting)} {panel.entities} adopt at {count(dates)} "
        f"{'date' if dates == 1 else 'dates'}; {compared}."
    )


def _warnings(panel: Panel) -> list[str]:
    said = []
    if len(panel.cohorts) == 1:
        said.append(
            "With one date, averages coincide, and what else happened then is not told apart."
        )
    young = [each.adopted for each in panel.cohorts if not each.used]
    if young:
        said.append(
            f"Those of {listing(young, 3)} have fewer than {panel.minimum} periods before adoption "
            "and are left out."
        )
    alone = [each.adopted for each in panel.cohorts if not each.averaged]
    if alone:
        said.append(
            f"Those of {listing(alone, 3)} are one cluster each, whose spread is not known: averages "
            "are without them."
        )
    if panel.alone:
        said.append(
            f"Nobody is untreated {_from(panel.alone)}, so nothing is known of the effect there."
        )
    return said


def _from(periods: tuple[str, ...]) -> str:
    return f"in {periods[0]}" if len(periods) == 1 else f"from {periods[0]} to {periods[-1]}"


def _notes(panel: Panel) -> list[str]:
    parts = (
        (panel.late, "Adopting after the last period, and compared with until then"),
        (panel.always, "Treated from the first period on, and left out"),
        (panel.between, "Adopting between two periods, which counts from the next"),
    )
    said = [
        f"{words}: {count(len(names))} ({listing(list(names), 3)})."
        for names, words in parts
        if names
    ]
    if panel.control == "never":
        said.append("Only those that never adopt are compared with.")
    return said
