"""The loop over days: production, visits, retrieval, ranking, feedback, and what is learnt."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from causal.base.errors import DataError
from causal.data.panel import BoolArray, FloatArray, IntArray
from causal.data.platform.entities import (
    Creators,
    Items,
    Users,
    first_items,
    injected,
    logistic,
    make_creators,
    make_items,
    make_users,
)
from causal.data.platform.feedback import Acts, Seen, advertise, react, worth_of_slate
from causal.data.platform.interventions import Do, Policy
from causal.data.platform.randomness import Hash, Stream, bits, gumbel, normal, uniform
from causal.data.platform.ranking import propensities, rank
from causal.data.platform.retrieval import retrieve, shelves
from causal.data.platform.scoring import Counters, scores
from causal.data.platform.settings import Ranker, Settings
from causal.data.platform.views import Views, views
from causal.data.platform.world import Impressions, Requests, World


def simulate(
    settings: Settings,
    do: Do | None = None,
    *,
    until: int | None = None,
    shadows: tuple[Ranker, ...] = (),
) -> World:
    """Run the platform from the first day to the last.

    Parameters
    ----------
    settings
        The world: seed, sizes and mechanisms.
    do
        What is done to it; nothing when None.
    until
        Stop before this day, when only what comes before it is asked for. The days before it are
        those of the whole run; what comes after is empty.
    shadows
        Rankers whose propensity of what was shown is logged too: what an off-policy value needs.

    Returns
    -------
    World
        Everything that happened. The same settings and ``do`` give the same bytes, and what
        ``do`` does not reach is the same as without it.

    Examples
    --------
    >>> from causal.data.platform.settings import UNIT, Settings
    >>> world = simulate(Settings(seed=1, size=UNIT))
    >>> bool(0.1 < world.impressions.click.mean() < 0.3)
    True
    """
    do = do or Do()
    state = _begin(settings, do, shadows)
    last = settings.size.days if until is None else until
    if not 0 < last <= settings.size.days:
        raise DataError(f"A world of {settings.size.days} days cannot be run until day {until}.")
    for day in range(last):
        _produce(state, day)
        _leave(state, day)
        _serve(state, _visit(state, day), day)
    return _end(state)


@dataclass(slots=True, kw_only=True, eq=False)
class _State:
    """What changes from day to day."""

    settings: Settings
    do: Do
    shadows: tuple[Ranker, ...]
    users: Users
    creators: Creators
    items: Items
    counters: Counters
    number: IntArray
    present: BoolArray
    injections: int
    satisfaction: FloatArray
    seen: Any
    visits: BoolArray
    worth: FloatArray
    creator_impressions: IntArray
    creator_clicks: IntArray
    active: BoolArray
    posts: BoolArray
    requests: list[dict[str, Any]] = field(default_factory=list)
    impressions: list[dict[str, Any]] = field(default_factory=list)
    served: int = 0

    def add(self, items: Items) -> None:
        """Put new items beside the others, with room for how often each user has seen them."""
        self.items = self.items.joined(items)
        self.counters.grow(self.items.count)
        if self.items.count > self.seen.shape[1]:
            wider = np.zeros((self.seen.shape[0], 2 * self.items.count), dtype=np.uint8)
            wider[:, : self.seen.shape[1]] = self.seen
            self.seen = wider

    def engagement(self, day: int) -> FloatArray:
        """Log of clicks in the 7 days before, which creators respond to; shape (creators,)."""
        supply = self.settings.supply
        if not supply.responds:
            return np.full(self.present.size, supply.usual_engagement)
        return np.log1p(self.creator_clicks[:, max(0, day - 7) : day].sum(axis=1))


def _begin(settings: Settings, do: Do, shadows: tuple[Ranker, ...]) -> _State:
    users, creators = make_users(settings), make_creators(settings)
    items = first_items(settings, creators, do)
    people, makers, days = settings.size.users, creators.join.size, settings.size.days
    present = np.ones(makers, dtype=bool)
    present[-1] = False
    number = np.bincount(items.creator, minlength=makers)
    return _State(
        settings=settings,
        do=do,
        shadows=shadows,
        users=users,
        creators=creators,
        items=items,
        counters=Counters.empty(items.count),
        number=number,
        present=present,
        injections=0,
        satisfaction=np.zeros(people),
        seen=np.zeros((people, 4 * items.count), dtype=np.uint8),
        visits=np.zeros((people, days), dtype=bool),
        worth=np.zeros((people, days)),
        creator_impressions=np.zeros((makers, days), dtype=np.int64),
        creator_clicks=np.zeros((makers, days), dtype=np.int64),
        active=np.zeros((makers, days), dtype=bool),
        posts=np.zeros((makers, days), dtype=bool),
    )


def _produce(state: _State, day: int) -> None:
    """Creators who get clicks post more."""
    settings, creators = state.settings, state.creators
    supply = settings.supply
    active = state.present & (creators.join <= day)
    lift = np.exp(supply.response * (state.engagement(day) - supply.usual_engagement))
    draw = uniform(settings.seed, Stream.POST, np.arange(active.size), day)
    posts = active & (draw < 1 - np.exp(-creators.rate * lift))
    who = np.flatnonzero(posts)
    if who.size:
        state.add(make_items(settings, creators, state.do, who, state.number[who], day))
    state.number[who] += 1
    for what in state.do.inject:
        if what.day == day and what.items:
            state.add(injected(settings, creators, state.do, what, state.injections))
            state.injections += what.items
    state.active[:, day], state.posts[:, day] = active, posts


def _leave(state: _State, day: int) -> None:
    """Creators who get few clicks leave for good; what they made stays."""
    supply, join = state.settings.supply, state.creators.join
    hazard = logistic(
        supply.churn - supply.churn_response * (state.engagement(day) - supply.usual_engagement)
    )
    draw = uniform(state.settings.seed, Stream.CHURN, np.arange(join.size), day)
    state.present &= ~((draw < hazard) & state.active[:, day] & (day - join >= supply.tenure))


def _visit(state: _State, day: int) -> IntArray:
    """Who comes today: habit and satisfaction."""
    users, demand = state.users, state.settings.demand
    odds = users.habit + demand.visit_satisfaction * state.satisfaction
    if state.do.moved("markets", day):
        odds = odds + 0.8 * (users.market < state.settings.size.markets / 3)
    draw = uniform(state.settings.seed, Stream.VISIT, np.arange(odds.size), day)
    state.visits[:, day] = draw < logistic(odds)
    return np.flatnonzero(state.visits[:, day])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Asked:
    """Requests of a day; shapes (requests,)."""

    user: IntArray
    number: IntArray
    key: Hash


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Answered:
    """Slates of a day; shapes (requests, slots), ``explored`` and ``candidates`` (requests,).

    ``shadow`` has shape (requests, slots, shadows).
    """

    item: IntArray
    relevance: FloatArray
    propensity: FloatArray
    shadow: FloatArray
    shown: BoolArray
    explored: BoolArray
    candidates: IntArray


def _serve(state: _State, visitors: IntArray, day: int) -> None:
    """Answer the day's requests, and learn from what users did once the day is over."""
    per_visit = state.settings.size.requests
    user = np.repeat(visitors, per_visit)
    number = np.tile(np.arange(per_visit), visitors.size)
    key = bits(state.settings.seed, Stream.REQUEST, user, day, number)
    asked = _Asked(user=user, number=number, key=key)
    view = views(state.settings, state.do, state.items, day)
    answered = _answer(state, asked, view, day)
    seen = _seen(state, asked, answered, view)
    acts = react(state.settings, seen, (key, state.items.key[answered.item]))
    ads, revenue = advertise(state.settings, _ad_load(state, user, day), key)
    worth = worth_of_slate(state.settings, seen, ads)
    state.requests.append(
        {
            "user": user, "day": np.full(user.size, day), "number": number, "key": key,
            "explored": answered.explored, "candidates": answered.candidates, "ads": ads,
            "revenue": revenue, "worth": worth,
        }
    )  # fmt: skip
    _note(state, answered, seen, acts, day)
    _learn(state, (user, answered.item, answered.shown, acts.click, worth), day)


