"""Checks of two periods before their difference is split: can they be compared."""
