"""A study of any kind."""

from __future__ import annotations

from causal.design.experiment import Experiment
from causal.design.study import Study
from causal.design.two_sided import TwoSided

AnyStudy = Study | Experiment | TwoSided