def _answer(state: _State, asked: _Asked, view: Views, day: int) -> _Answered:
    """Retrieve candidates, score them, and draw a slate for each request."""
    settings, items, users, key = state.settings, state.items, state.users, asked.key
    shelf = shelves(items, settings.topics, day, settings.size.max_age)
    found = retrieve(settings, state.do, users, items, shelf, (asked.user, key), day)
    relevance = normal(settings.seed, Stream.RELEVANCE, asked.user[:, None], items.key[found.item])
    relevance *= settings.distribution.relevance_noise
    relevance += users.log_taste[asked.user[:, None], items.topic[found.item]]
    world = (users, state.creators, items, state.counters)
    candidates = (asked.user, asked.number, found.item, relevance)
    explored = uniform(settings.seed, Stream.EXPLORE, key) < settings.distribution.exploration

    def worth(do: Do) -> FloatArray:
        out = scores(settings, do, world, view, candidates, day)
        out[explored] = 0.0
        out[~found.there] = -np.inf
        return out

    noise = gumbel(settings.seed, Stream.RANK, key[:, None], items.key[found.item])
    slates = rank(worth(state.do), noise, settings.size.slots)
    others = [replace(state.do, policies=_everyone(ranker)) for ranker in state.shadows]
    shadow = [propensities(worth(do), slates.place, slates.shown) for do in others]
    return _Answered(
        item=np.take_along_axis(found.item, slates.place, axis=1),
        relevance=np.take_along_axis(relevance, slates.place, axis=1),
        propensity=slates.propensity,
        shadow=np.stack(shadow, axis=2) if shadow else np.zeros((*slates.place.shape, 0)),
        shown=slates.shown,
        explored=explored,
        candidates=found.there.sum(axis=1),
    )


