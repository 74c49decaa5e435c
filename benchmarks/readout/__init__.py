"""Proofs of experiment readouts: coverage, error rates and speed."""
