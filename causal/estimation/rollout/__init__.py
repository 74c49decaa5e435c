"""Estimators of what a rollout did: staggered, switched on and off, or at one date."""
