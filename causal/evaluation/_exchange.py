"""Placebo attributes: the values of a column exchanged at the level at which it was assigned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.content.attribute import Attribute
from causal.data.panel import BoolArray, FloatArray, IntArray
from causal.estimation._fit import Fit

LEAST_CHANCE = 10.0
LEAST_GROUPS = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Exchange:
    """What is exchanged: units with one value each, among the units of a stratum.

    ``unit`` (n,) is the unit of each row, ``value`` (units,) its value, ``stratum`` (units,) or
    None. ``level`` names the column whose values the attribute is constant in, or is ``row``.
    """

    level: str
    declared: bool
    unit: IntArray
    value: FloatArray
    stratum: IntArray | None

    def draw(self, random: np.random.Generator) -> FloatArray:
        """Exchange the values once: a placebo attribute for every row, shape (n,)."""
        return self.exchanged(random)[self.unit]

    def exchanged(self, random: np.random.Generator) -> FloatArray:
        """Exchange the values once, shape (units,)."""
        if self.stratum is None:
            return np.asarray(random.permutation(self.value))
        keys = random.random(self.value.size)
        made = np.empty_like(self.value)
        made[np.argsort(self.stratum, kind="stable")] = self.value[np.lexsort((keys, self.stratum))]
        return made

    @property
    def refusal(self) -> str:
        """Why there is no valid placebo, or nothing."""
        free = np.ones(self.value.size, dtype=bool)
        if self.stratum is not None:
            free = _varied(self.value, self.stratum)
        most = np.unique(self.value[free], return_counts=True)[1]
        what = "rows" if self.level == "row" else f"groups of '{self.level}'"
        if int(free.sum() - most.max(initial=0)) < LEAST_GROUPS:
            return f"too few {what} could have had another value"
        return ""


def exchange(fit: Fit, attribute: Attribute, rows: IntArray) -> Exchange:
    """Find the level at which an attribute was assigned, and what may be exchanged there.

    The attribute may be constant in clusters, whether the study names them or not: then whole
    clusters are exchanged, of all such columns the one with the fewest. Otherwise single rows are.
    When it varies within blocks, and no unit lies in two of them, the exchange stays inside the
    block.

    Parameters
    ----------
    fit, attribute
        The design and its attribute.
    rows
        Rows where the attribute is known, indices into the panel, shape (n,).
    """
    panel = fit.setting.panel
    a = panel.columns[attribute.name].values[rows]
    constant = [
        (np.unique(codes[rows], return_inverse=True)[1], name, declared)
        for name, codes, declared in _groupings(fit)
        if constant_in(a, codes[rows])
    ]
    unit, level, declared = min(
        constant or [(np.arange(rows.size), "row", True)],
        key=lambda each: int(each[0].max(initial=0)),
    )
    first = np.unique(unit, return_index=True)[1]
    value = a[first]
    stratum = None
    if panel.block is not None:
        block = np.unique(panel.block[rows], return_inverse=True)[1]
        nested = bool(np.all(block == block[first][unit]))
        if nested and bool(_varied(value, block[first]).any()):
            stratum = block[first]
    return Exchange(level=level, declared=declared, unit=unit, value=value, stratum=stratum)


def _groupings(fit: Fit) -> list[tuple[str, IntArray, bool]]:
    """Columns that could be what an attribute is assigned by: name, codes, declared as cluster."""
    study, panel = fit.setting.study, fit.setting.panel
    found = [
        (name, codes, True)
        for name, codes in zip(panel.cluster_names, panel.clusters, strict=True)
        if study.cluster
    ]
    if panel.block is not None:
        found.append((", ".join(study.block) or "block", panel.block, False))
    for party, codes in sorted((panel.parties or {}).items()):
        if not np.any(codes < 0):
            found.append((party, codes, False))
    return found


def constant_in(a: FloatArray, codes: IntArray) -> bool:
    """Whether a column never varies within groups, though by chance it would have.

    By chance: in so many pairs of neighbours in a group ten would differ.

    >>> constant_in(np.repeat([0.0, 1.0] * 20, 5), np.repeat(np.arange(40), 5))
    True
    >>> constant_in(np.array([0.0, 1.0]), np.array([0, 1]))
    False
    """
    order = np.argsort(codes, kind="stable")
    same = codes[order][1:] == codes[order][:-1]
    share = np.unique(a, return_counts=True)[1] / max(a.size, 1)
    expected = float(same.sum()) * (1 - float(np.sum(share**2)))
    changes = a[order][1:] != a[order][:-1]
    return expected >= LEAST_CHANCE and not bool(np.any(same & changes))


def _varied(value: FloatArray, stratum: IntArray) -> BoolArray:
    """Units of strata in which not all have one value, shape (units,)."""
    groups = int(stratum.max()) + 1
    low, high = np.full(groups, np.inf), np.full(groups, -np.inf)
    np.minimum.at(low, stratum, value)
    np.maximum.at(high, stratum, value)
    return np.asarray((high > low)[stratum])
