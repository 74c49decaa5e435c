"""Attribution for content: which attributes cause success, for whom, and how sure we are.

The way of the data is the listing of the folders, and each imports only from those before it::

    base            errors, named random streams, the family catalogue
    content         the domain: Attribute, Outcome
    data            tables in: sources, Panel, folds, fingerprints
    design          the Study, and what must hold to answer it; one identification strategy a file
    diagnostics     checks on the table alone, one a file
    estimation      effects with uncertainty, one estimator a file
    evaluation      checks of the estimates: overlap, balance, agreement, sensitivity
    interpretation  success models with SHAP, segments, marker or lever
    policy          what to do
    reporting       the page, one section a file
    workflow        runs the stages in order

In Python as on the command line::

    study = causal.read_study("headline-style.yaml")
    findings = causal.check(study)
    result = causal.run(study)
    result.effects                      # tidy table
    result.save("reports/headline-style")
    causal.load("reports/headline-style")

``import causal`` is quick: every name is loaded when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from causal.base.errors import (
        CausalError,
        DataError,
        DesignError,
        EngineError,
        ResultError,
        StudyError,
    )
    from causal.base.finding import Finding, Status
    from causal.content.attribute import Attribute
    from causal.content.outcome import Outcome
    from causal.data.panel import Panel
    from causal.design.design import Design
    from causal.design.drafting import draft
    from causal.design.reading import read_study, study_from
    from causal.design.schema import schema
    from causal.design.study import Settings, Source, Study
    from causal.reporting._result import Result, load
    from causal.workflow import calibrate, check, plan, run, verify

_HOMES = {
    "Attribute": "causal.content.attribute",
    "CausalError": "causal.base.errors",
    "DataError": "causal.base.errors",
    "Design": "causal.design.design",
    "DesignError": "causal.base.errors",
    "EngineError": "causal.base.errors",
    "Finding": "causal.base.finding",
    "Outcome": "causal.content.outcome",
    "Panel": "causal.data.panel",
    "Result": "causal.reporting._result",
    "ResultError": "causal.base.errors",
    "Settings": "causal.design.study",
    "Source": "causal.design.study",
    "Status": "causal.base.finding",
    "Study": "causal.design.study",
    "StudyError": "causal.base.errors",
    "calibrate": "causal.workflow",
    "check": "causal.workflow",
    "draft": "causal.design.drafting",
    "load": "causal.reporting._result",
    "plan": "causal.workflow",
    "read_study": "causal.design.reading",
    "run": "causal.workflow",
    "schema": "causal.design.schema",
    "study_from": "causal.design.reading",
    "verify": "causal.workflow",
}

__all__ = [
    "Attribute",
    "CausalError",
    "DataError",
    "Design",
    "DesignError",
    "EngineError",
    "Finding",
    "Outcome",
    "Panel",
    "Result",
    "ResultError",
    "Settings",
    "Source",
    "Status",
    "Study",
    "StudyError",
    "calibrate",
    "check",
    "draft",
    "load",
    "plan",
    "read_study",
    "run",
    "schema",
    "study_from",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("causal-content")
        except PackageNotFoundError:
            return "not installed"
    if name not in _HOMES:
        from causal.base.errors import nearest

        raise AttributeError(f"causal has no '{name}'.{nearest(name, __all__)}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
