"""Errors, named random streams, the family catalogue, the boundary around engines."""