def _everyone(ranker: Ranker) -> tuple[Policy, ...]:
    """A ranker for all users on all days."""
    return (Policy(ranker=ranker, from_day=0),)


def _seen(state: _State, asked: _Asked, answered: _Answered, view: Views) -> Seen:
    """The slates as users see them."""
    item, user, users = answered.item, asked.user, state.users
    times = np.minimum(state.seen[user[:, None], item], state.settings.feedback.most_seen)
    return Seen(
        relevance=answered.relevance,
        quality=state.items.quality[item],
        fresh=view.fresh[item],
        video=view.video_seen[item],
        headline=view.headline_seen[item],
        times=times.astype(float),
        topic=state.items.topic[item],
        shown=answered.shown,
        low_bandwidth=users.low_bandwidth[user],
        power=users.power[user],
    )


def _note(state: _State, answered: _Answered, seen: Seen, acts: Acts, day: int) -> None:
    """Write the day's impressions into the log."""
    shape, keep = answered.item.shape, answered.shown
    request = np.broadcast_to(state.served + np.arange(shape[0])[:, None], shape)
    new = _new(state, day)[state.items.creator[answered.item]]
    state.impressions.append(
        {
            "request": request[keep], "item": answered.item[keep],
            "position": np.broadcast_to(np.arange(shape[1]), shape)[keep],
            "propensity": answered.propensity[keep], "shadow": answered.shadow[keep], "relevance": seen.relevance[keep],
            "times": seen.times[keep].astype(np.int64), "log_odds": acts.log_odds[keep],
            "new_creator": new[keep], "click": acts.click[keep], "save": acts.save[keep],
            "hide": acts.hide[keep], "asked": acts.asked[keep], "answer": acts.answer[keep],
        }
    )  # fmt: skip
    state.served += shape[0]


def _learn(
    state: _State,
    happened: tuple[IntArray, IntArray, BoolArray, BoolArray, FloatArray],
    day: int,
) -> None:
    """Counters of items and creators, how often items were seen, and users' satisfaction."""
    user, shown, keep, click, value = happened
    utility, users, items = state.settings.utility, state.users, state.items
    per_visit = state.settings.size.requests
    for number in range(per_visit):
        who, what = np.nonzero(keep[number::per_visit])
        # A slate holds an item once, so no pair repeats within a number.
        state.seen[user[number::per_visit][who], shown[number::per_visit][who, what]] += 1
    arm = np.broadcast_to(users.arm[user][:, None], shown.shape)
    state.counters.count(shown[keep], click[keep], arm[keep])
    makers = state.present.size
    owner = items.creator[shown]
    state.creator_impressions[:, day] = np.bincount(owner[keep], minlength=makers)
    state.creator_clicks[:, day] = np.bincount(owner[click], minlength=makers)
    worth = np.bincount(user, value, state.visits.shape[0]) / per_visit
    state.worth[:, day] = worth
    state.satisfaction = np.where(
        state.visits[:, day],
        utility.memory * state.satisfaction
        + (1 - utility.memory) * np.clip(worth, -utility.bound, utility.bound),
        state.satisfaction * utility.rest,
    )


def _new(state: _State, day: int) -> BoolArray:
    """Creators who joined not long ago, shape (creators,)."""
    join = state.creators.join
    return (join >= 0) & (day - join <= state.settings.supply.new_days)


def _ad_load(state: _State, user: IntArray, day: int) -> FloatArray:
    usual = np.full(user.size, state.settings.feedback.ad_load)
    do = state.do
    if do.ad_load is None or do.ad_users == "none" or day < state.settings.size.burn_in:
        return usual
    return np.where(state.users.arm[user] | (do.ad_users == "all"), do.ad_load, usual)


def _gather(kind: type[Any], days: list[dict[str, Any]]) -> Any:
    """Put the days one after the other."""
    return kind(
        **{each.name: np.concatenate([day[each.name] for day in days]) for each in fields(kind)}
    )


def _end(state: _State) -> World:
    return World(
        settings=state.settings,
        do=state.do,
        users=state.users,
        creators=state.creators,
        items=state.items,
        requests=_gather(Requests, state.requests),
        impressions=_gather(Impressions, state.impressions),
        visits=state.visits,
        worth=state.worth,
        satisfaction=state.satisfaction,
        creator_impressions=state.creator_impressions,
        creator_clicks=state.creator_clicks,
        active=state.active,
        posts=state.posts,
    )
