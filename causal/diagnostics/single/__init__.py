"""Checks of a change at one date: can its course, or a blend of others, stand for it."""
