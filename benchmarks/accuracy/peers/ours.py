"""The package itself with its defaults: the headline design of the study."""

from __future__ import annotations

from benchmarks.accuracy.drawing import Answers, Drawn
from benchmarks.accuracy.peers._fitted import answers

TITLE = "causal (this package)"
PACKAGES = ("lightgbm",)
RUNS = 1_000
OURS = True


def answer(drawn: Drawn) -> Answers:
    """Every effect and segment of the headline design."""
    return answers(drawn)
