"""``schedule: single``: not answered by this version yet."""

from __future__ import annotations

from typing import NoReturn

from causal.base.errors import StudyError
from causal.base.kept import Kept
from causal.data.cells.cells import Cells
from causal.design.rollout import Rollout
from causal.workflow._log import Log


def findings_of(study: Rollout, cells: Cells) -> NoReturn:  # noqa: ARG001
    """Refuse in words."""
    raise StudyError(_SAID)


def answer_of(study: Rollout, cells: Cells, workers: int, log: Log, kept: Kept) -> NoReturn:  # noqa: ARG001
    """Refuse in words."""
    raise StudyError(_SAID)


_SAID = (
    "schedule: 'single' is not answered by this version; 'staggered' is. Give each entity its own date "
    "of adoption, or wait for a later version."
)
