"""Experiments on two sides: sums over pairs of a user and a creator, by the arms of both."""
