"""Settings of the simulated platform: sizes, and the coefficients of every mechanism."""

from __future__ import annotations

from dataclasses import dataclass, field

from causal.base.errors import DataError


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a world is.

    ``creators`` are there on day 0 and as many join later. ``burn_in`` is the day on which
    experiments start; ``adoption`` are the days on which the first, second and third quarter of
    the markets adopt a rollout (the last never does).
    """

    users: int = 2400
    creators: int = 300
    markets: int = 12
    days: int = 56
    burn_in: int = 14
    candidates: int = 30
    slots: int = 6
    requests: int = 2
    max_age: int = 21
    adoption: tuple[int, int, int] = (21, 28, 35)

    @property
    def long_from(self) -> int:
        """First day of the long-term outcome: the second half of the horizon."""
        return self.days // 2


DEMO = Size()
TESTS = Size(users=1100, creators=200, candidates=24)
UNIT = Size(users=400, creators=80, days=28, burn_in=7, candidates=24, adoption=(7, 14, 21))


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Who the users are and when they come back (log-odds)."""

    low_bandwidth: float = 0.3
    low_bandwidth_third_market: float = 0.2
    power: float = 0.25
    taste_exponent: float = 1.5
    visit: float = -0.9
    visit_power: float = 0.8
    visit_spread: float = 0.3
    visit_satisfaction: float = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """Who the creators are, what they make, and how they respond to engagement.

    ``hidden`` switches on a confounder of items that no column shows. With ``responds`` off,
    production and churn do not depend on engagement.
    """

    topics: tuple[float, ...] = (1.6, 1.3, 1.1, 1.0, 1.0, 0.9, 0.18, 0.9)
    style: float = 0.8
    rate: float = 0.22
    rate_spread: float = 0.5
    responds: bool = True
    response: float = 0.30
    churn: float = -4.2
    churn_response: float = 0.45
    usual_engagement: float = 1.5
    tenure: int = 7
    new_days: int = 14
    quality_creator: float = 0.8
    quality_item: float = 0.6
    hidden: float = 0.0
    video: float = -0.3
    video_quality: float = 0.9
    video_topic: float = 0.8
    video_hidden: float = 1.5
    headline: float = -0.4
    headline_quality: float = -0.7
    headline_topic: float = -0.5
    headline_style: float = 0.5
    original: float = 0.2
    original_quality: float = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """Three planted gaps: a topic of poor quality, one badly distributed, one scarce.

    The scarce topic is scarce through its share in :class:`Supply`.
    """

    poor: int = 4
    poor_quality: float = -1.0
    undistributed: int = 5
    lost: float = 0.8
    lost_to: int = 0
    scarce: int = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranker:
    """Weights of the score by which a request's candidates are ordered; a policy."""

    relevance: float = 1.0
    popularity: float = 1.2
    freshness: float = 0.4
    video: float = 0.35
    headline: float = 0.25
    temperature: float = 0.35

    def __post_init__(self) -> None:
        if not self.temperature >= 0.02:
            raise DataError(
                f"The temperature of a ranker must be at least 0.02, not {self.temperature}: below "
                "it propensities are too small to be told from zero."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """What the ranker sees, and the share of requests in uniform random order."""

    ranker: Ranker = field(default_factory=Ranker)
    exploration: float = 0.05
    relevance_noise: float = 0.35
    freshness_days: float = 4.0
    prior_rate: float = 0.22
    prior_impressions: float = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What users do with what they see (log-odds), given that they look at the slot."""

    examination: tuple[float, ...] = (1.0, 0.72, 0.55, 0.43, 0.35, 0.29)
    click: float = -2.2
    relevance: float = 1.0
    quality: float = 0.7
    freshness: float = 0.25
    video: float = 0.35
    video_low_bandwidth: float = -0.60
    headline: float = 0.30
    headline_power: float = -0.25
    satiation: float = 0.35
    most_seen: int = 6
    save: float = -1.0
    save_quality: float = 0.8
    save_headline: float = -0.5
    hide: float = -4.2
    hide_quality: float = -0.5
    hide_headline: float = 0.6
    survey: float = 0.02
    survey_response: float = -1.2
    survey_response_power: float = 1.2
    survey_answer: float = 0.3
    ad_load: float = 0.15
    ads_from_slot: int = 2
    ad_click: float = 0.015
    ad_view_price: float = 0.002
    ad_click_price: float = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Utility:
    """What a visit is worth to the user, and how it builds up the wish to come back."""

    quality: float = 0.9
    relevance: float = 0.6
    headline: float = -0.55
    video: float = 0.10
    satiation: float = -0.30
    diversity: float = 0.35
    ad: float = -0.05
    memory: float = 0.9
    rest: float = 0.995
    bound: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A world before anything is done to it.

    Raises
    ------
    DataError
        When sizes contradict each other.

    Examples
    --------
    >>> Settings(seed=1, size=UNIT).topics
    8
    """

    seed: int = 0
    size: Size = DEMO
    demand: Demand = field(default_factory=Demand)
    supply: Supply = field(default_factory=Supply)
    gaps: Gaps = field(default_factory=Gaps)
    distribution: Distribution = field(default_factory=Distribution)
    feedback: Feedback = field(default_factory=Feedback)
    utility: Utility = field(default_factory=Utility)

    def __post_init__(self) -> None:
        size = self.size
        if self.seed < 0:
            raise DataError(f"The seed of a world must be at least 0, not {self.seed}.")
        for name in ("users", "creators", "markets", "days", "candidates", "slots", "requests"):
            if getattr(size, name) < 1:
                raise DataError(f"A world needs at least 1 of '{name}', not {getattr(size, name)}.")
        if size.slots > len(self.feedback.examination):
            raise DataError(
                f"There are {size.slots} slots but {len(self.feedback.examination)} probabilities "
                "of examination. Give one for every slot."
            )
        if size.candidates < size.slots:
            raise DataError(
                f"{size.candidates} candidates cannot fill {size.slots} slots. Raise 'candidates'."
            )
        if max(self.gaps.poor, self.gaps.undistributed, self.gaps.scarce) >= self.topics:
            raise DataError(
                f"A planted gap names a topic that is not there: topics are 0 to {self.topics - 1}."
            )

    @property
    def topics(self) -> int:
        """How many topics there are."""
        return len(self.supply.topics)
