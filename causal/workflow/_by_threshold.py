"""What changes where a score crosses the threshold from which exposure is given."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from causal.data.panel import IntArray, Panel
from causal.design.exposure import Exposure
from causal.diagnostics.exposure._made import Made, Shift
from causal.workflow._by_experiment import checked

if TYPE_CHECKING:
    import pandas as pd

    from causal.estimation.exposure.threshold import Jump
    from causal.reporting.exposure._run import Parts


def by_threshold(study: Exposure, table: pd.DataFrame | None, *, outcomes: bool) -> Parts:
    """Read, check and estimate; without outcomes only what checks need."""
    from causal.data.read import read, read_frame
    from causal.design.exposure_request import rows_request
    from causal.estimation.exposure.anderson_rubin import STRONG
    from causal.estimation.exposure.threshold import density, otherwise
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
    before = (*study.covariates, *study.negative_controls)
    made = Made(
        exposure=study.label,
        level=study.settings.level,
        strong=STRONG,
        density=density(score, study.cutoff),
        continuity=tuple(
            Shift(
                name=name,
                arm=str(study.score),
                effect=float(found.estimate or 0.0),
                error=float(found.error or 0.0),
                p=found.p,
            )
            for name in before
            if (found := _jump(study, panel, name, cluster)).p is not None
        ),
    )
    parts = replace(parts, findings=checked(made))
    if not outcomes:
        return parts
    jumps = [_jump(study, panel, each.name, cluster) for each in study.outcomes]
    if study.received:
        jumps.append(_jump(study, panel, study.received, cluster))
    y = panel.outcomes[study.outcomes[0].name].value
    ways = otherwise(jumps[0], y, score, study.cutoff, level=study.settings.level, cluster=cluster)
    return replace(parts, jumps=tuple(jumps), other_jumps=ways)


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
