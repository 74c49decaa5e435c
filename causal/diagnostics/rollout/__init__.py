"""Checks of a staggered rollout: ``check(made)``, which is silent on what was not made yet."""
