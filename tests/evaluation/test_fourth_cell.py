"""The fourth cell: whether what users see depends on the ranker."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from causal.base.finding import Finding, Status
from causal.data.read import read_frame
from causal.design.reading import study_from
from causal.design.request import request
from causal.evaluation import fourth_cell
from tests.estimation.paths.test_separable import STUDY, drawn


def four(seed: int, *, together: float) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    items, creators = 800, 80
    creator, cell = rng.integers(0, creators, items), rng.integers(0, 4, items)
    ranked, shown = cell % 2, cell // 2
    level = rng.normal(0, 2, creators)[creator] + rng.normal(0, 4, items)
    clicks = 5 + 3 * ranked + shown + together * ranked * shown + level
    return pd.DataFrame(
        {
            "item": np.arange(items), "creator": creator, "ranked": ranked, "shown": shown,
            "clicks": clicks,
        }
    )  # fmt: skip


def checked(frame: pd.DataFrame) -> tuple[Finding, ...]:
    study = study_from(STUDY)
    return fourth_cell.check(SimpleNamespace(study=study, panel=read_frame(frame, request(study))))


def test_an_interaction_is_found_and_its_p_is_that_of_a_regression() -> None:
    frame = four(1, together=3.0)
    (found,) = checked(frame)
    assert found.status is Status.WARN
    fitted = smf.ols("clicks ~ ranked * shown", frame).fit(
        cov_type="cluster", cov_kwds={"groups": frame.creator, "use_correction": True}, use_t=True
    )
    assert found.statistic == pytest.approx(fitted.pvalues["ranked:shown"], rel=0.05)


def test_without_an_interaction_it_passes_as_often_as_it_should() -> None:
    runs = 60
    warned = sum(checked(four(seed, together=0.0))[0].status is Status.WARN for seed in range(runs))
    assert warned / runs < 0.05 + 3 * (0.05 * 0.95 / runs) ** 0.5


def test_it_says_how_many_items_are_in_no_part() -> None:
    frame = four(2, together=0.0)
    (found,) = checked(frame)
    alone = int(((frame.ranked == 0) & (frame.shown == 1)).sum())
    assert found.meaning.startswith(f"{alone} items that users see with the attribute")


def test_three_cells_have_nothing_to_say() -> None:
    assert checked(drawn(0)) == ()
