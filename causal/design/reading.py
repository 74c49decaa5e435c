"""From a study file to a :class:`Study`, or to one message that lists all that is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from causal.base.errors import StudyError, listing, nearest
from causal.design.document import Document, dotted, read_document
from causal.design.faults import Fault, faults_of, shown
from causal.design.kinds import AVAILABLE, MODELS, PLANNED, AnyStudy, model_name
from causal.design.study import Study


def read_study(path: str | Path) -> AnyStudy:
    """Read and check a study file.

    Parameters
    ----------
    path
        The YAML file. A ``data.source`` in it is relative to its folder.

    Returns
    -------
    Study, Experiment or TwoSided
        By its ``kind`` and its arms; with ``text``, the file as written, and ``path``.

    Raises
    ------
    StudyError
        One message that lists everything wrong: the key, the value, what is allowed, the nearest
        match.
    """
    file = Path(path)
    document = read_document(file)
    study = _study(document, name=str(file))
    _refuse_itself(study, file)
    return study.written(document.text, file)


def study_from(values: Mapping[str, Any], *, name: str = "The study") -> AnyStudy:
    """Make a study from values, as in the YAML file; errors as in :func:`read_study`.

    >>> study_from({"study": "demo", "kind": "policy"})
    Traceback (most recent call last):
    ...
    causal.base.errors.StudyError: The study cannot be used.
      kind 'policy' is not available in this version; available: 'attributes', 'experiment', 'rollout', 'movement', 'exposure'.
    """
    return _study(Document(text="", values=dict(values)), name=name)


Asked = AnyStudy | str | Path | Mapping[str, Any]
"""What can be asked: a study, its file, or its values."""


def asked(study: Asked) -> AnyStudy:
    """Read a study where its file or its values are given.

    Raises
    ------
    StudyError
        As in :func:`read_study`, and when it is none of these.
    """
    if isinstance(study, AnyStudy):
        return study
    if isinstance(study, str | Path):
        return read_study(study)
    if isinstance(study, Mapping):
        return study_from(study)
    raise StudyError(
        f"A study cannot be read from {type(study).__name__!r}. Give a study file, its values as a "
        "dictionary, or what causal.read_study gave."
    )


def of_attributes(study: AnyStudy) -> Study:
    """Refuse a study of another kind where only attributes will do."""
    if not isinstance(study, Study):
        raise StudyError(
            f"{study.path or 'The study'} is of kind '{study.kind}'. This works for studies of kind "
            "'attributes'."
        )
    return study


def _study(document: Document, *, name: str) -> AnyStudy:
    kind = model_name(_kind(document, name), document.values)
    try:
        return MODELS[kind].model.model_validate(document.values)
    except ValidationError as error:
        found = faults_of(error, document.values, kind)
        found += _rules_besides(document.values, found, kind)
        raise StudyError(_message(found, document, name)) from error


def _rules_besides(values: dict[str, Any], found: list[Fault], kind: str) -> list[Fault]:
    """Rules that the rest breaks too, so that one message tells all of it."""
    if any(fault.written for fault in found):
        return []
    faulty = {fault.key[0] for fault in found}
    rest = {key: value for key, value in values.items() if key not in faulty}
    try:
        MODELS[kind].model.model_validate({"study": "study", "data": {"source": "table"}, **rest})
    except ValidationError as error:
        return [fault for fault in faults_of(error, rest, kind) if fault.written]
    return []


def _message(faults: Iterable[Fault], document: Document, name: str) -> str:
    lines = []
    for fault in sorted(faults, key=lambda fault: document.line(fault.key) or 0):
        line = document.line(fault.key)
        where = f"line {line}: " if line else ""
        lines.append(f"  {where}{fault.written or dotted(fault.key)} {fault.words}")
    how_many = f": {len(lines)} things are wrong" if len(lines) > 1 else ""
    return "\n".join([f"{name} cannot be used{how_many}.", *lines])


def _kind(document: Document, name: str) -> str:
    """Find the kind of a study; refuse those that this version does not have."""
    kind = document.values.get("kind")
    if kind is None:
        return AVAILABLE[0]
    if isinstance(kind, str) and kind in AVAILABLE:
        return kind
    if kind in PLANNED:
        words = f"'{kind}' is not available in this version; available: {listing(AVAILABLE)}."
    else:
        words = f"is {shown(kind)}. Allowed: {listing(AVAILABLE)}.{nearest(str(kind), AVAILABLE)}"
    raise StudyError(_message([Fault(("kind",), words)], document, name))


def _refuse_itself(study: AnyStudy, file: Path) -> None:
    sources = {"data.source": study.data.source}
    sources |= {f"data.tables.{name}": path for name, path in study.data.tables.items()}
    for key, source in sources.items():
        if "://" not in source and (file.parent / source).resolve() == file.resolve():
            raise StudyError(
                f"{file} cannot be used.\n  {key} is '{source}', the study file itself. "
                "Name the table: a parquet or CSV file, or a database URL."
            )
