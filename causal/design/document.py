"""A study file as a YAML document: plain values, and the line each was written on.

A small dialect: text, numbers, true and false, null, lists and mappings. ``on``, ``yes`` and dates
stay text, so that columns may be named by them; keys are always text. Aliases, tags and repeated
keys are errors, since a reader cannot see what they do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from causal.base.errors import StudyError

Key = tuple[str | int, ...]
LARGEST = 1_000_000
DEEPEST = 20
_TAGS = ("map", "seq", "str", "int", "float", "bool", "null")
_STANDARD = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a file says: its ``text``, its ``values`` and the line of every key."""

    text: str
    values: dict[str, Any]
    lines: dict[Key, int] = field(default_factory=dict)

    def line(self, key: Key) -> int | None:
        """Find the line of a key, or of the nearest part above it that was written."""
        for length in range(len(key), 0, -1):
            if key[:length] in self.lines:
                return self.lines[key[:length]]
        return None


class _Loader(yaml.SafeLoader):
    """Resolves only what YAML 1.2 calls numbers, booleans and null."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012


def _resolves(tag: str, pattern: str, first: str) -> None:
    _Loader.add_implicit_resolver(_STANDARD + tag, re.compile(pattern), list(first))


_resolves("null", r"^(?:~|null|Null|NULL|)$", "~nN")
_Loader.add_implicit_resolver(_STANDARD + "null", re.compile(r"^$"), [""])
_resolves("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF")
_resolves("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789")
_resolves(
    "float",
    r"^[-+]?(?:(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|\.(?:inf|Inf|INF))$"
    r"|^\.(?:nan|NaN|NAN)$",
    "-+.0123456789",
)


def read_document(path: Path) -> Document:
    """Read the file at ``path``.

    Raises
    ------
    StudyError
        When it is missing, a folder, not text, too large, or not one YAML mapping.
    """
    return parse_document(_text_of(path), name=str(path))


def parse_document(text: str, *, name: str) -> Document:
    """Read a document out of its text; ``name`` says in messages where it lies."""
    if not text.strip():
        raise StudyError(f"{name} is empty. {_START}")
    try:
        _refuse_what_hides(text, name)
        node = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise StudyError(_in_words(error, name)) from error
    if not isinstance(node, yaml.MappingNode):
        raise StudyError(
            f"{name} is not a study file: it holds {_shape(node)} where keys such as "
            f"'study:' and 'data:' are expected. {_START}"
        )
    faults: list[str] = []
    lines: dict[Key, int] = {}
    values = _value(node, (), lines, faults)
    if faults:
        raise StudyError("\n".join([f"{name} cannot be read.", *faults]))
    return Document(text=text, values=values, lines=lines)


_START = (
    "A study file is a YAML mapping; 'causal init TABLE' drafts one, "
    "and 'causal schema' describes its keys."
)


def _text_of(path: Path) -> str:
    if path.is_dir():
        raise StudyError(
            f"{path} is a folder. Give the study file itself, for instance '{path / 'study.yaml'}'."
        )
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError as error:
        raise StudyError(f"There is no file {path}.{_neighbour(path)} {_START}") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise StudyError(f"{path} cannot be opened: {reason}.") from error
    if b"\0" in data or data[:4] in (b"PAR1", b"\x1f\x8b\x08\x00"):
        raise StudyError(
            f"{path} is not text. It may be the table: the study file is the YAML "
            "text that names the table. 'causal init TABLE' drafts one."
        )
    if len(data) > LARGEST:
        raise StudyError(
            f"{path} is larger than {LARGEST:,} bytes. A study file is small; "
            "this may be the table. 'causal init TABLE' drafts a study of it."
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise StudyError(
            f"{path} is not UTF-8 text: line {line} has the byte "
            f"0x{data[error.start]:02x}. Save it with the encoding UTF-8."
        ) from error


def _neighbour(path: Path) -> str:
    from causal.base.errors import nearest

    try:
        names = sorted(each.name for each in path.parent.iterdir() if each.is_file())
    except OSError:
        return ""
    return nearest(path.name, [name for name in names if name.endswith((".yaml", ".yml"))])


def _refuse_what_hides(text: str, name: str) -> None:
    depth = documents = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.AliasEvent):
            raise StudyError(
                f"{name}, line {line}: '*{event.anchor}' repeats another part of the "
                "file. Write the value out; a study file has no aliases."
            )
        documents += isinstance(event, yaml.DocumentStartEvent)
        if documents > 1:
            raise StudyError(
                f"{name}, line {line}: '---' starts a second document. Keep one study to a file."
            )
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise StudyError(
                f"{name}, line {line}: lists and mappings are nested more than "
                f"{DEEPEST} deep. No key of a study needs that."
            )


def _in_words(error: yaml.YAMLError, name: str) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f"{name}, line {mark.line + 1}" if mark else name
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
    if "\\t" in problem or "'\t'" in problem:
        return f"{where}: the line is indented with a tab. YAML wants spaces."
    hint = _HINTS.get(problem, "Look for a missing space, quote or bracket on that line or above.")
    return f"{where}: this is not YAML ({problem}). {hint}"


_HINTS = {
    "mapping values are not allowed here": "A text that holds ': ' needs quotes, "
    'for instance question: "Does tone: sad pay?".',
    "special characters are not allowed": "Remove the control character.",
    "could not find expected ':'": "Every line at this level is 'key: value'.",
}


def _value(node: yaml.Node, key: Key, lines: dict[Key, int], faults: list[str]) -> Any:
    lines.setdefault(key, node.start_mark.line + 1)
    if str(node.tag).removeprefix(_STANDARD) not in _TAGS:
        faults.append(
            f"  line {node.start_mark.line + 1}: the value of '{dotted(key)}' has the tag "
            f"'{str(node.tag).replace(_STANDARD, '!!')}'. Write plain values, without a tag."
        )
        return None
    if isinstance(node, yaml.MappingNode):
        return {
            name: _value(part, (*key, name), lines, faults)
            for name, part in _pairs(node, key, lines, faults)
        }
    if isinstance(node, yaml.SequenceNode):
        return [_value(part, (*key, i), lines, faults) for i, part in enumerate(node.value)]
    return _scalar(node, key, faults)


def _pairs(
    node: yaml.MappingNode, key: Key, lines: dict[Key, int], faults: list[str]
) -> Iterator[tuple[str, yaml.Node]]:
    seen: dict[str, int] = {}
    for name_node, part in node.value:
        line = name_node.start_mark.line + 1
        if not isinstance(name_node, yaml.ScalarNode):
            faults.append(f"  line {line}: {_shape(name_node)} stands where a key is expected.")
            continue
        name = str(name_node.value)
        if name in seen:
            faults.append(
                f"  line {line}: the key '{dotted((*key, name))}' is given twice, first "
                f"on line {seen[name]}. Keep one."
            )
            continue
        seen[name] = line
        lines[(*key, name)] = line
        yield name, part


def _scalar(node: yaml.Node, key: Key, faults: list[str]) -> Any:
    text = str(node.value)
    tag = str(node.tag).removeprefix(_STANDARD)
    if tag == "null":
        return None
    if tag == "bool":
        return text.lower() == "true"
    if tag == "str":
        return text
    try:
        if tag == "int":
            return int(text)
        if tag == "float":
            return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    except ValueError:
        pass
    line = node.start_mark.line + 1
    faults.append(f"  line {line}: the value of '{dotted(key)}' is {text!r}, which is no {tag}.")
    return None


def _shape(node: yaml.Node | None) -> str:
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    return "a single text" if node is not None and node.value else "nothing"


def dotted(key: Key) -> str:
    """Write a key as people do.

    >>> dotted(("outcomes", 1, "goal"))
    'outcomes[1].goal'
    """
    text = ""
    for part in key:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text
