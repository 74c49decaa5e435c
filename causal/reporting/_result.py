"""The result: every number of a run, how it is kept on disk, and how it shows itself."""

from __future__ import annotations

import json
import math
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causal.base.errors import ResultError
from causal.base.finding import Finding, Status

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = 1
FILES = ("effects.parquet", "manifest.json", "report.html", "result.json", "run.log")
DIGITS = 6
DIGITS_OF_PARTS = 12
PARTS = ("mechanisms", "mix", "move")
_TEXT, _NUMBER, _COUNT = "string", "double", "int64"
EFFECT_COLUMNS: Mapping[str, str] = {
    "attribute": _TEXT,
    "contrast": _TEXT,
    "outcome": _TEXT,
    "estimand": _TEXT,
    "path": _TEXT,
    "design": _TEXT,
    "estimator": _TEXT,
    "population": _TEXT,
    "segment": _TEXT,
    "segment_value": _TEXT,
    "estimate": _NUMBER,
    "std_error": _NUMBER,
    "ci_low": _NUMBER,
    "ci_high": _NUMBER,
    "simultaneous_low": _NUMBER,
    "simultaneous_high": _NUMBER,
    "p_value": _NUMBER,
    "p_adjusted": _NUMBER,
    "baseline": _NUMBER,
    "relative": _NUMBER,
    "relative_low": _NUMBER,
    "relative_high": _NUMBER,
    "units": _COUNT,
    "clusters": _COUNT,
    "treated": _COUNT,
    "effective_units": _NUMBER,
    "identification": _TEXT,
    "verdict": _TEXT,
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Result:
    """What a run found.

    Parameters
    ----------
    content
        Everything the page shows, as ``docs/result.md`` has it, in full precision.
    manifest
        What identifies the run: hashes, fingerprints, versions, seeds.
    log
        Lines of the run's log: times, paths, workers; nothing of it is on the page.
    """

    content: Mapping[str, Any]
    manifest: Mapping[str, Any] = field(default_factory=dict)
    log: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The finding, as the page's title says it."""
        return str(self.content.get("decision", {}).get("title", ""))

    @property
    def failed(self) -> bool:
        """Whether at least one check failed."""
        return any(each["status"] == Status.FAIL for each in self.content.get("findings", ()))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The checks' answers."""
        return tuple(_finding(each) for each in self.content.get("findings", ()))

    @property
    def effects(self) -> pd.DataFrame:
        """The tidy table of estimates: one row each, the columns in their fixed order."""
        frame: pd.DataFrame = _effects_table(self.content).to_pandas()
        return frame

    def html(self) -> str:
        """Render the page."""
        from causal.reporting._page import html

        return html(rounded(self.content))

    def text(self) -> str:
        """Render the page as plain text."""
        from causal.reporting._page import sections
        from causal.reporting._text import text

        return text(sections(rounded(self.content)))

    def markdown(self) -> str:
        """Render the page as Markdown."""
        from causal.reporting._page import sections
        from causal.reporting._text import markdown

        return markdown(sections(rounded(self.content)))

    def save(self, directory: str | Path) -> Path:
        """Write page, result, effects, manifest and log.

        Everything is written beside the directory first and moved in at the end, so that nothing
        half-written is ever there. Files of others in the directory stay.

        Returns
        -------
        Path
            The directory.
        """
        target = Path(directory)
        if target.exists() and not target.is_dir():
            raise ResultError(
                f"'{target.name}' is a file, not a folder: nothing was written. "
                "Name another folder."
            )
        content = written(self.content)
        texts = {
            "result.json": json_text(content),
            "manifest.json": json_text(rounded(self.manifest)),
            "run.log": "".join(f"{line}\n" for line in self.log),
            "report.html": self.html(),
        }
        try:
            _swap_in(target, texts, content)
        except OSError as error:
            raise ResultError(
                f"The report could not be written to '{target}': {error.strerror or error}. "
                "Check that the folder can be written to and has room."
            ) from error
        return target

    def _repr_mimebundle_(
        self,
        include: object = None,  # noqa: ARG002 - the notebook's protocol passes both
        exclude: object = None,  # noqa: ARG002
    ) -> dict[str, str]:
        frame = (
            '<iframe sandbox="allow-scripts allow-downloads" title="Attribution report" '
            'style="width:100%;height:48rem;border:1px solid #ccc" '
            f'srcdoc="{escape(self.html())}"></iframe>'
        )
        return {"text/html": frame, "text/plain": self.text()}

    def __repr__(self) -> str:
        return f"Result({self.title!r})"


def load(path: str | Path) -> Result:
    """Read a saved result: a folder of a report, or its ``result.json``.

    Raises
    ------
    ResultError
        When the file is missing, cut short, no result, or of another schema.
    """
    given = Path(path)
    file = given / "result.json" if given.is_dir() else given
    content = _json_of(file)
    found = content.get("schema")
    if found != SCHEMA:
        raise ResultError(
            f"'{file.name}' has schema {found!r}; this version of causal reads schema {SCHEMA}. "
            "Run the study again, or use the version that wrote the file."
        )
    _check_shape(content, file.name)
    manifest = file.with_name("manifest.json")
    log = file.with_name("run.log")
    return Result(
        content=content,
        manifest=_json_of(manifest) if manifest.is_file() else {},
        log=tuple(log.read_text("utf-8").splitlines()) if log.is_file() else (),
    )


def written(content: Mapping[str, Any]) -> dict[str, Any]:
    """Round as files are written: parts of a move to twelve digits, so that they add up to it.

    >>> written({"seed": 0.123456789, "move": [{"difference": 0.123456789}]})
    {'move': [{'difference': 0.123456789}], 'seed': 0.123457}
    """
    short: dict[str, Any] = rounded(content)
    short |= {key: rounded(content[key], DIGITS_OF_PARTS) for key in PARTS if key in content}
    if "move" in content and "effects" in content:
        rows = zip(short["effects"], content["effects"], strict=True)
        short["effects"] = [
            row | {"estimate": rounded(full.get("estimate"), DIGITS_OF_PARTS)} for row, full in rows
        ]
    return short


def rounded(value: Any, digits: int = DIGITS) -> Any:
    """Round every number to significant digits; what is not finite becomes None.

    >>> rounded({"a": 0.123456789, "b": float("nan"), "c": (1, True)})
    {'a': 0.123457, 'b': None, 'c': [1, True]}
    """
    if isinstance(value, Mapping):
        return {str(key): rounded(value[key], digits) for key in sorted(value, key=str)}
    if isinstance(value, list | tuple):
        return [rounded(each, digits) for each in value]
    if hasattr(value, "tolist"):
        return rounded(value.tolist(), digits)
    return _plain(value, digits)


def _plain(value: Any, digits: int) -> str | float | int | bool | None:
    if isinstance(value, str):
        return str(value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return _round(value, digits)
    raise ResultError(
        f"A result holds a value of type {type(value).__name__}, which cannot be written. "
        "Results are made of text, numbers, dates, lists and mappings."
    )


def _round(number: float, digits: int) -> float | int | None:
    """Round; a whole number is written without a point, as every JSON writer does."""
    if not math.isfinite(number):
        return None
    short = float(f"{number:.{digits}g}")
    return int(short) if short.is_integer() and abs(short) < 1e15 else short


def json_text(content: Mapping[str, Any]) -> str:
    """Write rounded content the one way it is written: sorted, readable, the same bytes."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _swap_in(target: Path, texts: Mapping[str, str], content: Mapping[str, Any]) -> None:
    from pyarrow import parquet

    target.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        for name, text in texts.items():
            (beside / name).write_bytes(text.encode("utf-8", "replace"))
        parquet.write_table(
            _effects_table(content),
            beside / "effects.parquet",
            compression="zstd",
            store_schema=False,
            version="2.6",
        )
        if not target.exists():
            beside.chmod(0o755)
            beside.rename(target)
            return
        for name in FILES:
            (beside / name).replace(target / name)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _effects_table(content: Mapping[str, Any]) -> Any:
    import pyarrow as pa

    rows = content.get("effects", ())
    arrays = {}
    for name, kind in EFFECT_COLUMNS.items():
        values = [_cell(row.get(name), kind) for row in rows]
        arrays[name] = pa.array(values, type=getattr(pa, kind if kind != "double" else "float64")())
    return pa.table(arrays)


def _cell(value: Any, kind: str) -> Any:
    if value is None or kind == _TEXT:
        return None if value is None else str(value)
    if not math.isfinite(value):
        return None
    return round(value) if kind == _COUNT else float(value)


def _finding(given: Mapping[str, Any]) -> Finding:
    return Finding(
        name=given["name"],
        status=Status(given["status"]),
        meaning=given["meaning"],
        remedy=given.get("remedy") or "",
        statistic=given.get("statistic"),
        threshold=given.get("threshold"),
        blocks=given.get("blocks") or "none",
        designs=tuple(given.get("designs") or ()),
        attributes=tuple(given.get("attributes") or ()),
        starts=_date(given.get("starts")),
        ends=_date(given.get("ends")),
        columns=tuple(given.get("columns") or ()),
        detail=tuple(given.get("detail") or ()),
    )


def _date(given: date | str | None) -> date | None:
    return date.fromisoformat(given[:10]) if isinstance(given, str) else given


def _json_of(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise ResultError(
            f"There is no '{file.name}' in '{file.parent.name or '.'}'. "
            "Give the folder of a report, or its result.json."
        ) from None
    except OSError as error:
        raise ResultError(f"'{file.name}' cannot be read: {error.strerror or error}.") from error
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ResultError(
            f"'{file.name}' is not a complete JSON file ({error}). It was cut short or changed: "
            "run the study again."
        ) from error
    if not isinstance(content, dict):
        raise ResultError(f"'{file.name}' holds no result: it should be a JSON object.")
    return content


def _check_shape(content: Mapping[str, Any], name: str) -> None:
    """Refuse a file that says it is a result and lacks what every result has."""
    wanted: Mapping[str, type] = {
        "study": dict,
        "outcomes": list,
        "attributes": list,
        "effects": list,
        "findings": list,
        "decision": dict,
    }
    wrong = [key for key, kind in wanted.items() if not isinstance(content.get(key), kind)]
    if wrong:
        raise ResultError(
            f"'{name}' lacks {', '.join(wrong)}, which every result has. It was changed after it "
            "was written: run the study again."
        )
