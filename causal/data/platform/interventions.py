"""What can be done to a world: the arguments of ``do()``, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from causal.base.errors import DataError, nearest
from causal.data.platform.settings import Ranker, Size

Arm = Literal["none", "half", "all"]
Users = Literal["all", "half", "low bandwidth", "high bandwidth", "power", "other"]
Mechanism = Literal["markets", "retrieval", "ranker", "attribute"]
MECHANISMS: tuple[Mechanism, ...] = ("markets", "retrieval", "ranker", "attribute")
ATTRIBUTES = ("video", "headline")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAttribute:
    """Set an attribute of items, separately as the ranker and as the user sees it.

    ``fraction`` of the items, chosen by a hash, are set; None leaves a view as it is. The
    ranker's view moves only the ranking, the user's only clicks and utility (separable effects).
    """

    attribute: str
    ranker: float | None = None
    user: float | None = None
    fraction: float = 1.0
    from_day: int = 0

    def __post_init__(self) -> None:
        if self.attribute not in ATTRIBUTES:
            raise DataError(
                f"'{self.attribute}' cannot be set: the ranker and users see "
                f"{' and '.join(ATTRIBUTES)}.{nearest(self.attribute, ATTRIBUTES)}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Inject:
    """Add items of a topic on a day, made by a house creator who does nothing else."""

    topic: int
    items: int
    quality: float
    day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Thin:
    """Hide a hashed fraction of a topic's items from a hashed share of the users."""

    topic: int
    fraction: float
    users: float = 1.0
    from_day: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Order by other weights, for some users, from a day on (None: the end of the burn-in)."""

    ranker: Ranker
    users: Users = "all"
    from_day: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Change a known set of mechanisms on a day, so that a metric moves for known reasons.

    ``markets``: users of the first third of the markets come more often (log-odds +0.8).
    ``retrieval``: the badly distributed topic is retrieved as it should be. ``ranker``: the
    weight of a question headline rises to 1. ``attribute``: creators use question headlines more
    (log-odds +1).
    """

    mechanisms: tuple[Mechanism, ...]
    day: int

    def __post_init__(self) -> None:
        for name in self.mechanisms:
            if name not in MECHANISMS:
                raise DataError(
                    f"'{name}' is not a mechanism that can be moved. There are "
                    f"{', '.join(MECHANISMS)}.{nearest(name, MECHANISMS)}"
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Do:
    """Everything that is done to a world; the default does nothing.

    Attributes
    ----------
    rollout
        A boost for new creators, by market as they adopt, in the first market alone from the first
        adoption (``single``), or everywhere from then.
    users
        A user-side experiment from the end of the burn-in: freshness counts ``fresh_factor``
        times as much.
    creators
        A creator-side experiment: items of the arm's creators get a boost. ``staggered``: creators
        adopt it day by day of adoption, most of them in some topics and few in others.
    pairs
        A two-sided experiment: the boost only where arm users meet arm creators.
    switchback
        Freshness switched up by market and half day, by a hash (``alternate``), or always.
    diverted
        Each user arm has counters of clicks and impressions of its own.
    items, inject, thin, policies, move
        See the classes.
    fix_retrieval, fix_quality
        Remove a planted gap from the first day.
    ad_load, ad_users
        Another share of slots with an advertisement, from the end of the burn-in.
    """

    rollout: Literal["none", "staggered", "single", "all"] = "none"
    rollout_boost: float = 0.8
    users: Arm = "none"
    fresh_factor: float = 2.5
    creators: Literal["none", "half", "all", "staggered"] = "none"
    pairs: Arm = "none"
    creator_boost: float = 0.6
    switchback: Literal["none", "alternate", "all"] = "none"
    diverted: bool = False
    items: tuple[SetAttribute, ...] = ()
    inject: tuple[Inject, ...] = ()
    thin: tuple[Thin, ...] = ()
    policies: tuple[Policy, ...] = ()
    move: Move | None = None
    fix_retrieval: bool = False
    fix_quality: bool = False
    ad_load: float | None = None
    ad_users: Arm = "all"

    def first_day(self, size: Size) -> int:
        """The first day on which a world with this can differ from one without.

        >>> Do(creators="half").first_day(Size())
        14
        """
        days = [size.days]
        arms = (self.users, self.creators, self.pairs, self.switchback)
        if any(arm not in ("none", "staggered") for arm in arms) or self.ad_load is not None:
            days.append(size.burn_in)
        if self.rollout != "none" or self.creators == "staggered":
            days.append(size.adoption[0])
        if self.diverted or self.fix_retrieval or self.fix_quality:
            days.append(0)
        days.extend(each.from_day for each in self.items)
        days.extend(each.from_day for each in self.thin)
        days.extend(each.day for each in self.inject)
        days.extend(
            size.burn_in if each.from_day is None else each.from_day for each in self.policies
        )
        if self.move is not None and self.move.mechanisms:
            days.append(self.move.day)
        return min(days)

    def moved(self, mechanism: Mechanism, day: int) -> bool:
        """Whether a mechanism has moved by this day."""
        return self.move is not None and mechanism in self.move.mechanisms and day >= self.move.day
