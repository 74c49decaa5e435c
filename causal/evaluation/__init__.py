"""Checks that need nuisances or estimates: one check a file, each with ``check``."""
