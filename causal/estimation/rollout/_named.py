"""What the rows of estimates of one rollout are called."""

from __future__ import annotations

from dataclasses import dataclass

from causal.estimation._estimates import Label


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Names that all estimates of one outcome share."""

    rollout: str
    outcome: str
    population: str = "all entities"

    def label(
        self, estimand: str, *, contrast: str, design: str, estimator: str, identification: str
    ) -> Label:
        """The label of one estimate."""
        return Label(
            attribute=self.rollout,
            contrast=contrast,
            outcome=self.outcome,
            estimand=estimand,
            design=design,
            estimator=estimator,
            population=self.population,
            identification=identification,
        )
