"""Planted effects and what the study's own pipeline makes of them, run by run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from causal.base.errors import DesignError
from causal.content.attribute import Kind
from causal.data.panel import FloatArray, Panel
from causal.design.design import Design
from causal.design.study import Study
from causal.estimation._contrasts import contrasts
from causal.estimation._fit import Fit, fit_design
from causal.estimation._scores import Score
from causal.evaluation._effects import Row, Stops, effect_rows
from causal.evaluation._evaluated import Evaluated
from causal.evaluation._planted import Effect, World, draw

POWER = 0.8
MULTIPLES = (0.0, 0.5, 0.0, 1.0, 0.0, 1.5)
_NO_STOPS = Stops(page=(), rows=())
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one fit says of one effect; numbers are NaN when it abstains, ``why`` says why.

    ``half`` is half the width of the interval the verdict is read from.
    """

    key: Key
    estimand: str
    estimate: float
    std_error: float
    df: float
    ci: tuple[float, float]
    simultaneous: tuple[float, float]
    half: float
    clear: bool
    ruled_out: bool
    baseline: float
    naive: float
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """One effect in one run: what was planted, and what was found."""

    run: int
    multiple: float
    truth: float
    clipped: float
    seen: Seen


def anchored(study: Study, panel: Panel) -> Study:
    """Fix what a study leaves to the data: contrasts and reference levels, as in the table.

    A drawn table has another median; its contrasts must stay those of the study.
    """
    everything = np.ones(panel.rows, dtype=bool)
    attributes = []
    for attribute in study.attributes:
        column = panel.columns[attribute.name]
        listed = contrasts(attribute, column, everything)
        if listed and column.kind is Kind.CONTINUOUS:
            fixed: dict[str, object] = {"contrast": (listed[0].low, listed[0].high)}
        elif listed and column.kind is Kind.CATEGORICAL:
            fixed = {"reference": column.levels[int(listed[0].low)]}
        else:
            fixed = {}
        attributes.append(attribute.model_copy(update=fixed))
    return study.model_copy(update={"attributes": tuple(attributes)})


def pilot(
    study: Study, panel: Panel, designs: Sequence[Design], leading: str, workers: int
) -> tuple[Seen, ...]:
    """Answer the study on its own table, by its headline design alone.

    Raises
    ------
    DesignError
        When no effect can be estimated, so that there is nothing to calibrate.
    """
    found = _answered(study, panel, designs, leading, workers)[0]
    if not any(not each.why for each in found):
        reasons = "; ".join(dict.fromkeys(f"{each.key[0]}: {each.why}" for each in found))
        raise DesignError(
            "No effect of this study can be estimated, so there is nothing to calibrate"
            + (f" ({reasons})." if reasons else ": no attribute has two levels.")
            + " Run 'causal check' and mend what it finds."
        )
    return found


def planted(study: Study, panel: Panel, found: tuple[Seen, ...]) -> tuple[Effect, ...]:
    """Effects to plant, each of the size that is expected to be found four times in five.

    Parameters
    ----------
    study, panel
        What is asked, and the table.
    found
        What the table itself says: its standard errors and intervals.
    """
    wanted = {each.key: expected_smallest(each) for each in found}
    everything = np.ones(panel.rows, dtype=bool)
    effects = []
    for attribute in study.attributes:
        for contrast in contrasts(attribute, panel.columns[attribute.name], everything):
            for outcome in study.outcomes:
                key = (attribute.name, contrast.label, outcome.name)
                effects.append(
                    Effect(
                        attribute=attribute.name,
                        contrast=contrast.label,
                        outcome=outcome.name,
                        high=contrast.high,
                        low=contrast.low,
                        size=wanted.get(key, 0.0),
                    )
                )
    return tuple(effects)


def expected_smallest(seen: Seen) -> float:
    """The effect found four times in five, from a standard error; 0 when there is none."""
    from scipy.stats import t as student

    if seen.why or not np.isfinite(seen.half):
        return 0.0
    return float(seen.half + student.ppf(POWER, seen.df) * seen.std_error)


