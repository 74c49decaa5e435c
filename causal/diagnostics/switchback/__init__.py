"""Checks of a switchback: of its draws, and of what was estimated of it."""
