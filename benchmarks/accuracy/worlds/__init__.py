"""Worlds with known truth, one a file."""
