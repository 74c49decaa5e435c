"""Draws by key: pinned for ever, independent, and the same in any order."""

from __future__ import annotations

import numpy as np
import pytest

from causal.data.platform.randomness import Stream, bits, gumbel, normal, uniform


def test_a_draw_never_changes():
    # Splitmix64's finaliser, computed by hand with Python's integers below.
    assert int(bits(0, Stream.CLICK, 5, 7)[0]) == by_hand(0, 26, 5, 7)
    assert int(bits(20261122, Stream.ITEM, 0)[0]) == by_hand(20261122, 46, 0)


def by_hand(seed: int, stream: int, *keys: int) -> int:
    full, golden = (1 << 64) - 1, 0x9E3779B97F4A7C15

    def mix(z: int) -> int:
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & full
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & full
        return z ^ (z >> 31)

    state = mix((seed * golden + stream) & full)
    for key in keys:
        state = mix((state + golden * (key + 1)) & full)
    return state


def test_streams_are_numbered_for_ever():
    """Append only: a new stream extends this list, it changes no number in it."""
    names = [stream.name for stream in sorted(Stream)]
    assert [int(stream) for stream in sorted(Stream)] == list(range(1, len(names) + 1))
    assert names[:49] == [
        "MARKET", "BANDWIDTH", "POWER", "TASTE", "HABIT", "CREATOR_QUALITY", "HOME_TOPIC", "STYLE",
        "JOIN", "CREATOR_ARM", "USER_ARM", "RATE", "HIDDEN", "ITEM_QUALITY", "VIDEO", "HEADLINE",
        "POST", "CHURN", "VISIT", "CANDIDATE_TOPIC", "CANDIDATE_LOST", "CANDIDATE_ITEM",
        "RELEVANCE", "RANK", "EXPLORE", "CLICK", "SAVE", "HIDE", "SURVEY", "SURVEY_RESPONSE",
        "SURVEY_ANSWER", "AD", "AD_CLICK", "ORIGINAL", "TIER", "TIER_MISSING", "EMBEDDING_WEIGHT",
        "EMBEDDING_NOISE", "LABEL", "TREATED_ITEM", "GOLD", "SWITCHBACK", "THIN_ITEM", "THIN_USER",
        "REQUEST", "ITEM", "CLOCK", "EXPERIMENT", "SAMPLE",
    ]  # fmt: skip


def test_a_draw_does_not_depend_on_what_is_drawn_beside_it():
    alone = uniform(9, Stream.CLICK, 41, 7)
    together = uniform(9, Stream.CLICK, np.arange(100)[:, None], np.arange(10)[None])
    assert together[41, 7] == alone[0]


@pytest.mark.parametrize("stream", [Stream.CLICK, Stream.RANK])
def test_uniform_draws_are_uniform(stream):
    draws = np.sort(uniform(1, stream, np.arange(400)[:, None], np.arange(50)[None]).ravel())
    n = draws.size
    distance = np.abs(draws - (np.arange(n) + 0.5) / n).max()
    assert distance < 1.95 / np.sqrt(n)  # Kolmogorov: exceeded once in a thousand
    assert draws[0] > 0
    assert draws[-1] < 1


def test_normal_and_gumbel_draws_have_their_moments():
    n = 40_000
    z, g = normal(2, Stream.HABIT, np.arange(n)), gumbel(2, Stream.RANK, np.arange(n))
    assert abs(z.mean()) < 4 / np.sqrt(n)
    assert abs(z.var() - 1) < 4 * np.sqrt(2 / n)
    assert abs(g.mean() - np.euler_gamma) < 4 * np.pi / np.sqrt(6 * n)
    neighbours = np.corrcoef(z[:-1], z[1:])[0, 1]
    assert abs(neighbours) < 4 / np.sqrt(n)


def test_streams_and_seeds_are_unrelated():
    keys = np.arange(40_000)
    one = uniform(1, Stream.CLICK, keys)
    for other in (uniform(2, Stream.CLICK, keys), uniform(1, Stream.SAVE, keys)):
        assert abs(np.corrcoef(one, other)[0, 1]) < 4 / np.sqrt(keys.size)
