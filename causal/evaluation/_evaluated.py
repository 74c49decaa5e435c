"""What the checks of this stage look at: the study, the panel and the fits of every design."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from causal.data.panel import Panel
from causal.design.study import Study
from causal.estimation._fit import Fit
from causal.estimation.cate._problems import Cate
from causal.estimation.paths._found import Paths

Table = TypeVar("Table")


def once_a_fit(table: Callable[[Fit], Table]) -> Callable[[Fit], Table]:
    """Make a table of a fit once: a check and the page look at the same one."""
    made: WeakKeyDictionary[Fit, Table] = WeakKeyDictionary()

    @wraps(table)
    def remembered(fit: Fit) -> Table:
        if fit not in made:
            made[fit] = table(fit)
        return made[fit]

    return remembered


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evaluated:
    """The fits of a study, ladder order; ``headline`` names the design the answer is read from.

    ``cates`` are the individual effects that were learned in that design, ``paths`` what was found
    of the ways attributes act, where the study says how exposure came about.
    """

    study: Study
    panel: Panel
    fits: tuple[Fit, ...]
    headline: str
    cates: tuple[Cate, ...] = ()
    paths: Paths | None = None

    @property
    def leading(self) -> Fit:
        """The fit of the headline design."""
        return next(fit for fit in self.fits if fit.design.name == self.headline)
