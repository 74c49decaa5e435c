"""Finished parts of a run, kept until it ends, so that an interrupted run goes on where it was."""

from __future__ import annotations

import hashlib
import os
import pickle
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A folder of finished parts, each valid for one key; None keeps nothing.

    ``key`` names everything a part depends on (study, data, versions), so that a part of another
    run is never taken. The folder is this program's own: what is read back was written by it.

    >>> Kept().part("sum", lambda: 1 + 1)
    2
    """

    folder: Path | None = None
    key: str = ""

    def part(self, name: str, make: Callable[[], Part]) -> Part:
        """Give the part of this name: as it was kept, else made now and kept."""
        if self.folder is None:
            return make()
        file = self._file(name)
        try:
            return cast("Part", pickle.loads(file.read_bytes()))  # noqa: S301
        except (OSError, EOFError, pickle.UnpicklingError, AttributeError, ImportError):
            made = make()
        self.folder.mkdir(parents=True, exist_ok=True)
        beside = file.with_suffix(f".{os.getpid()}")
        beside.write_bytes(pickle.dumps(made, protocol=5))
        beside.replace(file)
        return made

    def forget(self) -> None:
        """Remove what was kept."""
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _file(self, name: str) -> Path:
        digest = hashlib.sha256(f"{self.key}/{name}".encode()).hexdigest()[:32]
        return cast("Path", self.folder) / f"{digest}.part"
