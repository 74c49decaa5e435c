"""The checks of the instrument, with the queries behind the numbers."""

from causal.reporting.movement.checks import section

__all__ = ["section"]
