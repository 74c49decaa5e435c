"""The within-block regression against pyfixest, and the published Upworthy reference values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from causal.base.finding import Status
from causal.data.panel import Panel
from causal.data.read import read
from causal.design.identification import within
from causal.design.request import request
from causal.design.study import Study
from causal.estimation._fit import fit_design
from causal.estimation._scores import Segments
from causal.estimation.within_block import demean, partial_out
from causal.workflow import diagnose

DERIVE = {
    "question_mark": "CASE WHEN headline LIKE '%?%' THEN 1 ELSE 0 END",
    "digit": "CASE WHEN regexp_matches(headline, '[0-9]') THEN 1 ELSE 0 END",
    "words": "len(string_split(trim(headline), ' '))",
}


def upworthy(root: Path, attributes: list[str], where: str | None = None) -> Study:
    return Study(
        study="u",
        data={
            "source": str(root / "datasets" / "upworthy" / "packages.parquet"),
            "derive": DERIVE,
            "where": where,
        },
        cluster="test_id",
        block=["test_id", "eyecatcher_id"],
        time="created_at",
        attributes=attributes,
        assignment="randomized",
        outcomes=[{"name": "ctr", "numerator": "clicks", "denominator": "impressions"}],
    )


def frame_of(panel: Panel) -> pd.DataFrame:
    frame = pd.DataFrame({name: column.values for name, column in panel.columns.items()})
    measured = panel.outcomes["ctr"]
    return frame.assign(
        ctr=measured.value, weight=measured.weight, block=panel.block, cluster=panel.clusters[0]
    )


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")
def test_estimates_and_crv1_errors_equal_pyfixest(root: Path) -> None:
    import pyfixest

    names = ["question_mark", "digit", "words"]
    study = upworthy(root, names)
    panel = read(request(study))
    fit = fit_design(study, panel, within.identify(study, panel))
    reference = pyfixest.feols(
        "ctr ~ question_mark + digit + words | block",
        data=frame_of(panel),
        weights="weight",
        vcov={"CRV1": "cluster"},
        ssc=pyfixest.ssc(k_adj=False, G_adj=False),
        fixef_rm="none",
    )
    scale = np.array([score.scale for score in fit.scores])
    groups = int(panel.clusters[0].max()) + 1
    ours = fit.whole.values / scale
    errors = fit.whole.std_errors / np.abs(scale) * np.sqrt((groups - 1) / groups)
    np.testing.assert_allclose(ours, reference.coef()[names], rtol=1e-6)
    np.testing.assert_allclose(errors, reference.se()[names], rtol=1e-6)


@pytest.mark.parametrize(
    ("attribute", "value", "error"),
    [("question_mark", -0.00097, 0.00013), ("digit", 0.00060, 0.00015)],
)
def test_the_reference_values_are_reproduced_without_the_flagged_period(
    root: Path, attribute: str, value: float, error: float
) -> None:
    everything = upworthy(root, [attribute])
    flagged = [
        f for f in diagnose(everything, read(request(everything))) if f.status is Status.FAIL
    ]
    assert [f.name for f in flagged] == ["sample ratio"]
    starts, ends = flagged[0].starts, flagged[0].ends
    outside = f"created_at::DATE NOT BETWEEN DATE '{starts}' AND DATE '{ends}'"
    study = upworthy(root, [attribute], outside)
    panel = read(request(study))
    fit = fit_design(study, panel, within.identify(study, panel))
    assert abs(fit.whole.values[0] - value) < error / 2
    assert abs(fit.whole.std_errors[0] - error) < error / 10


def test_a_segment_is_its_own_regression(root: Path) -> None:
    study = upworthy(root, ["question_mark", "digit"])
    panel = read(request(study))
    design = within.identify(study, panel)
    year = panel.time.astype("datetime64[Y]").astype(int)
    codes = np.unique(year, return_inverse=True)[1]
    cut = Segments(name="year", codes=codes, levels=("2013", "2014", "2015"))
    fit = fit_design(study, panel, design, cuts=(cut,))
    alone = Study(
        **{
            **study.model_dump(),
            "data": {**study.data.model_dump(), "where": "year(created_at) = 2014"},
        }
    )
    other = read(request(alone))
    expected = fit_design(alone, other, within.identify(alone, other)).whole.values
    labels = fit.segmented.labels
    found = [
        v
        for v, label in zip(fit.segmented.values, labels, strict=True)
        if label.segment_value == "2014"
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_demeaned_columns_have_weighted_block_means_of_zero() -> None:
    rng = np.random.default_rng(0)
    block, w, x = rng.integers(5, size=50), rng.random(50), rng.normal(size=(50, 2))
    left = demean(x, w, block)
    for each in range(5):
        np.testing.assert_allclose(w[block == each] @ left[block == each], 0, atol=1e-12)


def test_a_column_the_others_determine_keeps_nothing_of_its_own() -> None:
    x = np.random.default_rng(0).normal(size=(40, 2))
    columns = np.column_stack([x[:, 0] + x[:, 1], x])
    left = partial_out(columns, 0, x[:, 0] ** 2, np.ones(40))
    assert np.all(left[:, 0] == 0)
