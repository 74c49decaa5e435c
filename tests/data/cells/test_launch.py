import numpy as np
import pandas as pd
import pytest

from causal.base.errors import DataError, DesignError
from causal.data.cells.cells import cells_of
from causal.data.cells.launch import launch_of, mean_of


def cells(**columns):
    i, t = np.indices((4, 6))
    adopted = np.where(i == 3, 4, np.inf).ravel()
    frame = {"entity": i.ravel(), "period": t.ravel(), "adopted": adopted, "y": 1.0}
    return cells_of(pd.DataFrame(frame | columns))


def test_one_date_is_found_and_all_others_may_be_donors() -> None:
    found = launch_of(cells())
    assert (found.before, found.apart) == (4, False)
    assert found.treated.tolist() == [False, False, False, True]
    assert found.donors.tolist() == [True, True, True, False]


def test_two_dates_are_another_schedule() -> None:
    with pytest.raises(DesignError, match=r"2 periods \('3', '4'\)"):
        launch_of(cells(adopted=np.repeat([np.inf, np.inf, 3, 4], 6)))
    with pytest.raises(DesignError, match="no entity adopts"):
        launch_of(cells(adopted=np.inf))


def test_donors_with_neighbours_that_changed_are_left_out() -> None:
    found = launch_of(cells(pool=np.repeat([0, 1, 2, 2], 6)))
    assert found.reached == ("2",)
    assert found.apart
    assert found.donors.tolist() == [True, True, False, False]


def test_a_donor_is_one_in_all_of_its_rows() -> None:
    made = cells()
    made.further["in donors"] = np.repeat([[1.0], [0.0], [1.0], [1.0]], 6, axis=1)  # type: ignore[index]
    assert launch_of(made, "in donors").donors.tolist() == [True, False, True, False]
    made.further["in donors"][1, 2] = 1.0
    with pytest.raises(DataError, match="true in some rows of '1'"):
        launch_of(made, "in donors")


def test_a_period_that_one_of_them_lacks_has_no_mean() -> None:
    y = np.array([[1.0, 2.0, np.nan], [3.0, 6.0, 1.0]])
    found = mean_of(y, np.array([1.0, 3.0]))
    assert found[:2].tolist() == [2.5, 5.0]
    assert np.isnan(found[2])
