"""Checks on the table alone, before any model: one check a file, each with ``check``."""
