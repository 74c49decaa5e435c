"""Counter-based randomness: a draw is a hash of what it is for, not the next of a sequence.

The same user, day, request and item meet the same noise in every world, so that the difference of
two worlds is the effect of what was done and of nothing else (common random numbers). Worlds can
be run in any order, and a new variable never shifts the draws of the others. The hash is the
finaliser of splitmix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number
generators"), applied once for every key.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt

Hash = npt.NDArray[np.uint64]

_GOLDEN = 0x9E3779B97F4A7C15
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_ALL = (1 << 64) - 1


class Stream(IntEnum):
    """What a draw is for. Numbers are for ever: new ones are added at the end, none is reused."""

    MARKET = 1
    """Market of a user. Keys: user."""
    BANDWIDTH = 2
    """Whether a user has low bandwidth. Keys: user."""
    POWER = 3
    """Whether a user is a power user. Keys: user."""
    TASTE = 4
    """Preference of a user for a topic. Keys: user, topic."""
    HABIT = 5
    """Return propensity of a user. Keys: user."""
    CREATOR_QUALITY = 6
    """Unobserved quality of a creator. Keys: creator."""
    HOME_TOPIC = 7
    """Topic of a creator. Keys: creator."""
    STYLE = 8
    """Style of a creator. Keys: creator."""
    JOIN = 9
    """Day on which an entrant joins. Keys: creator."""
    CREATOR_ARM = 10
    """Arm of a creator in a creator-side experiment. Keys: creator."""
    USER_ARM = 11
    """Arm of a user in a user-side experiment. Keys: user."""
    RATE = 12
    """Base rate of posts of a creator. Keys: creator."""
    HIDDEN = 13
    """Hidden confounder of an item. Keys: item."""
    ITEM_QUALITY = 14
    """Quality of an item. Keys: item."""
    VIDEO = 15
    """Whether an item is a video. Keys: item."""
    HEADLINE = 16
    """Whether an item has a question as headline. Keys: item."""
    POST = 17
    """Whether a creator posts. Keys: creator, day."""
    CHURN = 18
    """Whether a creator leaves. Keys: creator, day."""
    VISIT = 19
    """Whether a user visits. Keys: user, day."""
    CANDIDATE_TOPIC = 20
    """Topic of a candidate. Keys: request, candidate."""
    CANDIDATE_LOST = 21
    """Whether retrieval loses a candidate of the badly distributed topic. Keys: request, candidate."""
    CANDIDATE_ITEM = 22
    """Which live item of the topic a candidate is. Keys: request, candidate."""
    RELEVANCE = 23
    """Fit of an item to a user beyond its topic. Keys: user, item."""
    RANK = 24
    """Gumbel noise of the ranker. Keys: request, item."""
    EXPLORE = 25
    """Whether a request is exploration. Keys: request."""
    CLICK = 26
    """Click. Keys: request, item."""
    SAVE = 27
    """Save after a click. Keys: request, item."""
    HIDE = 28
    """Hide. Keys: request, item."""
    SURVEY = 29
    """Whether an impression is followed by a survey. Keys: request, item."""
    SURVEY_RESPONSE = 30
    """Whether the survey is answered. Keys: request, item."""
    SURVEY_ANSWER = 31
    """The answer. Keys: request, item."""
    AD = 32
    """Whether a slot carries an advertisement. Keys: request, slot."""
    AD_CLICK = 33
    """Click on an advertisement. Keys: request, slot."""
    ORIGINAL = 34
    """Whether an item is original. Keys: item."""
    TIER = 35
    """Error of the observed tier of a creator. Keys: creator."""
    TIER_MISSING = 36
    """Whether the tier is missing. Keys: creator."""
    EMBEDDING_WEIGHT = 37
    """Loading of a feature on a dimension of the embedding. Keys: dimension, feature."""
    EMBEDDING_NOISE = 38
    """Noise of an embedding. Keys: item, dimension."""
    LABEL = 39
    """Error of the noisy video label. Keys: item."""
    TREATED_ITEM = 40
    """The hashed fraction of items under an intervention. Keys: item."""
    GOLD = 41
    """Whether an item was labelled by hand. Keys: item."""
    SWITCHBACK = 42
    """Whether a market is switched on for a half day. Keys: market, day, half."""
    THIN_ITEM = 43
    """Items hidden by thinning. Keys: item."""
    THIN_USER = 44
    """Users from whom items are hidden. Keys: user."""
    REQUEST = 45
    """Key of a request. Keys: user, day, request."""
    ITEM = 46
    """Key of an item. Keys: creator, number of the item."""
    CLOCK = 47
    """Second of the half day in which a request is made. Keys: request."""
    EXPERIMENT = 48
    """Ranker weights of a made-up experiment. Keys: experiment, weight."""
    SAMPLE = 49
    """Rows of a sample. Keys: request."""
    CREATOR_ADOPTION = 50
    """Whether and when a creator adopts a staggered boost. Keys: creator."""


def _mix(state: Hash) -> Hash:
    """Finalise, in place; shape unchanged."""
    state ^= state >> np.uint64(30)
    state *= _FIRST
    state ^= state >> np.uint64(27)
    state *= _SECOND
    state ^= state >> np.uint64(31)
    return state


def _start(seed: int, stream: Stream) -> np.uint64:
    """Where a stream starts, as one number."""
    first = np.array([(seed * _GOLDEN + int(stream)) & _ALL], dtype=np.uint64)
    return np.uint64(_mix(first)[0])


def bits(seed: int, stream: Stream, *keys: npt.ArrayLike) -> Hash:
    """Hash a stream and its keys to 64 bits.

    Parameters
    ----------
    seed
        Seed of the world.
    stream
        What the draw is for.
    keys
        Integers at least 0, or hashes; they broadcast.

    Returns
    -------
    numpy.ndarray of uint64
        The shape of the keys together, at least one-dimensional.
    """
    state: Hash = np.full(1, _start(seed, stream))
    for key in keys:
        step = (np.atleast_1d(np.asarray(key)).astype(np.uint64) + np.uint64(1)) * np.uint64(
            _GOLDEN
        )
        state = _mix(state + step)
    return state


def unit(state: Hash) -> npt.NDArray[np.float64]:
    """Turn hashes into numbers strictly between 0 and 1, shape unchanged."""
    out = (state >> np.uint64(12)).astype(np.float64)
    out += 0.5
    out *= 2.0**-52
    return out


def uniform(seed: int, stream: Stream, *keys: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Draw uniformly between 0 and 1, by keys.

    Examples
    --------
    >>> bool(uniform(1, Stream.CLICK, 5, 7)[0] == uniform(1, Stream.CLICK, 5, [6, 7])[1])
    True
    """
    return unit(bits(seed, stream, *keys))


def normal(seed: int, stream: Stream, *keys: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Draw from the standard normal, by keys (Box and Muller 1958, on two halves of a hash)."""
    state = bits(seed, stream, *keys)
    radius = (state >> np.uint64(32)).astype(np.float64)
    radius += 0.5
    radius *= 2.0**-32
    np.log(radius, out=radius)
    radius *= -2.0
    np.sqrt(radius, out=radius)
    angle = (state & np.uint64(0xFFFFFFFF)).astype(np.float64)
    angle *= 2.0 * np.pi * 2.0**-32
    radius *= np.cos(angle)
    return radius


def gumbel(seed: int, stream: Stream, *keys: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Draw from the standard Gumbel distribution, by keys."""
    out = uniform(seed, stream, *keys)
    np.log(out, out=out)
    np.negative(out, out=out)
    np.log(out, out=out)
    np.negative(out, out=out)
    return out
