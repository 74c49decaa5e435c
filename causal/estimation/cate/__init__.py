"""Learners of individual effects, one a file, behind one protocol."""
