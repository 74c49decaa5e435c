"""What planted runs say together: every check has runs it catches and runs it passes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from causal.evaluation._calibrated import Calibrated, summarise
from causal.evaluation._recovery import Recovered, Seen, expected_smallest, multiple_of
from causal.evaluation._soundness import judged

Change = Callable[[Recovered], Recovered]


def seen(estimate: float = 0.0, naive: float = 3.0) -> Seen:
    """A fit with a standard error of 1 and many degrees of freedom."""
    half = 1.96
    ends = (estimate - half, estimate + half)
    return Seen(
        key=("a", "1 - 0", "y"),
        estimand="ATE",
        estimate=estimate,
        std_error=1.0,
        df=1e6,
        ci=ends,
        simultaneous=ends,
        half=half,
        clear=ends[0] > 0 or ends[1] < 0,
        ruled_out=False,
        baseline=10.0,
        naive=naive,
        why="",
    )


def runs_of(size: int = 300, change: Change | None = None) -> list[tuple[Recovered, ...]]:
    """Runs of a sound study: errors are standard normal, nothing is biased."""
    errors = np.random.default_rng(0).normal(size=size)
    found = []
    for run, error in enumerate(errors):
        multiple = multiple_of(run)
        truth = 2.8 * multiple
        each = Recovered(
            run=run,
            multiple=multiple,
            truth=truth,
            clipped=0.0,
            seen=seen(truth + float(error), naive=truth + 3.0),
        )
        found.append((each if change is None else change(each),))
    return found


def said(change: Change | None = None, multiplicity: str = "simultaneous") -> dict[str, str]:
    """The statuses of the checks, by name."""
    effects, family = summarise(runs_of(change=change), (seen(),))
    found = judged(effects, family, level=0.95, multiplicity=multiplicity)
    return {each.name: str(each.status) for each in found}


def of(each: Recovered, estimate: float, **changes: object) -> Recovered:
    """The same run with another estimate."""
    return replace(each, seen=replace(seen(estimate, each.seen.naive), **changes))


def wide(each: Recovered) -> Recovered:
    return of(each, each.truth + 2 * (each.seen.estimate - each.truth))


def biased(each: Recovered) -> Recovered:
    return of(each, each.seen.estimate + 1.0)


def silent(each: Recovered) -> Recovered:
    none = float("nan")
    return of(each, none, std_error=none, half=none, clear=False, why="only 3 clusters")


def quiet(each: Recovered) -> Recovered:
    return of(each, each.truth + (each.seen.estimate - each.truth) / 2, std_error=0.5)


def easy(each: Recovered) -> Recovered:
    return replace(each, seen=replace(each.seen, naive=each.truth + 0.3))


def test_a_sound_study_passes_every_check():
    table = (replace(seen(), naive=3.5),)
    effects, family = summarise(runs_of(), table)
    found = judged(effects, family, level=0.95, multiplicity="simultaneous")
    assert [each.name for each in found if str(each.status) != "PASS"] == []
    assert len(found) == 7


@pytest.mark.parametrize(
    ("change", "name", "status"),
    [
        (wide, "coverage of planted effects", "FAIL"),
        (wide, "coverage of all planted effects at once", "FAIL"),
        (wide, "false alarms", "FAIL"),
        (biased, "bias of planted effects", "FAIL"),
        (silent, "abstention", "FAIL"),
        (quiet, "noise of the planted worlds", "WARN"),
    ],
)
def test_each_check_catches_what_it_is_for(change: Change, name: str, status: str):
    assert said(change)[name] == status


def test_worlds_that_confound_too_little_are_called_easy():
    table = (replace(seen(), naive=3.5),)
    effects, family = summarise(runs_of(change=easy), table)
    found = judged(effects, family, level=0.95, multiplicity="simultaneous")
    named = {each.name: str(each.status) for each in found}
    assert named["confounding in the planted worlds"] == "WARN"


def test_without_control_of_the_family_each_effect_is_judged_on_its_own():
    assert "coverage of all planted effects at once" not in said(multiplicity="none")
    assert said(multiplicity="none")["false alarms"] == "PASS"


def one(change: Change | None = None, size: int = 300) -> Calibrated:
    effects, _ = summarise(runs_of(size, change), (seen(),))
    return effects[0]


def test_the_smallest_effect_is_that_of_the_normal_distribution():
    found = one()
    assert expected_smallest(seen()) == pytest.approx(1.96 + 0.8416, abs=1e-3)
    assert found.smallest == pytest.approx(1.96 + 0.8416, abs=1e-3)
    assert found.smallest_seen is not None
    # An order statistic of 300: the error of a quantile, sqrt(p q / n) over the density there.
    error = np.sqrt(0.16 / 300) / 0.28
    assert abs(found.smallest_seen - found.smallest) <= 3 * error


def test_a_biased_or_noisy_design_needs_larger_effects_than_its_errors_say():
    found = one(wide)
    assert found.smallest_ends[0] is not None
    assert found.smallest is not None
    assert found.smallest_told == found.smallest_seen
    assert found.smallest_ends[0] > found.smallest


def test_power_found_is_power_expected():
    for power in one().powers:
        assert power.expected is not None
        assert power.found.value is not None
        error = np.sqrt(power.expected * (1 - power.expected) / power.found.runs)
        assert abs(power.found.value - power.expected) <= 3 * error + 1 / power.found.runs


def test_what_abstains_is_never_found():
    found = one(silent)
    assert found.abstained.value == 1
    assert found.reasons == (("only 3 clusters", 300),)
    assert found.smallest_told is None
    assert all(power.found.value == 0 for power in found.powers)


def test_few_runs_say_no_quantile():
    assert one(size=10).smallest_seen is None
    assert one(size=10).smallest is not None
