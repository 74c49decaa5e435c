"""Means under a mix of mechanisms: some as they are after, the others as they were before.

A *coalition* says for every node of the chain, the outcome last, whether its mechanism is that of
the period after (1) or before (0). Its mean is estimated by the multiply robust score of
Quintas-Martinez, Bahadori, Santiago, Mu, Janzing, Heckerman (2024, ICML, theorem 2.4): outcome models
nested from the end of the chain, and at every change of period the residuals of the next model,
weighted to the rows that the mix would have. With one change (mechanisms 1..j new, the rest old) that
is the doubly robust score of one outcome model and one propensity. The paper conditions on all
nodes before a change; by the graph's Markov property the nodes that later ones follow from are
enough, which keeps more overlap and makes a node that leads nowhere count for nothing. With a graph
in which everything follows from everything before it both are the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from causal.content.attribute import Kind
from causal.data.panel import BoolArray, FloatArray, IntArray
from causal.diagnostics.movement._made import Reach
from causal.estimation._boosting import Boosting, Task, cross_fit
from causal.estimation._estimates import cells_of, distinct, sums
from causal.estimation._features import TRIM, Basis, Features
from causal.estimation._scores import LEAST_TREATED, Support
from causal.estimation.movement._moved import Moved, acting, frontier, stretches

CLIP = 0.001
CERTAIN = 0.99
DEFAULT = Boosting()

Names = tuple[str, ...]
Step = tuple[int, Names]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Theta:
    """The mean under one coalition, and the influence of every cell on it, shape (cells,)."""

    value: float
    influence: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mechanisms:
    """The rows that count, and the models fitted on them so far; every model is fitted once.

    Attributes
    ----------
    moved
        What was given.
    chain
        The acting nodes in causal order.
    rows
        Which rows have a weight above zero, as indices.
    target
        Shape (rows, 1), or (rows, 2) for a ratio: numerator and denominator.
    weight
        The study's weight of each row.
    after, cell, ways
        Period and cell of each row, and the cells' clusters.
    spread
        Degrees of freedom, and by how much few clusters widen the influence.
    """

    moved: Moved
    chain: Names
    boosting: Boosting
    workers: int
    rows: IntArray
    target: FloatArray
    weight: FloatArray
    after: BoolArray
    cell: IntArray
    ways: tuple[IntArray, ...]
    spread: Support
    _terms: dict[str, tuple[Basis, FloatArray]] = field(default_factory=dict)
    _propensity: dict[Names, FloatArray] = field(default_factory=dict)
    _mean: dict[tuple[Step, ...], FloatArray] = field(default_factory=dict)
    _explained: dict[tuple[Step, ...], float] = field(default_factory=dict)
    _reach: dict[str, Reach] = field(default_factory=dict)

    @staticmethod
    def of(moved: Moved, *, boosting: Boosting = DEFAULT, workers: int = 1) -> Mechanisms:
        """Gather the rows that count; nothing is fitted yet."""
        outcome = moved.outcome
        rows = np.flatnonzero(outcome.weight > 0)
        if outcome.numerator is None or outcome.denominator is None:
            weight = outcome.weight[rows]
            target = outcome.value[rows, None]
        else:
            weight = np.ones(rows.size) if moved.weight is None else moved.weight[rows]
            pair = np.column_stack([outcome.numerator[rows], outcome.denominator[rows]])
            target = pair / weight[:, None]
        cell, ways = cells_of(moved.clusters)
        after = moved.after[rows]
        pull = np.where(after, weight / weight[after].sum(), -weight / weight[~after].sum())
        return Mechanisms(
            moved=moved,
            chain=acting(moved),
            boosting=boosting,
            workers=workers,
            rows=rows,
            target=target,
            weight=weight,
            after=after,
            cell=cell[rows],
            ways=ways,
            spread=Support.of(pull, after, None, cell[rows], ways),
        )

    @property
    def nodes(self) -> int:
        """How many mechanisms a coalition decides on, the outcome's with them."""
        return len(self.chain) + 1

    @property
    def fits(self) -> int:
        """How many models were fitted so far."""
        tasks = len(self._propensity) + len(self._mean) * self.target.shape[1]
        return tasks * distinct(self.moved.folds[self.rows])

    @property
    def reach(self) -> tuple[Reach, ...]:
        """How far each period could stand in for the other, by node, in causal order."""
        return tuple(self._reach[node] for node in self.chain if node in self._reach)

    @property
    def refusal(self) -> str:
        """Why nothing must be printed; empty when it may be."""
        for period, rows in (("after", self.after), ("before", ~self.after)):
            fewest = min(distinct(way[self.cell[rows]]) for way in self.ways)
            if fewest < LEAST_TREATED:
                return f"only {fewest} clusters {period} (at least {LEAST_TREATED} are needed)"
        return ""

    def models(self, coalitions: Iterable[tuple[int, ...]]) -> int:
        """How many models the means of coalitions need, fitted or not; each predicts every row."""
        means: set[tuple[Step, ...]] = set()
        propensities: set[Names] = set()
        for coalition in coalitions:
            periods, _, sets, passed = self._walk(coalition)
            steps = tuple(zip(periods[1:], sets, strict=True))
            means |= {steps[at:] for at in range(len(steps))}
            propensities |= set(passed)
        return len(means) * self.target.shape[1] + len(propensities)

    def theta(self, coalition: tuple[int, ...]) -> Theta:
        """Estimate the outcome under a coalition, one of 0 and 1 for each node of the chain."""
        periods, ends, sets, passed = self._walk(coalition)
        steps: tuple[Step, ...] = ()
        models = [self.target]
        for at in reversed(range(len(sets))):
            steps = ((periods[at + 1], sets[at]), *steps)
            self._learn(steps, models[0], passed[at])
            models.insert(0, self._mean[steps])
        value, influence = self._average(models[0], np.ones(self.rows.size), periods[0])
        weights = np.ones(self.rows.size)
        for at in range(len(sets)):
            weights = weights * self._ratio(passed[at], periods[at])
            step, moved = self._average(models[at + 1] - models[at], weights, periods[at + 1])
            value, influence = value + step, influence + moved
            explained = self._explained[tuple(zip(periods[at + 1 :], sets[at:], strict=False))]
            self._note(self.chain[ends[at] - 1], passed[at], weights, periods[at], explained)
        return self._whole(value, influence)

    def _walk(
        self, coalition: tuple[int, ...]
    ) -> tuple[tuple[int, ...], tuple[int, ...], list[Names], list[Names]]:
        """Stretches of equal period, where each ends, and the nodes before and up to each change."""
        periods, ends = zip(*stretches(coalition), strict=True)
        sets = [frontier(self.moved, self.chain, end) for end in ends[:-1]]
        return periods, ends, sets, [self._ordered(sets[: at + 1]) for at in range(len(sets))]

    def _ordered(self, sets: list[Names]) -> Names:
        """The nodes of any of the sets, in causal order."""
        return tuple(node for node in self.chain if any(node in each for each in sets))

    def _average(
        self, values: FloatArray, weights: FloatArray, period: int
    ) -> tuple[FloatArray, FloatArray]:
        """Weighted mean over the rows of a period, (q,), and each row's influence, (rows, q)."""
        w = np.where(self.after == (period == 1), weights * self.weight, 0.0)
        w = w / w.sum()
        mean = w @ values
        return mean, w[:, None] * (values - mean)

    def _ratio(self, names: Names, period: int) -> FloatArray:
        """Density of columns in a period over that in the other one, shape (rows,)."""
        e = self._propensity[names]
        share = self.weight[self.after].sum() / self.weight[~self.after].sum()
        odds = e / (1 - e) / share
        return odds if period == 1 else 1 / odds

    def _whole(self, value: FloatArray, influence: FloatArray) -> Theta:
        """A mean or a ratio of means, its influence summed by cell."""
        whole, by_row = float(value[0]), influence[:, 0]
        if value.size == 2:
            whole = float(value[0] / value[1])
            by_row = (influence[:, 0] - whole * influence[:, 1]) / value[1]
        by_cell = sums(by_row, self.cell, self.ways[0].size)
        return Theta(value=whole, influence=by_cell * self.spread.inflation)

    def _learn(self, steps: tuple[Step, ...], target: FloatArray, passed: Names) -> None:
        """Fit what is not there yet: the model of the first step, and the propensity of columns."""
        period, names = steps[0]
        own = self.after == (period == 1)
        made: dict[Names, Features] = {}
        weight = None if np.ptp(self.weight) == 0 else self.weight / self.weight.mean()
        tasks = []
        if passed not in self._propensity:
            made[passed] = self._features(passed)
            tasks.append(
                Task(
                    features=made[passed],
                    target=self.after.astype(float),
                    weight=weight,
                    objective="binary",
                    classes=2,
                )
            )
        if steps not in self._mean:
            if names not in made:
                made[names] = self._features(names)
            tasks += [
                Task(features=made[names], target=np.where(own, column, np.nan), weight=weight)
                for column in target.T
            ]
        if not tasks:
            return
        found = [
            each.observed
            for each in cross_fit(tasks, self.moved.folds[self.rows], self.boosting, self.workers)
        ]
        if passed not in self._propensity:
            self._propensity[passed] = np.clip(found.pop(0), CLIP, 1 - CLIP)
        if found:
            self._mean[steps] = np.column_stack(found)
            self._explained[steps] = _explained(target[own, 0], found[0][own], self.weight[own])

    def _features(self, names: Names) -> Features:
        """Columns side by side; each is read once, over the rows that count."""
        columns = [self.moved.columns[name] for name in names]
        values = [column.values[self.rows] for column in columns]
        for column, own in zip(columns, values, strict=True):
            if column.name not in self._terms:
                basis = Basis.of(column, own, TRIM)
                self._terms[column.name] = basis, basis.terms(own)
        bases, terms = zip(*(self._terms[column.name] for column in columns), strict=True)
        edges = np.cumsum([0] + [part.shape[1] for part in terms])
        return Features(
            names=names,
            matrix=np.column_stack(values),
            categorical=tuple(j for j, c in enumerate(columns) if c.kind is Kind.CATEGORICAL),
            bases=bases,
            terms=np.hstack(terms),
            edges=tuple(int(edge) for edge in edges),
        )

    def _note(
        self, node: str, names: Names, weights: FloatArray, period: int, explained: float
    ) -> None:
        """Keep the worst of what a change after a node was estimated with."""
        there, own = self.after != (period == 1), self.after == (period == 1)
        chance = self._propensity[names] if period == 1 else 1 - self._propensity[names]
        w = self.weight[there]
        pulled = w * weights[there]
        found = Reach(
            node=node,
            effective=_worth(pulled) / _worth(w),
            largest=float(chance[own].max()),
            certain=float(np.average(chance[own] > CERTAIN, weights=self.weight[own])),
            weight=float(pulled.sum() / w.sum()),
            explained=explained,
        )
        self._reach[node] = worse(self._reach.get(node, found), found)


def worse(one: Reach, other: Reach) -> Reach:
    """The worse of two in every number."""
    return Reach(
        node=one.node,
        effective=min(one.effective, other.effective),
        largest=max(one.largest, other.largest),
        certain=max(one.certain, other.certain),
        weight=max(one.weight, other.weight, key=lambda mean: abs(np.log(mean))),
        explained=min(one.explained, other.explained),
    )


def _worth(weights: FloatArray) -> float:
    """Rows of equal weight that carry as much."""
    return float(weights.sum() ** 2 / (weights @ weights))


def _explained(target: FloatArray, predicted: FloatArray, weight: FloatArray) -> float:
    """Share of the variance that predictions explain, 0 where there is none to explain."""
    around = float(weight @ (target - np.average(target, weights=weight)) ** 2)
    return 1 - float(weight @ (target - predicted) ** 2) / around if around > 0 else 0.0
