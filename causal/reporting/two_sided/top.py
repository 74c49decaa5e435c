"""The top of the page: as for every experiment."""

from causal.reporting.experiment.top import section

__all__ = ["section"]
