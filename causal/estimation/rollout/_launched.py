"""A change at one date, one outcome: its own course, a blend of donors, and what speaks for both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from causal.base.errors import DataError, DesignError
from causal.data.cells.cells import Cells
from causal.data.cells.launch import Launch, mean_of
from causal.data.panel import BoolArray, FloatArray
from causal.diagnostics.single._made import Blended, Early, Looked, Method
from causal.estimation._estimates import Estimates, Size
from causal.estimation.rollout._named import Named
from causal.estimation.rollout.series import Series, series
from causal.estimation.rollout.synthetic import Kind, Synthetic, blend, synthetic

LEADING: Kind = "synthetic difference-in-differences"
MOST_LINES = 40
MOST_LEFT_OUT = 30
LEAST_WEIGHT = 0.001
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Launched:
    """What both methods make of one outcome.

    Attributes
    ----------
    observed
        Mean of those that changed, (T,).
    donors
        Places of the donors that are there in every period.
    series, synthetic
        None where it is refused or was not asked for.
    gaps
        Distance of donors from a blend of the others, (placebos, T).
    looked
        What the checks need.
    """

    outcome: str
    observed: FloatArray
    donors: tuple[int, ...]
    series: Series | None
    synthetic: Synthetic | None
    gaps: FloatArray
    looked: Looked


def launched(
    cells: Cells,
    launch: Launch,
    named: Named,
    *,
    season: int | None,
    methods: tuple[Method, ...],
    seed: int,
) -> Launched:
    """Estimate what a change did to one outcome by each method that was asked for."""
    y = cells.y[named.outcome]
    observed = mean_of(y[launch.treated], cells.weight[launch.treated])
    donors = complete(y, launch.donors)
    refused: list[tuple[Method, str]] = []
    own = blended = None
    if "series" in methods:
        own = _tried(
            lambda: series(observed, launch.before, named, season=season), "series", refused
        )
        _note(own.estimates if own else None, "series", refused)
    rows = np.vstack([y[donors], observed[None]])
    changed = np.arange(rows.shape[0]) == len(donors)
    if "synthetic" in methods:
        blended = _tried(
            lambda: synthetic(rows, changed, launch.before, named, seed=seed), "synthetic", refused
        )
        _note(blended.estimates if blended else None, "synthetic", refused)
    return Launched(
        outcome=named.outcome,
        observed=observed,
        donors=tuple(int(i) for i in donors),
        series=own,
        synthetic=blended,
        gaps=_gaps(rows[:-1], launch.before) if blended else np.empty((0, y.shape[1])),
        looked=Looked(
            outcome=named.outcome,
            blended=_fit(cells, rows, donors, launch.before, blended) if blended else None,
            early=_early(
                cells,
                rows,
                changed,
                named,
                before=launch.before,
                season=season,
                own=own,
                blended=blended,
                seed=seed,
            ),
            refused=tuple(refused),
            jump=_jump(cells, launch, named, season),
            gap=_apart(own, blended),
        ),
    )


def nothing(named: Named, method: Method, why: str) -> Estimates:
    """An estimate that is refused by name, where a method cannot even begin."""
    label = (
        named.label("effect", contrast="after - its own course", design="single change",
                    estimator="interrupted series", identification="descriptive")
        if method == "series"
        else named.label("ATT", contrast="changed - blend of donors", design="single change",
                         estimator=LEADING, identification="natural experiment")
    )  # fmt: skip
    gone = np.full(1, np.nan)
    return Estimates(
        labels=(label,),
        sizes=(Size(units=0, clusters=0, treated=None, effective_units=0.0),),
        values=gone,
        influence=gone[None],
        ways=(),
        df=np.ones(1),
        baseline=gone,
        baseline_variance=np.full((1, 2), np.nan),
        refusal=(why,),
    )


def complete(y: FloatArray, donors: BoolArray) -> np.ndarray:
    """Places of donors with a value in every period."""
    return np.flatnonzero(donors & np.isfinite(y).all(axis=1))


def _tried(
    make: Callable[[], Found], method: Method, refused: list[tuple[Method, str]]
) -> Found | None:
    try:
        return make()
    except (DataError, DesignError) as error:
        words = str(error).partition(". ")[0].rstrip(".")
        refused.append((method, words[:1].lower() + words[1:]))
        return None


def _note(estimates: Estimates | None, method: Method, refused: list[tuple[Method, str]]) -> None:
    if estimates is not None and estimates.refusal[0]:
        refused.append((method, estimates.refusal[0]))


def _fit(
    cells: Cells, rows: FloatArray, donors: np.ndarray, before: int, found: Synthetic
) -> Blended:
    first, others, seen = found.blends[0], rows[:-1], rows[-1]
    heaviest = int(np.argmax(first.donors))
    level = rows[:, :before] - rows[:, :before].mean(axis=1, keepdims=True)
    outside = (level[-1] > level[:-1].max(axis=0)) | (level[-1] < level[:-1].min(axis=0))
    heavy = np.argsort(-first.donors, kind="stable")[:MOST_LEFT_OUT]
    without = [
        blend(np.delete(others, i, axis=0), seen[None], before, LEADING).value
        for i in heavy
        if first.donors[i] > LEAST_WEIGHT and others.shape[0] > 2
    ] or [first.value]
    fits = found.placebo_fits
    return Blended(
        fit=first.fit,
        spread=float(seen[:before].std(ddof=1)),
        usual=float(np.median(fits[:, 0])) if fits.size else None,
        beyond=float(outside.mean()),
        heaviest=cells.entities[donors[heaviest]],
        weight=float(first.donors[heaviest]),
        effect=first.value,
        without_low=min(without),
        without_high=max(without),
    )


def _gaps(donors: FloatArray, before: int) -> FloatArray:
    """Distance of each donor from a blend of the others, for at most 40 of them, evenly taken."""
    if donors.shape[0] < 3:
        return np.empty((0, donors.shape[1]))
    places = np.unique(
        np.linspace(0, donors.shape[0] - 1, min(MOST_LINES, donors.shape[0])).round()
    )
    made = []
    for i in places.astype(np.int64):
        own = blend(np.delete(donors, i, axis=0), donors[i][None], before, LEADING)
        made.append(donors[i] - own.expected)
    return np.array(made)


def _early(
    cells: Cells,
    rows: FloatArray,
    changed: BoolArray,
    named: Named,
    *,
    before: int,
    season: int | None,
    own: Series | None,
    blended: Synthetic | None,
    seed: int,
) -> tuple[Early, ...]:
    """The effect of a date half-way through the periods before, by each method that has a number."""
    half, ignored = before // 2, list[tuple[Method, str]]()
    made = []
    if own is not None and not own.estimates.refusal[0]:
        again = _tried(
            lambda: series(rows[-1, :before], half, named, season=season), "series", ignored
        )
        made.append(_dated(cells, half, "series", again.estimates if again else None))
    if blended is not None and not blended.estimates.refusal[0]:
        dated = _tried(
            lambda: synthetic(rows[:, :before], changed, half, named, kinds=(LEADING,), seed=seed),
            "synthetic",
            ignored,
        )
        made.append(_dated(cells, half, "synthetic", dated.estimates if dated else None))
    return tuple(each for each in made if each is not None)


def _dated(cells: Cells, half: int, method: Method, estimates: Estimates | None) -> Early | None:
    from scipy.stats import t as student

    if estimates is None or estimates.refusal[0] or not estimates.std_errors[0] > 0:
        return None
    value, error = float(estimates.values[0]), float(estimates.std_errors[0])
    return Early(
        method=method,
        period=cells.periods[half],
        value=value,
        std_error=error,
        p_value=float(2 * student.sf(abs(value / error), estimates.df[0])),
    )


def _jump(cells: Cells, launch: Launch, named: Named, season: int | None) -> float | None:
    """The step in the log of what the outcome is a mean of, over its error."""
    size = cells.size[named.outcome][launch.treated].sum(axis=0)
    if not (np.isfinite(size) & (size > 0)).all() or np.ptp(size) == 0:
        return None
    found = _tried(lambda: series(np.log(size), launch.before, named, season=season), "series", [])
    if found is None or found.estimates.refusal[1] or not found.estimates.std_errors[1] > 0:
        return None
    return float(found.estimates.values[1] / found.estimates.std_errors[1])


def _apart(own: Series | None, blended: Synthetic | None) -> float | None:
    """The blend's effect less the course's, over the error of both as if apart."""
    if own is None or blended is None:
        return None
    if own.estimates.refusal[0] or blended.estimates.refusal[0]:
        return None
    error = float(np.hypot(own.estimates.std_errors[0], blended.estimates.std_errors[0]))
    gap = float(blended.estimates.values[0] - own.estimates.values[0])
    return gap / error if error > 0 else None
