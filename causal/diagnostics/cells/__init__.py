"""Checks of the cells of a rollout, whatever its schedule: ``check(cells)``."""
