"""Threads keep order, and no boundary inside one of them lets another's warnings out."""

import threading
import warnings

from causal.base.boundary import boundary
from causal.base.workers import each


def test_warnings_stay_muted_when_another_thread_leaves_its_boundary() -> None:
    entered, left = threading.Event(), threading.Event()

    def first(_: int) -> None:
        with boundary("An engine", "leaving first"):
            entered.wait(5)
        left.set()

    def second(_: int) -> None:
        with boundary("An engine", "warning later"):
            entered.set()
            left.wait(5)
            warnings.warn("heard", stacklevel=1)

    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        each(lambda task: (first, second)[task](task), [0, 1], workers=2)
        assert not heard
        warnings.warn("outside", stacklevel=1)
    assert [str(w.message) for w in heard] == ["outside"]


def test_answers_keep_the_order_of_tasks_for_any_number_of_workers() -> None:
    assert each(lambda x: x * x, range(7), 1) == each(lambda x: x * x, range(7), 3)
