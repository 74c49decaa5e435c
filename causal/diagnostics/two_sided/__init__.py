"""Checks of an experiment on users and creators at once, one a file."""
