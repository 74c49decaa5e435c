"""Sets of values as lines: with an arrow at each open end, and a dot only for an estimate."""

from __future__ import annotations

import pytest

from causal.reporting._charts import TONES
from causal.reporting._sets import sets, span


def row(*pieces: tuple[float | None, float | None], point: float | None = None, label: str = ""):
    return {"label": label, "pieces": pieces, "point": point, "tone": "quiet"}


def drawn(rows) -> dict:
    return sets(rows, axis="Clicks per impression").to_dict(validate=False)


def marks(chart: dict) -> list[tuple[str, int]]:
    """Each layer's mark and how many rows it draws, those without rows left out."""
    found = []
    for layer in chart["layer"]:
        mark = layer["mark"]
        values = layer["data"]["values"]
        if values:
            found.append((mark.get("shape", mark["type"]), len(values)))
    return found


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (row((0.1, 0.3), point=0.2), [("rule", 1), ("rule", 1), ("point", 1)]),
        (row((0.1, 0.3)), [("rule", 1), ("rule", 1)]),
        (row((None, -2.0), (0.5, None)),
         [("rule", 1), ("rule", 2), ("triangle-left", 1), ("triangle-right", 1)]),
        (row((None, None)),
         [("rule", 1), ("rule", 1), ("triangle-left", 1), ("triangle-right", 1)]),
    ],
)  # fmt: skip
def test_open_ends_have_arrows_and_estimates_dots(one, expected) -> None:
    assert marks(drawn([one])) == expected


def test_a_line_without_any_end_has_no_numbers_but_zero() -> None:
    axis = drawn([row((None, None))])["layer"][1]["encoding"]["x"]["axis"]
    assert axis["values"] == [0]
    assert "values" not in drawn([row((0.1, 0.2))])["layer"][1]["encoding"]["x"]["axis"]


def test_every_end_and_zero_are_within_the_axis() -> None:
    for pieces in ([(0.1, 0.3)], [(None, -2.0), (0.5, None)], [(None, None)], [(5.0, 6.0)]):
        low, high = span([row(*pieces)])
        ends = [end for piece in pieces for end in piece if end is not None]
        assert low < min([*ends, 0.0])
        assert high > max([*ends, 0.0])


def test_colours_are_those_of_the_page() -> None:
    assert row((0.0, 1.0))["tone"] in TONES
