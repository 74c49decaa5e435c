"""The stages in order: study, panel, design, findings, estimates, explanation, decision, result."""

from causal.workflow._log import Progress
from causal.workflow._manifest import manifest
from causal.workflow.attributes import diagnose, identify, read_panel
from causal.workflow.calibrating import calibrate
from causal.workflow.planning import Planning, plan
from causal.workflow.running import check, run
from causal.workflow.verifying import Verification, differences, verify

__all__ = [
    "Planning",
    "Progress",
    "Verification",
    "calibrate",
    "check",
    "diagnose",
    "differences",
    "identify",
    "manifest",
    "plan",
    "read_panel",
    "run",
    "verify",
]
