"""How many workers this process may use, and running tasks over them in a fixed order."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

Task = TypeVar("Task")
Answer = TypeVar("Answer")

_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def available_cores() -> int:
    """Count cores by affinity and cgroup quota, which a container may set below the machine."""
    cores = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    try:
        quota, period = _QUOTA.read_text().split()[:2]
        if quota != "max":
            cores = min(cores, max(1, int(quota) // int(period)))
    except (OSError, ValueError):
        pass
    return max(1, cores)


def each(call: Callable[[Task], Answer], tasks: Iterable[Task], workers: int) -> list[Answer]:
    """Call once per task on threads; the answers keep the order of the tasks.

    LightGBM and numpy release the interpreter lock, so threads over single-threaded fits are the
    fastest form here, and give the same bits for any number of workers. Warnings are muted as long
    as threads run: they share the filters, so a boundary that one leaves would undo another's.

    >>> each(abs, [-1, 2], workers=2)
    [1, 2]
    """
    listed = list(tasks)
    if workers <= 1 or len(listed) <= 1:
        return [call(task) for task in listed]
    from joblib import Parallel, delayed

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(
            Parallel(n_jobs=workers, backend="threading")(delayed(call)(task) for task in listed)
        )
