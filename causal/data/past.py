"""Past experiments: the effects of every arm on a few metrics, with their errors."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

from causal.base.errors import DataError, listing, nearest
from causal.data.panel import FloatArray, IntArray

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from causal.data.request import Request

Pair = frozenset[str]
Row = dict[str, Any]
PAST, ERRORS = "projection.past", "projection.covariances"
_KEYS = ("experiment", "arm", "metric", "effect", "std_error")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Past:
    """Arms of past experiments that have every metric asked for, sorted by experiment and arm.

    Attributes
    ----------
    experiments, arms
        Of each of n rows.
    group
        Which rows belong together, shape (n,), from 0: arms of one experiment, or of one programme.
    metrics
        Names of the d metrics.
    effects, covariance
        Measured effects, shape (n, d), and the covariance of their errors, shape (n, d, d).
    left_out
        Arms that lack one of the metrics.
    joint
        Whether it was given how errors of different metrics go together; else they are independent.
    source, fingerprint
        The file, and a digest of what was read of it.
    """

    experiments: tuple[str, ...]
    arms: tuple[str, ...]
    group: IntArray
    metrics: tuple[str, ...]
    effects: FloatArray
    covariance: FloatArray
    left_out: int = 0
    joint: bool = False
    source: str = ""
    fingerprint: str = ""

    @property
    def groups(self) -> int:
        """How many experiments, or programmes, there are."""
        return int(self.group.max()) + 1 if self.group.size else 0


@dataclass(slots=True)
class _Arm:
    programme: str
    effects: dict[str, tuple[float, float]] = field(default_factory=dict)


def read_past(
    request: Request, past: str, metrics: Sequence[str], *, covariances: str | None = None
) -> Past:
    """Read past experiments from a file with a row for each arm and metric.

    Parameters
    ----------
    request
        Where relative paths start.
    past
        CSV or parquet file with the columns experiment, arm, metric, effect and std_error; with a
        column programme, experiments of one programme are not counted as independent.
    metrics
        Wanted, the long-term one last; an arm without one of them is left out.
    covariances
        A file with metric_a, metric_b and either covariance (with experiment and arm) or
        correlation (for all arms, or with experiment and arm); pairs it lacks are independent.

    Raises
    ------
    DataError
        When a file, a column or a value cannot be used; the message names it.
    """
    rows = _rows(request, past, PAST, _KEYS)
    arms = _arms(rows, past, metrics)
    full = {key: arm for key, arm in sorted(arms.items()) if len(arm.effects) == len(metrics)}
    pairs = [] if covariances is None else _rows(request, covariances, ERRORS, _PAIR)
    names = {name: i for i, name in enumerate(dict.fromkeys(a.programme for a in full.values()))}
    d = len(metrics)
    given = np.array([[arm.effects[m] for m in metrics] for arm in full.values()])
    given = given.reshape(len(full), d, 2)
    return Past(
        experiments=tuple(experiment for experiment, _ in full),
        arms=tuple(arm for _, arm in full),
        group=np.array([names[arm.programme] for arm in full.values()], dtype=np.int64),
        metrics=tuple(metrics),
        effects=given[..., 0],
        covariance=_covariance(tuple(full), metrics, given[..., 1], pairs),
        left_out=len(arms) - len(full),
        joint=covariances is not None,
        source=past,
        fingerprint=_digest(arms, pairs),
    )


_PAIR = ("metric_a", "metric_b")


def _rows(request: Request, source: str, key: str, needed: Sequence[str]) -> list[Row]:
    from causal.data.sources._files import connected, embedded, register_files, seal

    backend = embedded()
    try:
        tables, files = register_files(backend, request, {"past": (key, source)})
        seal(backend, files)
        found = connected(backend, tables).fetch(f"SELECT * FROM {tables['past']}")
    finally:
        backend.disconnect()
    for name in needed:
        if name not in found.column_names:
            raise DataError(
                f"{key}: '{source}' has no column '{name}'.{nearest(name, found.column_names)} "
                f"It needs {listing(needed)}."
            )
    rows: list[Row] = found.to_pylist()
    return rows


def _arms(rows: list[Row], source: str, metrics: Sequence[str]) -> dict[tuple[str, str], _Arm]:
    names = sorted({_text(row["metric"]) for row in rows})
    for metric in metrics:
        if metric not in names:
            raise DataError(
                f"{PAST}: '{source}' has no effects on '{metric}'.{nearest(metric, names)} "
                f"It has {listing(names)}."
            )
    arms: dict[tuple[str, str], _Arm] = {}
    for row in rows:
        metric, at = _text(row["metric"]), (_text(row["experiment"]), _text(row["arm"]))
        if metric not in metrics:
            continue
        programme = _text(row.get("programme")) or at[0]
        arm = arms.setdefault(at, _Arm(programme=programme))
        if arm.programme != programme:
            raise DataError(
                f"{PAST}: arm '{at[1]}' of experiment '{at[0]}' is in the programmes "
                f"'{arm.programme}' and '{programme}'. Keep one."
            )
        if metric in arm.effects:
            raise DataError(
                f"{PAST}: experiment '{at[0]}', arm '{at[1]}' has '{metric}' twice. Keep one row "
                "for each arm and metric."
            )
        value, error = _number(row["effect"]), _number(row["std_error"])
        if value is None or error is None:
            continue
        if error <= 0:
            raise DataError(
                f"{PAST}: experiment '{at[0]}', arm '{at[1]}' has the std_error {error:g} on "
                f"'{metric}'. A standard error is above 0; leave the row out if it is not known."
            )
        arm.effects[metric] = (value, error)
    return arms


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value)


def _number(value: Any) -> float | None:
    """A finite number, or None for one that is missing."""
    try:
        found = float(value) if value is not None else float("nan")
    except (TypeError, ValueError):
        raise DataError(
            f"{PAST}: effect and std_error hold '{value}', which is no number. Repair the file."
        ) from None
    return found if np.isfinite(found) else None


def _covariance(
    arms: Sequence[tuple[str, str]], metrics: Sequence[str], errors: FloatArray, pairs: list[Row]
) -> FloatArray:
    """Shape (n, d, d)."""
    found: FloatArray = np.eye(len(metrics)) * errors[:, :, None] ** 2
    place = {name: i for i, name in enumerate(metrics)}
    told = dict(_correlations(arms, pairs, place, errors))
    for (row, pair), correlation in told.items():
        i, j = sorted(place[name] for name in pair)
        if not abs(correlation) <= 1:
            raise DataError(
                f"{ERRORS}: errors on {listing(sorted(pair))} of experiment '{arms[row][0]}', arm "
                f"'{arms[row][1]}' have a correlation of {correlation:.3g}. It lies between -1 and "
                "1: look whether covariances are in the same scale as std_error."
            )
        found[row, i, j] = found[row, j, i] = correlation * errors[row, i] * errors[row, j]
    scaled = found / errors[:, :, None] / errors[:, None, :]
    broken = np.flatnonzero(np.linalg.eigvalsh(scaled).min(axis=1, initial=1.0) < -1e-9)
    for row in broken.tolist():
        raise DataError(
            f"{ERRORS}: the correlations of experiment '{arms[row][0]}', arm '{arms[row][1]}' "
            "contradict one another (they are not positive semidefinite). Repair the file."
        )
    return found


def _correlations(
    arms: Sequence[tuple[str, str]], pairs: list[Row], place: Mapping[str, int], errors: FloatArray
) -> Iterator[tuple[tuple[int, Pair], float]]:
    """Of a row and a pair of metrics; what is given for one arm comes after what is for all."""
    of = {arm: row for row, arm in enumerate(arms)}
    everywhere = [row for row in pairs if row.get("experiment") is None]
    own = [row for row in pairs if row.get("experiment") is not None]
    for row in (*everywhere, *own):
        one, other = _text(row["metric_a"]), _text(row["metric_b"])
        if one == other or one not in place or other not in place:
            continue
        single = row.get("experiment") is not None
        at = (_text(row.get("experiment")), _text(row.get("arm")))
        rows = ([of[at]] if at in of else []) if single else range(len(arms))
        given, covariance = row.get("correlation"), row.get("covariance")
        if given is None and (covariance is None or not single):
            raise DataError(
                f"{ERRORS}: a row on {listing((one, other))} has neither a correlation nor a "
                "covariance with its experiment and arm. Give one of them."
            )
        for each in rows:
            size = errors[each, place[one]] * errors[each, place[other]]
            yield (
                (each, frozenset((one, other))),
                float(given) if given is not None else float(covariance or 0.0) / float(size),
            )


def _digest(arms: Mapping[tuple[str, str], _Arm], pairs: list[Row]) -> str:
    """Of what was read, whatever the order of rows; 32 hexadecimal digits."""
    told = [
        repr((at, arm.programme, sorted(arm.effects.items()))) for at, arm in sorted(arms.items())
    ]
    told += sorted(repr(sorted((str(k), str(v)) for k, v in row.items())) for row in pairs)
    return blake2b("\n".join(told).encode(), digest_size=16).hexdigest()
