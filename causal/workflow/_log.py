"""Times of the stages, and where a run stands."""

from __future__ import annotations

import time
from collections.abc import Callable

from causal.design._common import CommonStudy

Progress = Callable[[str, float], None]


class Log:
    """Times of the stages, for the run log and the progress bar."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._start = time.perf_counter()
        self._lines: list[str] = []

    def say(self, what: str, share: float) -> None:
        """Note what begins, and the share done so far."""
        self._lines.append(f"{time.perf_counter() - self._start:8.2f} s  {what}")
        if self._progress is not None:
            self._progress(what, share)

    def lines(self, study: CommonStudy, workers: int) -> tuple[str, ...]:
        """What the run log keeps."""
        where = [f"study: {study.path.resolve()}"] if study.path else []
        return (*where, *_commit(), f"workers: {workers}", *self._lines)


def _commit() -> list[str]:
    import subprocess

    try:
        done = subprocess.run(
            ("git", "rev-parse", "HEAD"),  # noqa: S607
            capture_output=True,
            text=True,
            check=True,
            timeout=5,
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return [f"commit: {done.stdout.strip()}"]
