"""What changes where a score crosses the threshold from which exposure is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from causal.content.wording import count, human
from causal.data.panel import FloatArray, IntArray, Panel
from causal.design.exposure import Exposure
from causal.diagnostics.exposure._made import Made, Scores, Shift
from causal.workflow._by_experiment import checked

if TYPE_CHECKING:
    import pandas as pd

    from causal.estimation.exposure.threshold import Jump
    from causal.reporting.exposure._run import Parts


def by_threshold(study: Exposure, table: pd.DataFrame | None, *, outcomes: bool) -> Parts:
    """Read, check and estimate; without outcomes only what checks need."""
    from causal.data.read import read, read_frame
    from causal.design.exposure_request import rows_request
    from causal.estimation.exposure.threshold import otherwise
    from causal.reporting.exposure._run import Parts

    asked = rows_request(study)
    panel = read(asked) if table is None else read_frame(table, asked)
    score = panel.columns[str(study.score)].values
    cluster = panel.clusters[0] if study.cluster else None
    parts = Parts(
        study=study,
        provenance=panel.provenance,
        findings=(),
        units=panel.rows,
        types={
            each.name: "proportion" if panel.outcomes[each.name].binary else "mean"
            for each in study.outcomes
        },
    )
    jumps = _jumps(study, panel, cluster) if outcomes else ()
    ways: Mapping[str, Jump] = {}
    if jumps:
        y = panel.outcomes[study.outcomes[0].name].value
        ways = otherwise(
            jumps[0], y, score, study.cutoff, level=study.settings.level, cluster=cluster
        )
    return replace(
        parts,
        findings=checked(_made(study, panel, cluster, jumps[0] if jumps else None, ways)),
        jumps=jumps,
        other_jumps=ways,
        notes=_notes(study, panel, score),
    )


def _jumps(study: Exposure, panel: Panel, cluster: IntArray | None) -> tuple[Jump, ...]:
    """Jumps of the outcomes, then that of the exposure."""
    names = [each.name for each in study.outcomes]
    names += [study.received] if study.received else []
    return tuple(_jump(study, panel, name, cluster) for name in names)


def _notes(study: Exposure, panel: Panel, score: FloatArray) -> tuple[str, ...]:
    """How many rows lack a score or an outcome, and are left out."""
    lacks = [(study.score, ~np.isfinite(score))]
    lacks += [
        (each.name, np.isfinite(score) & ~np.isfinite(panel.outcomes[each.name].value))
        for each in study.outcomes
    ]
    return tuple(
        f"{count(int(which.sum()))} rows have no '{name}' and are left out."
        for name, which in lacks
        if which.any()
    )


def _made(
    study: Exposure,
    panel: Panel,
    cluster: IntArray | None,
    first: Jump | None,
    ways: Mapping[str, Jump],
) -> Made:
    from causal.estimation.exposure.anderson_rubin import STRONG
    from causal.estimation.exposure.threshold import density, heap

    score = panel.columns[str(study.score)].values
    before = {
        name: _jump(study, panel, name, cluster)
        for name in (*study.covariates, *study.negative_controls)
    }
    dose = _jump(study, panel, study.received, cluster) if study.received else None
    heaped = heap(score, study.cutoff)
    near = next((each.scores for each in (first, dose, *before.values()) if each), (0, 0))
    return Made(
        exposure=human(study.received or study.label),
        level=study.settings.level,
        strong=STRONG,
        scores=Scores(
            density=density(score, study.cutoff),
            at=heaped.rows,
            most=heaped.most,
            heap=heaped.p,
            fewest=min(near) or None,
        ),
        continuity=_shifts(before, str(study.score)),
        untested=tuple((name, each.refusal) for name, each in before.items() if each.refusal),
        crossing=next(iter(_shifts({study.received: dose}, str(study.score))), None)
        if dose
        else None,
        placebos=_shifts({way: each for way, each in ways.items() if "placebo" in way}, None),
    )


def _shifts(found: Mapping[str, Jump], score: str | None) -> tuple[Shift, ...]:
    """Jumps as checks read them; of what the score is not named, the name says where."""
    return tuple(
        Shift(
            name=each.outcome if score is None else name,
            arm=score or name,
            effect=float(each.estimate),
            error=float(each.error),
            p=each.p,
        )
        for name, each in found.items()
        if each.p is not None and each.estimate is not None and each.error is not None
    )


def _jump(study: Exposure, panel: Panel, name: str, cluster: IntArray | None) -> Jump:
    from causal.estimation.exposure.threshold import jump

    own = panel.outcomes.get(name)
    return jump(
        name,
        panel.columns[name].values if own is None else own.value,
        panel.columns[str(study.score)].values,
        study.cutoff,
        level=study.settings.level,
        cluster=cluster,
        bandwidth=study.analysis.bandwidth,
    )
