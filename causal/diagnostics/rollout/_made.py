"""What the checks of a staggered rollout read: numbers only, no cells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Those that adopt in one period.

    ``used`` is False where it has too few periods before adoption; ``averaged`` where averages leave
    it out, since it is one cluster.
    """

    adopted: str
    entities: int
    clusters: int
    before: int
    used: bool = True
    averaged: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Who adopts when, and who is there to compare with.

    Attributes
    ----------
    entity
        What adopts, in words, for one and for several.
    never
        Entities that never adopt.
    control
        Who is compared with: ``not yet`` or ``never``.
    alone
        Periods from the first adoption on in which nobody is untreated.
    late, always, between
        Entities that adopt after the last period, before the second, and between two periods.
    minimum
        Periods before adoption that a cohort needs.
    """

    entity: str
    entities: str
    cohorts: tuple[Cohort, ...]
    never: int
    control: str
    alone: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    always: tuple[str, ...] = ()
    between: tuple[str, ...] = ()
    minimum: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """Trends before adoption; ``joint`` and ``power`` in the units of the outcome and in words.

    ``found`` is the size of a drift a period that is found half of the time, ``over`` the periods
    over which it adds up, ``share`` and ``of_margin`` what it then is of the effect and of the margin;
    ``breakdown`` the bound on relative magnitudes from which on zero is no longer excluded.
    """

    periods: int
    statistic: float
    p_value: float
    found: float | None = None
    found_words: str = ""
    over: float = 0.0
    share: float | None = None
    of_margin: float | None = None
    breakdown: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Early:
    """The effect of dates some periods too early, and its p-value."""

    periods: int
    words: str
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Spill:
    """What untreated cells say about treated neighbours; ``words`` hold numbers as they are written.

    ``declared`` says that the study calls pools separate, ``shared`` that it calls them one.
    """

    state: str
    variation: float | None = None
    slope: str = ""
    correction: str = ""
    mean_share: float | None = None
    declared: bool = False
    shared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """One regression with effects of entities and periods, beside the effect that it stands for."""

    words: str
    effect_words: str
    negative_sum: float
    negative_share: float
    turned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ramp:
    """The effect in the period of adoption beside the mean of later ones, as a share of it."""

    share: float
    first: str
    later: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """One outcome as far as its checks need it; None or empty where something was not made.

    Attributes
    ----------
    outcome
        In words.
    clear
        Whether its overall effect leaves zero out.
    inside
        Whether its interval says that harm, or any change, beyond the margin is ruled out.
    treated, compared, df
        Clusters behind the overall effect, and its degrees of freedom.
    refused
        Estimates that are refused for too few clusters.
    trend
        Trends before adoption; None without a period to look at.
    z
        Overall effect against imputation, in errors of the difference.
    covariates
        Whether the effect follows covariates, which imputation does not.
    empty, empty_p
        Share of cells with rows but no value, and the p that it is the same for all cohorts.
    jump
        |t| of a change at adoption of what stands behind a cell.
    """

    outcome: str
    clear: bool
    treated: int
    compared: int
    df: float
    refused: int = 0
    trend: Trend | None = None
    early: tuple[Early, ...] = ()
    spill: Spill | None = None
    weights: Weights | None = None
    z: float | None = None
    filled_words: str = ""
    covariates: bool = False
    jump: float | None = None
    inside: bool = False
    empty: float = 0.0
    empty_p: float = 1.0
    ramp: Ramp | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmoved:
    """The effect on an outcome that the rollout cannot have moved."""

    outcome: str
    words: str
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A staggered rollout as far as its checks need it; before estimation only its panel."""

    panel: Panel
    looked: tuple[Looked, ...] = ()
    unmoved: tuple[Unmoved, ...] = ()
