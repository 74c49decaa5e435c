"""A panel with published answers that a dependency ships: two cohorts of states, effects that grow.

``df_het`` of the R package did2s (Butts, Gardner 2022), which pyfixest carries. The files of other
published examples are not redistributed: tests of them read CAUSAL_TEST_DATA (docs/rollouts.md).
"""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from causal.data.cells.cells import Cells, cells_of
from causal.estimation.rollout.aggregates import aggregates
from causal.estimation.rollout.group_time import GroupTime, group_time
from causal.estimation.rollout.imputation import agreement, imputed
from causal.estimation.rollout.twfe import two_way


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return pd.read_csv(str(files("pyfixest") / "did" / "data" / "df_het.csv"))


@pytest.fixture(scope="module")
def states(frame: pd.DataFrame) -> Cells:
    names = {"unit": "entity", "year": "period", "g": "adopted", "dep_var": "y", "state": "cluster"}
    named = frame.rename(columns=names)[list(names.values())]
    return cells_of(named.assign(adopted=named.adopted.replace(0, np.nan)))


@pytest.fixture(scope="module")
def found(states: Cells) -> GroupTime:
    return group_time(states, "y", control="never", base="universal")


def test_imputation_and_one_regression_are_as_published(states: Cells) -> None:
    """The two stages of did2s give what imputation does; both numbers are of ``event_study``."""
    filled, regression = imputed(states, "y"), two_way(states, "y")
    assert filled.values[0] == pytest.approx(2.2304817, abs=1e-7)
    assert filled.errors[0] == pytest.approx(0.0247, rel=0.02)
    assert regression.value == pytest.approx(1.9825404, abs=1e-7)
    assert regression.error == pytest.approx(0.0193377, abs=1e-7)


def test_group_time_effects_are_those_of_diff_diff(frame: pd.DataFrame, states: Cells) -> None:
    other = pytest.importorskip("diff_diff")
    made = other.CallawaySantAnna().fit(
        frame, outcome="dep_var", unit="unit", time="year", first_treat="g"
    )
    ours = aggregates(group_time(states, "y", control="never"), states, "overall")
    assert ours.values[0] == pytest.approx(made.overall_att, abs=1e-9)


def test_intervals_hold_the_effects_that_were_planted(
    frame: pd.DataFrame, states: Cells, found: GroupTime
) -> None:
    planted = frame.te + frame.te_dynamic
    overall = aggregates(found, states, "overall")
    reach = t.isf(0.025, overall.df[0]) * overall.std_errors[0]
    assert abs(overall.values[0] - planted[frame.treat].mean()) < reach
    event = aggregates(found, states, "event")
    truth = planted[frame.g > 0].groupby(frame.year - frame.g).mean().drop(-1.0)
    z = (event.values - truth.to_numpy()) / event.std_errors
    assert (np.abs(z) < t.isf(0.025 / z.size, event.df)).all()


def test_both_opinions_agree(states: Cells, found: GroupTime) -> None:
    assert abs(agreement(states, found).z) < 2
