"""The study, and what must hold to answer it."""
