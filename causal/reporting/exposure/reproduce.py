"""Reproduce: as for every report."""

from causal.reporting.reproduce import section

__all__ = ["section"]
