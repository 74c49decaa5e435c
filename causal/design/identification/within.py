"""Within block: rows are compared only inside their randomisation block, creator or story."""

from __future__ import annotations

from causal.data.panel import Panel
from causal.design.design import Design
from causal.design.identification._adjustment import adjustment
from causal.design.study import Study


def identify(study: Study, panel: Panel) -> Design | None:
    """Compare rows of the same block; None without blocks."""
    if not study.block:
        return None
    held, refused = adjustment(study, panel)
    blocks = " and ".join(study.block)
    randomized = study.assignment == "randomized"
    return Design(
        name="within",
        identification="randomized" if randomized else "adjusted",
        population=f"rows whose {blocks} has rows with and without the attribute",
        assumptions=(
            (f"Within {blocks} it was chance which row met whom.",)
            if randomized
            else (
                f"Within {blocks} nothing unmeasured moves both the attribute and the outcome, "
                "given what is held fixed.",
            )
        )
        + (
            "A row's attributes are a bundle: what else differs between variants and is not in the "
            "study is part of the effect.",
        ),
        adjustment=held,
        claims=True,
        within_block=True,
        refused={} if randomized else refused,
    )
