"""The rule and its conditions: as for every experiment."""

from causal.reporting.experiment.verdict import section

__all__ = ["section"]
