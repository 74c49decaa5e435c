"""Sections of the page: each a function of the results that are there."""
