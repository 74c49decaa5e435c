"""The page of a rollout.

Sections of one schedule read the key of ``result`` that has its name (``staggered``,
``switchback``, ``single``) and return None where it is absent; the others serve every schedule.
"""
