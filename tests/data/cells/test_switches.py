import numpy as np
import pandas as pd
import pytest

from causal.base.errors import DataError
from causal.data.cells.cells import cells_of
from causal.data.cells.switches import alike, breaks, chances, drawn_together, switched


def cells(on, **columns):
    on = np.asarray(on, dtype=float)
    i, t = np.indices(on.shape)
    frame = {
        "entity": i.ravel(),
        "period": t.ravel(),
        "adopted": np.inf,
        "y": 1.0,
        "on": on.ravel(),
    }
    return cells_of(pd.DataFrame(frame | columns))


def test_each_cell_is_a_draw_unless_a_column_or_a_cluster_says_otherwise() -> None:
    on = [[0, 0, 1, 1], [0, 0, 1, 1], [1, 1, 0, 0], [1, 1, 0, 0]]
    alone = drawn_together(cells(on))
    assert np.unique(alone).size == 16
    region = drawn_together(cells(on, cluster=np.repeat([0, 0, 1, 1], 4)))
    assert np.unique(region).size == 8
    assert (region[0] == region[1]).all()
    apart = [[0, 0, 1, 1], [1, 0, 1, 1], [1, 1, 0, 0], [1, 1, 0, 0]]
    assert np.unique(drawn_together(cells(apart, cluster=np.repeat([0, 0, 1, 1], 4)))).size == 16


def test_a_column_names_what_is_drawn_as_one_and_a_missing_value_stands_alone() -> None:
    made = cells([[0, 0, 1, 1], [1, 1, 0, 0]])
    made.further["day"] = np.array([[1.0, 1.0, 2.0, np.nan], [1.0, 1.0, 2.0, 2.0]])  # type: ignore[index]
    codes = drawn_together(made, "day")
    assert codes[0, 0] == codes[0, 1]
    assert codes[0, 0] != codes[1, 0]
    assert codes[0, 3] not in codes[0, :3]


def test_a_probability_is_strictly_between_zero_and_one() -> None:
    made = cells([[0, 1], [1, 0]])
    assert (chances(made, 0.3) == 0.3).all()
    made.further["p"] = np.array([[0.2, np.nan], [0.4, 0.5]])  # type: ignore[index]
    assert chances(made, "p").tolist() == [[0.2, 0.5], [0.4, 0.5]]
    made.further["p"] = np.array([[0.2, 0.0], [0.4, 0.5]])  # type: ignore[index]
    with pytest.raises(DataError, match=r"carry\.probability: column 'p'.*is 0 in a cell of '0'"):
        chances(made, "p")


def test_missing_time_breaks_the_course() -> None:
    frame = pd.DataFrame({"entity": "a", "period": [0, 1, 2, 5, 6], "adopted": np.inf, "y": 1.0})
    assert breaks(cells_of(frame)) == (3,)
    assert breaks(cells([[0, 1, 0]])) == ()


def test_switches_and_periods_in_one_state_are_counted() -> None:
    made = cells([[0, 1, np.nan, 1, 0], [0, 0, 0, 1, 1]])
    assert switched(made).tolist() == [2, 1]
    assert alike(made).tolist() == [True, False, True, True, False]
