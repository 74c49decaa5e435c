"""Checks of what exposure is worth."""
