"""A simulated content platform: a world whose every answer is known.

Users with tastes, creators of unequal and unobserved quality, items with attributes, retrieval, a
ranker that logs its propensities, feedback loops, satiation, creators who respond, and interventions
on all of it. A true effect is the difference of two runs of one world.
"""

from __future__ import annotations

from causal.data.platform.change_tables import write_changes
from causal.data.platform.days import simulate
from causal.data.platform.experiment_tables import experiment_tables, write_experiments
from causal.data.platform.interventions import Do, Inject, Move, Policy, SetAttribute, Thin
from causal.data.platform.settings import DEMO, TESTS, UNIT, Ranker, Settings, Size
from causal.data.platform.tables import tables, write_tables
from causal.data.platform.world import World

__all__ = [
    "DEMO",
    "TESTS",
    "UNIT",
    "Do",
    "Inject",
    "Move",
    "Policy",
    "Ranker",
    "SetAttribute",
    "Settings",
    "Size",
    "Thin",
    "World",
    "experiment_tables",
    "simulate",
    "tables",
    "write_changes",
    "write_experiments",
    "write_tables",
]
