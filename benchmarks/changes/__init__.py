"""Proofs of what explains a change: coverage and speed."""
