"""What a run made of a study of exposure, as its page needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from causal.base.finding import Finding
from causal.data.panel import Provenance
from causal.design.exposure import Exposure
from causal.diagnostics.exposure._made import FirstStage
from causal.estimation._estimates import Estimates
from causal.estimation.exposure.exploration import Examination
from causal.estimation.exposure.held import Held
from causal.estimation.exposure.late import Compliers, Late
from causal.estimation.exposure.threshold import Jump


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parts:
    """What a run made of exposure, stage by stage; what a design lacks is empty.

    ``arms`` are (name, units of randomisation), control first; ``types`` says what each metric
    averages; ``filled`` counts units without a covariate.
    """

    study: Exposure
    provenance: Provenance
    findings: tuple[Finding, ...]
    sql: tuple[tuple[str, str], ...] = ()
    binary: bool = False
    units: int = 0
    arms: tuple[tuple[str, int], ...] = ()
    types: Mapping[str, str] = field(default_factory=dict)
    filled: Mapping[str, int] = field(default_factory=dict)
    estimates: Estimates | None = None
    slate: Estimates | None = None
    lates: tuple[Late, ...] = ()
    held: Mapping[str, Held] = field(default_factory=dict)
    first_stages: tuple[FirstStage, ...] = ()
    compliers: tuple[Compliers, ...] = ()
    why_no_compliers: str = ""
    explored: int = 0
    items: int = 0
    notes: tuple[str, ...] = ()
    examinations: tuple[Examination, ...] = ()
    jumps: tuple[Jump, ...] = ()
    other_jumps: Mapping[str, Jump] = field(default_factory=dict)
