"""A contrast that the data cannot answer is refused."""

from collections.abc import Callable
from typing import Any

import numpy as np

from causal.base.finding import Status
from causal.diagnostics.contrasts import check

Make = Callable[..., Any]


def of(**more: Any) -> list[dict[str, Any]]:
    """One attribute, spelt out."""
    return [{"name": "a", **more}]


def test_a_contrast_beyond_the_data_fails_and_stops_its_attribute(study: Make, panel: Make) -> None:
    made = panel({"a": np.arange(101.0) + 5})
    for contrast in ([5, 50], [50, 105], [0, 1e9]):
        (found,) = check(study(attributes=of(contrast=contrast)), made)
        assert (found.status, found.blocks, found.attributes) == (Status.FAIL, "design", ("a",))
        assert "between 6 and 104" in found.remedy


def test_a_contrast_within_the_data_passes(study: Make, panel: Make) -> None:
    made = panel({"a": np.arange(101.0) + 5})
    (found,) = check(study(attributes=of(contrast=[104, 6])), made)
    assert found.status is Status.PASS


def test_without_declared_contrasts_there_is_nothing_to_say(study: Make, panel: Make) -> None:
    assert check(study(), panel({"a": np.arange(100.0)})) == ()
