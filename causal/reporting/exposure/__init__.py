"""Sections of a report of what exposure is worth."""
