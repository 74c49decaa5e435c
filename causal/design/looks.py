"""Which of the planned looks an experiment has come to."""

from __future__ import annotations

from collections.abc import Sequence


def past_looks(looks: Sequence[float], information: float) -> tuple[float, ...]:
    """Planned looks before this one, which are taken to have been made where they were planned.

    Parameters
    ----------
    looks
        Planned shares of the units, rising, the last 1.
    information
        Share of the planned units that is there; may pass 1.

    Examples
    --------
    >>> past_looks((0.25, 0.5, 1.0), 0.6)
    (0.25, 0.5)
    >>> past_looks((0.25, 0.5, 1.0), 1.2)
    (0.25, 0.5)
    """
    return tuple(look for look in looks if look < min(information, 1.0) * (1 - 1e-9))


def look_number(looks: Sequence[float], information: float) -> int:
    """Number of this look among those planned, from 1.

    >>> [look_number((0.25, 0.5, 1.0), share) for share in (0.1, 0.25, 0.6, 1.2)]
    [1, 1, 3, 3]
    """
    return len(past_looks(looks, information)) + 1
