"""Sections of a readout of an experiment: one a file, each a function of the result."""
