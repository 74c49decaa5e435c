"""Sets found from a causal graph: right, the least, agreed with DoWhy, the same for any hash seed."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from causal.design.graph import backdoor_set, blocks_backdoors, descendants

FORK = (("x", "a"), ("x", "y"), ("a", "y"))
M_BIAS = (("u", "a"), ("u", "m"), ("v", "m"), ("v", "y"), ("a", "y"))
TWO_SETS = (
    ("x1", "a"), ("x1", "z"), ("x2", "z"), ("x2", "y"), ("z", "a"), ("z", "y"), ("a", "y"),
)  # fmt: skip


def test_a_common_cause_is_held_fixed() -> None:
    assert backdoor_set(FORK, "a", "y", ("x",)) == ("x",)


def test_an_unobserved_common_cause_leaves_no_set() -> None:
    assert backdoor_set(FORK, "a", "y", ()) is None


def test_a_collider_is_not_held_fixed() -> None:
    assert backdoor_set(M_BIAS, "a", "y", ("m",)) == ()
    assert not blocks_backdoors(M_BIAS, "a", "y", ("m",))
    assert blocks_backdoors(M_BIAS, "a", "y", ("m", "v"))


def test_a_mediator_is_never_in_the_set() -> None:
    edges = (*FORK, ("a", "m"), ("m", "y"))
    assert backdoor_set(edges, "a", "y", ("x", "m")) == ("x",)


def test_a_cause_of_the_attribute_alone_leaves_before_one_of_the_outcome() -> None:
    edges = (("i", "a"), ("z", "i"), ("z", "y"), ("a", "y"))
    assert backdoor_set(edges, "a", "y", ("i", "z")) == ("z",)


def test_a_graph_without_a_way_from_attribute_to_outcome_still_has_its_set() -> None:
    assert backdoor_set((("x", "a"), ("x", "y")), "a", "y", ("x",)) == ("x",)


def test_descendants_are_everything_downstream() -> None:
    assert descendants(TWO_SETS, "x1") == {"a", "z", "y"}


@pytest.mark.parametrize("seed", ["0", "1", "2"])
def test_the_set_does_not_depend_on_the_hash_seed(seed: str) -> None:
    code = (
        "from causal.design.graph import backdoor_set;"
        f"print(backdoor_set({TWO_SETS!r}, 'a', 'y', ('x1', 'x2', 'z')))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": seed},
    )
    assert done.stdout.strip() == "('x2', 'z')"


def test_there_is_a_set_exactly_when_dowhy_says_so_and_it_blocks() -> None:
    from causal.design.graph import _least_set

    rng = np.random.default_rng(0)
    without = 0
    for _ in range(40):
        names = [str(name) for name in rng.permutation(list("abcdefg"))]
        edges = tuple(
            (first, second)
            for i, first in enumerate(names)
            for second in names[i + 1 :]
            if rng.random() < 0.35
        )
        attribute, outcome = names[1], names[-1]
        later = descendants(edges, attribute)
        observed = tuple(
            name
            for name in sorted(names)
            if name not in (attribute, outcome, *later) and rng.random() < 0.6
        )
        found = backdoor_set(edges, attribute, outcome, observed)
        assert found == _least_set(edges, attribute, outcome, observed)
        without += found is None
        if found is not None:
            assert blocks_backdoors(edges, attribute, outcome, found)
            for name in found:
                rest = tuple(other for other in found if other != name)
                assert not blocks_backdoors(edges, attribute, outcome, rest)
    assert 0 < without < 40
