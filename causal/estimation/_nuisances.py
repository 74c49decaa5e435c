"""Which models a design needs, each fitted once, and how estimators look their predictions up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.content.attribute import Attribute, Kind
from causal.content.outcome import Outcome
from causal.data.panel import BoolArray, FloatArray, Panel
from causal.design.design import Design
from causal.design.study import Study
from causal.estimation._boosting import Boosting, Predicted, Task, cross_fit
from causal.estimation._features import Features, features

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OutcomeModel:
    """Predictions of one outcome for one attribute; shapes (n, levels).

    ``value`` predicts the outcome, or for a ratio what its numerator exceeds ``pooled`` times its
    denominator by; ``denominator`` predicts that denominator.
    """

    value: FloatArray
    denominator: FloatArray | None = None
    pooled: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Nuisances:
    """Out-of-fold predictions for the rows of one design.

    Attributes
    ----------
    rows
        Mask over the panel, shape (rows,); everything else is over its n true rows.
    outcome
        By (attribute, outcome), for binary and categorical attributes.
    propensity
        By (attribute, outcome): probability of each level, shape (n, levels).
    expected
        By (attribute, outcome), for continuous attributes: E[a | x], shape (n,).
    without
        By (attribute, outcome), for continuous attributes: E[y | x] without the attribute.
    fits
        How many models were fitted.
    """

    rows: BoolArray
    outcome: dict[Key, OutcomeModel]
    propensity: dict[Key, FloatArray]
    expected: dict[Key, FloatArray]
    without: dict[Key, FloatArray]
    fits: int


def learn(
    study: Study, panel: Panel, design: Design, boosting: Boosting, workers: int
) -> Nuisances:
    """Fit every nuisance model a design needs: (K + M) x folds for one tier of binary attributes.

    Attributes that hold the same columns fixed share their outcome models (METHODS 2: a tier). A
    ratio outcome adds one model for its denominator; a continuous attribute adds one model of each
    outcome without it.
    """
    plan = _Plan(study=study, panel=panel, design=design, rows=design.mask(panel.rows))
    asked = [a for a in study.attributes if a.name not in design.refused]
    wanted: dict[Key, Task] = {}
    for attribute in asked:
        for outcome in study.outcomes:
            wanted |= {
                key: task
                for key, task in plan.tasks(attribute, outcome).items()
                if key not in wanted
            }
    folds = panel.folds[plan.rows]
    answers = cross_fit(tuple(wanted.values()), folds, boosting, workers)
    return plan.collect(asked, dict(zip(wanted, answers, strict=True)))


class _Plan:
    """Names every model by what it is of, so that two estimates that need one share it."""

    def __init__(self, *, study: Study, panel: Panel, design: Design, rows: BoolArray) -> None:
        self.study = study
        self.panel = panel
        self.design = design
        self.rows = rows
        self._features: dict[Key, Features] = {}
        self.weighted = bool(np.ptp(panel.weight[rows]) > 0) if rows.any() else False

    def columns(self, attribute: Attribute) -> Key:
        held = {attribute.name, *self.design.adjustment[attribute.name]}
        return tuple(name for name in self.panel.columns if name in held)

    def features(self, key: Key) -> Features:
        if key not in self._features:
            self._features[key] = features(self.panel, key, self.rows)
        return self._features[key]

    def scheme(self, attribute: Attribute, outcome: Outcome) -> str:
        """Which weights the models of this pair are fitted with."""
        if not outcome.is_ratio:
            return "weight" if self.weighted else "equal"
        continuous = self.panel.columns[attribute.name].kind is Kind.CONTINUOUS
        return f"denominator {outcome.denominator}" if continuous else "equal"

    def weights(self, attribute: Attribute, outcome: Outcome) -> FloatArray | None:
        scheme = self.scheme(attribute, outcome)
        if scheme == "equal":
            return None
        if scheme == "weight":
            return self.panel.weight[self.rows]
        return self.panel.outcomes[outcome.name].weight[self.rows]

    def names(self, attribute: Attribute, outcome: Outcome) -> dict[str, Key]:
        """The keys of the models this pair uses, by part."""
        held = self.columns(attribute)
        scheme = self.scheme(attribute, outcome)
        column = self.panel.columns[attribute.name]
        keys: dict[str, Key] = {"attribute": ("attribute", attribute.name, scheme)}
        if column.kind is Kind.CONTINUOUS:
            keys["without"] = ("without", attribute.name, outcome.name)
        else:
            keys["outcome"] = ("outcome", outcome.name, *held)
            if outcome.is_ratio:
                keys["denominator"] = ("denominator", str(outcome.denominator), *held)
        if attribute.name in (self.panel.propensities or {}):
            del keys["attribute"]
        return keys

    def tasks(self, attribute: Attribute, outcome: Outcome) -> dict[Key, Task]:
        keys = self.names(attribute, outcome)
        measured = self.panel.outcomes[outcome.name]
        shared = self.features(self.columns(attribute))
        weight = self.weights(attribute, outcome)
        targets = {
            "outcome": self._residual(outcome)[0],
            "without": measured.value[self.rows],
        }
        if measured.denominator is not None:
            targets["denominator"] = measured.denominator[self.rows]
        made = {}
        for part, key in keys.items():
            if part == "attribute":
                made[key] = self._attribute_task(attribute, shared, weight)
                continue
            made[key] = Task(
                features=shared,
                target=targets[part],
                weight=weight if part in ("outcome", "without") else None,
                hidden=attribute.name if part == "without" else None,
                flips=self._flips(shared) if part != "without" else (),
            )
        return made

    def _residual(self, outcome: Outcome) -> tuple[FloatArray, float]:
        """The outcome, or a ratio's numerator less the pooled ratio times its denominator."""
        measured = self.panel.outcomes[outcome.name]
        if measured.numerator is None or measured.denominator is None:
            return measured.value[self.rows], 0.0
        numerator, denominator = measured.numerator[self.rows], measured.denominator[self.rows]
        known = ~np.isnan(numerator) & ~np.isnan(denominator)
        pooled = float(numerator[known].sum() / denominator[known].sum())
        return numerator - pooled * denominator, pooled

    def _attribute_task(
        self, attribute: Attribute, shared: Features, weight: FloatArray | None
    ) -> Task:
        column = self.panel.columns[attribute.name]
        objective = {
            Kind.BINARY: "binary",
            Kind.CATEGORICAL: "multiclass",
            Kind.CONTINUOUS: "regression",
        }[column.kind]
        target = column.values[self.rows]
        if weight is not None:
            target = np.where(weight > 0, target, np.nan)
        return Task(
            features=shared,
            target=target,
            weight=weight,
            objective=objective,  # type: ignore[arg-type]
            classes=len(column.levels),
            hidden=attribute.name,
        )

    def _flips(self, shared: Features) -> tuple[tuple[str, int], ...]:
        """Attributes that share these features, with how many levels each has."""
        flips = []
        for attribute in self.study.attributes:
            column = self.panel.columns[attribute.name]
            if attribute.name in self.design.refused or column.kind is Kind.CONTINUOUS:
                continue
            if self.columns(attribute) == shared.names:
                flips.append((attribute.name, len(column.levels)))
        return tuple(flips)

    def collect(self, asked: list[Attribute], fitted: dict[Key, Predicted]) -> Nuisances:
        outcome: dict[Key, OutcomeModel] = {}
        propensity: dict[Key, FloatArray] = {}
        expected: dict[Key, FloatArray] = {}
        without: dict[Key, FloatArray] = {}
        for attribute in asked:
            column = self.panel.columns[attribute.name]
            for each in self.study.outcomes:
                pair = (attribute.name, each.name)
                keys = self.names(attribute, each)
                if column.kind is Kind.CONTINUOUS:
                    expected[pair] = fitted[keys["attribute"]].observed
                    without[pair] = fitted[keys["without"]].observed
                    continue
                outcome[pair] = self._outcome_model(attribute, each, keys, fitted)
                propensity[pair] = self._propensity(attribute, keys, fitted)
        used = np.unique(self.panel.folds[self.rows]).size
        return Nuisances(
            rows=self.rows,
            outcome=outcome,
            propensity=propensity,
            expected=expected,
            without=without,
            fits=len(fitted) * int(used),
        )

    def _outcome_model(
        self,
        attribute: Attribute,
        outcome: Outcome,
        keys: dict[str, Key],
        fitted: dict[Key, Predicted],
    ) -> OutcomeModel:
        return OutcomeModel(
            value=fitted[keys["outcome"]].flipped[attribute.name],
            denominator=fitted[keys["denominator"]].flipped[attribute.name]
            if outcome.is_ratio
            else None,
            pooled=self._residual(outcome)[1],
        )

    def _propensity(
        self, attribute: Attribute, keys: dict[str, Key], fitted: dict[Key, Predicted]
    ) -> FloatArray:
        known = (self.panel.propensities or {}).get(attribute.name)
        if known is not None:
            given = known[self.rows]
            return given if given.ndim == 2 else np.column_stack([1 - given, given])
        predicted = fitted[keys["attribute"]].observed
        if predicted.ndim == 2:
            return predicted
        return np.column_stack([1.0 - predicted, predicted])
