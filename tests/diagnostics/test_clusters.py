"""Too few independent sources are said before any interval is drawn."""

from collections.abc import Callable
from typing import Any

import numpy as np

from causal.base.finding import Status
from causal.diagnostics.clusters import check

Make = Callable[..., Any]


def test_many_clusters_in_both_arms_pass(study: Make, panel: Make) -> None:
    row = np.arange(400)
    (found,) = check(study(cluster="c"), panel({"a": row % 2}, clusters=row // 4))
    assert found.status is Status.PASS
    assert found.statistic == 100


def test_one_cluster_fails_every_design(study: Make, panel: Make) -> None:
    (found,) = check(study(cluster="c"), panel({"a": [0, 1, 0, 1]}, clusters=[7, 7, 7, 7]))
    assert (found.status, found.blocks, found.attributes) == (Status.FAIL, "design", ())


def test_four_treated_clusters_stop_that_attribute_only(study: Make, panel: Make) -> None:
    cluster = np.arange(400) // 4
    made = panel({"a": cluster < 4, "b": np.arange(400) % 2}, clusters=cluster)
    (found,) = check(study(cluster="c", attributes=["a", "b"]), made)
    assert (found.status, found.blocks, found.attributes) == (Status.FAIL, "design", ("a",))
    assert found.statistic == 4


def test_twenty_clusters_are_a_warning(study: Make, panel: Make) -> None:
    row = np.arange(400)
    (found,) = check(study(cluster="c"), panel({"a": row % 2}, clusters=row // 20))
    assert (found.status, found.statistic) == (Status.WARN, 20)


def test_a_hundred_clusters_of_which_one_is_huge_are_few(study: Make, panel: Make) -> None:
    cluster = np.concatenate([np.zeros(900, dtype=int), np.arange(1, 101)])
    (found,) = check(study(cluster="c"), panel({"a": np.arange(1000) % 2}, clusters=cluster))
    assert found.status is Status.WARN
    assert found.statistic == 1000**2 / (900**2 + 100)


def test_a_rare_level_counts_by_its_own_clusters(study: Make, panel: Make) -> None:
    tone = np.array(["calm"] * 200 + ["loud"] * 197 + ["sad"] * 3, dtype=object)
    made = panel({"tone": tone}, clusters=np.arange(400))
    (found,) = check(study(cluster="c", attributes=["tone"]), made)
    assert (found.status, found.statistic) == (Status.FAIL, 3)
