"""Shares of a move: what each mechanism contributed, adding up to the move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from causal.base.errors import DesignError
from causal.data.panel import FloatArray
from causal.diagnostics.movement._made import Reach
from causal.estimation._estimates import Estimates, Label, Size, distinct, variance
from causal.estimation.movement.mechanisms import Mechanisms

Coalition = tuple[int, ...]
MOST = 200_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Attribution:
    """What each mechanism contributed to a move.

    Attributes
    ----------
    form
        ``order``, ``shapley`` or ``sampled``.
    nodes
        A name for each share, the outcome last.
    groups
        The nodes of each share: one, or several that could only be told together.
    estimates
        The shares, in the order of ``nodes``; they add up to the move.
    move
        The whole difference, after minus before, on the same cells.
    monte_carlo
        Standard error of each share from drawing permutations, (nodes,); in the estimates'
        covariance already. None where nothing is drawn.
    fits
        How many models were fitted.
    support
        By node, how far rows of one period could stand in for the other.
    """

    form: str
    nodes: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]
    estimates: Estimates
    move: Estimates
    monte_carlo: FloatArray | None
    fits: int
    support: tuple[Reach, ...]


def shared(
    fitted: Mechanisms,
    form: str,
    coefficients: Mapping[Coalition, FloatArray],
    values: dict[Coalition, float] | None = None,
) -> Attribution:
    """Add up means of coalitions to shares.

    Parameters
    ----------
    fitted
        The mechanisms, with the models fitted so far.
    form
        Its name.
    coefficients
        What the mean of each coalition counts in the share of each node of the chain, (chain,).
    values
        Takes the mean of each coalition, when given.
    """
    chain = (*fitted.chain, fitted.moved.outcome.name)
    total, influence = np.zeros(len(chain)), np.zeros((fitted.ways[0].size, len(chain)))
    ends = {}
    for coalition, counted in coefficients.items():
        theta = fitted.theta(coalition)
        for node in np.flatnonzero(counted):
            total[node] += counted[node] * theta.value
            influence[:, node] += counted[node] * theta.influence
        if len(set(coalition)) == 1:
            ends[coalition[0]] = theta
        if values is not None:
            values[coalition] = theta.value
    before, after = ends[0], ends[1]
    nodes = (*fitted.moved.nodes, fitted.moved.outcome.name)
    places = [chain.index(node) if node in chain else -1 for node in nodes]
    blank = np.zeros((influence.shape[0], 1))
    base = before.value, before.influence
    return Attribution(
        form=form,
        nodes=nodes,
        groups=tuple((node,) for node in nodes),
        estimates=_estimates(
            fitted,
            [_label(fitted, form, node) for node in nodes],
            np.append(total, 0.0)[places],
            np.hstack([influence, blank])[:, places],
            base,
            tuple(
                fitted.refusal
                or ("" if place >= 0 else f"no path leads from it to {fitted.moved.outcome.name}")
                for place in places
            ),
        ),
        move=_estimates(
            fitted,
            [replace(_label(fitted, form, None), estimand="the move")],
            np.array([after.value - before.value]),
            (after.influence - before.influence)[:, None],
            base,
            (fitted.refusal,),
        ),
        monte_carlo=None,
        fits=fitted.fits,
        support=fitted.reach,
    )


def affordable(
    fitted: Mechanisms, coalitions: Iterable[Coalition], asked: str, instead: str
) -> None:
    """Refuse what would take hours and more memory than a machine has, before a model is fitted.

    Parameters
    ----------
    fitted, coalitions
        The mechanisms, and the mixes of old and new ones whose means are wanted.
    asked, instead
        What was asked for, and what to do instead, in words.

    Raises
    ------
    DesignError
        With more predictions, models times rows, than ``MOST``.
    """
    models, rows = fitted.models(coalitions), fitted.rows.size
    if models * rows > MOST:
        raise DesignError(
            f"{asked} of {fitted.nodes} nodes need {models:,} models over {rows:,} rows, "
            f"{models * rows / 1e6:,.0f} million predictions (at most {MOST // 1_000_000} million). "
            f"{instead}, take a sample of clusters, or write 'form: order', which "
            f"needs at most {(1 + fitted.target.shape[1]) * (fitted.nodes - 1)} models."
        )


def _label(fitted: Mechanisms, form: str, node: str | None) -> Label:
    outcome = fitted.moved.outcome.name
    return Label(
        attribute=node or outcome,
        contrast="after - before",
        outcome=outcome,
        estimand="share of the move",
        design="mechanisms",
        estimator=form,
        population="both periods",
        identification="descriptive" if node is None else "adjusted",
        segment=None if node is None else "mechanism",
        segment_value=node,
    )


def _estimates(
    fitted: Mechanisms,
    labels: list[Label],
    values: FloatArray,
    influence: FloatArray,
    base: tuple[float, FloatArray],
    refusal: tuple[str, ...],
) -> Estimates:
    size = Size(
        units=fitted.rows.size,
        clusters=min(distinct(way[fitted.cell]) for way in fitted.ways),
        treated=float(fitted.after.sum()),
        effective_units=float(fitted.weight.sum() ** 2 / (fitted.weight @ fitted.weight)),
    )
    level = np.repeat(base[1][:, None], values.size, axis=1)
    return Estimates(
        labels=tuple(labels),
        sizes=(size,) * values.size,
        values=values,
        influence=influence,
        ways=fitted.ways,
        df=np.full(values.size, fitted.spread.df),
        baseline=np.full(values.size, base[0]),
        baseline_variance=np.column_stack(
            [variance(influence, level, fitted.ways), variance(level, level, fitted.ways)]
        ),
        refusal=refusal,
    )
