"""Checks of why a metric moved."""