def multiple_of(run: int) -> float:
    """Which multiple of its effects a run plants: every other run plants nothing."""
    return MULTIPLES[run % len(MULTIPLES)]


def recover(world: World, effects: tuple[Effect, ...], run: int) -> tuple[Recovered, ...]:
    """Plant effects, run the study's own pipeline, and compare."""
    multiple = multiple_of(run)
    own = tuple(replace(each, size=each.size * multiple) for each in effects)
    drawn = draw(world, own, run)
    designs = _ladder(world)
    seen, fit = _answered(world.study, drawn.panel, designs, world.design.name, 1)
    scores = {_key(score): score for score in fit.scores}
    return tuple(
        Recovered(
            run=run,
            multiple=multiple,
            truth=_truth(scores.get(each.key), drawn.moved.get(each.key)),
            clipped=drawn.clipped,
            seen=each,
        )
        for each in seen
    )


def _ladder(world: World) -> tuple[Design, ...]:
    """The naive design beside the headline one."""
    from causal.design.identification import naive

    raw = naive.identify(world.study, world.panel)
    return (world.design,) if raw is None or world.design.name == "naive" else (raw, world.design)


def _key(score: Score) -> Key:
    return score.label.attribute, score.label.contrast, score.label.outcome


def _truth(score: Score | None, moved: FloatArray | None) -> float:
    """The average of the true effects in the population the estimate is of."""
    if moved is None:
        return 0.0
    if score is None or not score.rows.size:
        return float(moved.mean())
    weight = score.weight if score.low is not None else score.high[:, 1]
    own = moved[score.rows]
    if np.ptp(own) == 0 or not weight.sum() > 0:
        return float(own.mean())
    return float(np.average(own, weights=weight))


def _answered(
    study: Study, panel: Panel, designs: Sequence[Design], leading: str, workers: int
) -> tuple[tuple[Seen, ...], Fit]:
    """What the headline design says, with the naive gap beside it."""
    fits = tuple(
        fit_design(study, panel, design, workers=workers, second_opinions=False)
        for design in designs
        if design.name in ("naive", leading)
    )
    evaluated = Evaluated(study=study, panel=panel, fits=fits, headline=leading)
    rows = effect_rows(evaluated, (), _NO_STOPS)
    raw = {_row_key(row): row["estimate"] for row in rows if row["design"] == "naive"}
    fit = evaluated.leading
    own = [row for row in rows if row["design"] == leading]
    return tuple(
        _seen(study, row, float(df), raw.get(_row_key(row)))
        for row, df in zip(own, fit.whole.df, strict=True)
    ), fit


def _row_key(row: Row) -> Key:
    return str(row["attribute"]), str(row["contrast"]), str(row["outcome"])


def _seen(study: Study, row: Row, df: float, naive: object) -> Seen:
    settings = study.settings
    estimate, error = _number(row["estimate"]), _number(row["std_error"])
    ci = (_number(row["ci_low"]), _number(row["ci_high"]))
    joint = (_number(row["simultaneous_low"]), _number(row["simultaneous_high"]))
    why = str(row["why"] or "")
    if not why and not (np.isfinite(estimate) and np.isfinite(error)):
        why = "no standard error"
    decided = joint if settings.multiplicity in ("simultaneous", "holm") else ci
    if settings.multiplicity in ("holm", "bh"):
        clear = _number(row["p_adjusted"]) < 1 - settings.level
    else:
        clear = decided[0] > 0 or decided[1] < 0
    return Seen(
        key=_row_key(row),
        estimand=str(row["estimand"]),
        estimate=estimate,
        std_error=error,
        df=df,
        ci=ci,
        simultaneous=joint,
        half=(decided[1] - decided[0]) / 2,
        clear=bool(clear) and not why,
        ruled_out=row["verdict"] == "ruled out",
        baseline=_number(row["baseline"]),
        naive=_number(naive),
        why=why,
    )


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")
