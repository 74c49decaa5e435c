"""Estimators of the paths of an attribute: what users see, and what the ranker makes of it."""
