"""What pydantic holds against a study, in words a newcomer can act on: one fault for each key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from causal.base.errors import listing, nearest
from causal.design.document import Key
from causal.design.experiment import Arms
from causal.design.kinds import MODELS, TWO_SIDED
from causal.design.rules import BrokenRulesError


class Fault(NamedTuple):
    """What is wrong at one key; ``written`` is the key as a rule names it, '' for a wrong value."""

    key: Key
    words: str
    written: str = ""


def faults_of(
    error: ValidationError, values: dict[str, Any], kind: str = "attributes"
) -> list[Fault]:
    """One fault a key, in the order they were met; a union's several complaints become one."""
    found: dict[Key, list[dict[str, Any]]] = {}
    faults: list[Fault] = []
    for each in error.errors():
        cause = each.get("ctx", {}).get("error")
        if isinstance(cause, BrokenRulesError):
            faults += [Fault(_key_of(text), words, text) for text, words in cause.broken]
        else:
            found.setdefault(_real_key(each["loc"], values, each["type"]), []).append(dict(each))
    return faults + [
        Fault(key, _words(key, several, kind))
        for key, several in found.items()
        if not (several[0]["type"] in _ECHOES and any(_within(other, key) for other in found))
    ]


_ECHOES = ("too_short", "string_type", "tuple_type", "dict_type")


def _within(key: Key, outer: Key) -> bool:
    return len(key) > len(outer) and key[: len(outer)] == outer


def _key_of(text: str) -> Key:
    parts = re.findall(r"[^.\[\]]+", text)
    return tuple(int(part) if part.isdigit() else part for part in parts)


def _real_key(place: tuple[int | str, ...], values: Any, error: str) -> Key:
    """Drop from a key the marks pydantic adds for unions and validators."""
    key: list[str | int] = []
    at = values
    for i, part in enumerate(place):
        known = isinstance(at, dict) and part in at
        known |= isinstance(at, list | tuple) and isinstance(part, int) and part < len(at)
        if known:
            at = at[part]
        if known or (error == "missing" and i == len(place) - 1):
            key.append(part)
    return tuple(key)


def _words(key: Key, errors: list[dict[str, Any]], study: str) -> str:
    first = errors[0]
    value, kind, context = first["input"], first["type"], first.get("ctx", {})
    if kind in ("extra_forbidden", "missing"):
        return _unknown(key, study) if kind == "extra_forbidden" else _missing(key)
    if len(errors) > 1 and str(key[-1]) == "propensity":
        return f"is {shown(value)}. Name a column, or a column for each level: {{level: column}}."
    if kind in ("enum", "literal_error") or "must be '" in first["msg"]:
        allowed = re.findall(r"'([^']+)'", context.get("expected", first["msg"]))
        return f"is {shown(value)}. Allowed: {listing(allowed)}.{nearest(str(value), allowed)}"
    if kind == "value_error":
        return f"is not complete: {first['msg'].removeprefix('Value error, ')}."
    return _type_words(kind, value, context, str(first["msg"]))


def _type_words(kind: str, value: Any, context: Mapping[str, Any], message: str) -> str:
    told = shown(value)
    if kind == "string_type":
        quoted = isinstance(value, bool | int | float)
        advice = f' If it is a name, write it in quotes: "{told}".' if quoted else ""
        return f"is {told}, which is {_sort(value)}. Allowed: one text.{advice}"
    if kind == "tuple_type":
        advice = f" Write [{value}]." if isinstance(value, str) else ""
        return f"is {told}, which is {_sort(value)}. Allowed: a list of names.{advice}"
    if kind in _EMPTY:
        return _EMPTY[kind]
    bounds = {"greater_than": ("gt", "above"), "greater_than_equal": ("ge", "at least"),
              "less_than": ("lt", "below"), "less_than_equal": ("le", "at most"),
              "string_too_long": ("max_length", "at most this many characters:")}  # fmt: skip
    if kind in bounds:
        name, words = bounds[kind]
        return f"is {told}. Allowed: {words} {context[name]:g}."
    if kind in ("too_long", "missing_argument"):
        return f"is {told}, which has too many parts. Allowed: {context['max_length']}."
    wanted = next((words for start, words in _WANTED.items() if kind.startswith(start)), message)
    return f"is {told}, which is {_sort(value)}. Allowed: {wanted}."


_EMPTY = {
    "too_short": "is empty. Name at least one.",
    "string_pattern_mismatch": "is empty. Give a name, or remove the key.",
}
_WANTED = {
    "finite_number": "a finite number",
    "int": "a whole number",
    "float": "a number",
    "dict": "keys with values, as in 'name: value'",
    "model": "keys with values, as in 'name: value'",
    "bool": "true or false",
}
_NEEDED = {
    "study": "Give the study a short name, for instance 'study: headline-style'.",
    "data": "Name the table: 'data: {source: table.parquet}'.",
    "source": "Name the table: a parquet or CSV file, or a database URL.",
    "attributes": "List the columns whose effect is asked for.",
    "outcomes": "List at least one: '- {name: ctr, numerator: clicks, denominator: impressions}'.",
    "name": "Give it a name.",
    "unit": "Name the column that says what was counted, for instance 'unit: user_id'.",
    "arms": "Say who was given what: 'arms: {column: arm, control: A, shares: {A: 0.5, B: 0.5}}'.",
    "control": "Name the arm that others are compared with.",
    "column": "Name the column.",
    "parties": "Name who a row is of: 'parties: {user: user_id, creator: creator_id}'.",
    "user": "Two-sided experiments name both sides.",
    "creator": "Two-sided experiments name both sides.",
}


def _missing(key: Key) -> str:
    return f"is missing. {_NEEDED.get(str(key[-1]), 'Add it.')}"


def _unknown(key: Key, kind: str) -> str:
    name, model, parts = str(key[-1]), MODELS[kind].model, MODELS[kind].parts
    inner = [part for part in key[1:-1] if part in MODELS[kind].inner]
    part = parts.get(str(inner[0] if inner else key[0])) if len(key) > 1 else model
    known = _keys_of(part or model)
    home = [] if name in known else [k for k, p in parts.items() if name in _keys_of(p)]
    if kind == TWO_SIDED and key[:-1] == ("arms",) and name in Arms.model_fields:
        advice = f" With arms on two sides '{name}' belongs under arms.user and arms.creator."
    elif name in model.model_fields and len(key) > 1:
        advice = f" '{name}' belongs at the top level of the file."
    elif home and len(key) == 1:
        advice = f" '{name}' belongs under '{home[0]}'."
    elif len(key) == 1 and name in _other_kinds(kind):
        advice = _elsewhere(kind, _other_kinds(kind)[name])
    else:
        advice = nearest(name, known)
    return f"is not a known key. Allowed here: {listing(known, most=40)}.{advice}"


def _elsewhere(kind: str, other: str) -> str:
    if TWO_SIDED in (kind, other) and "experiment" in (kind, other):
        return f" It belongs to an experiment with arms on {_SIDED[other]}."
    absent = "" if other in MODELS else ", which this version does not have"
    return f" It belongs to kind '{other}'{absent}."


_SIDED = {"experiment": "one side", TWO_SIDED: "two sides (arms.user and arms.creator)"}


def _keys_of(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _other_kinds(kind: str) -> dict[str, str]:
    """For each key of another kind, the first kind it belongs to."""
    here = MODELS[kind].model.model_fields
    kinds = [other for other in MODELS if other != TWO_SIDED or kind == "experiment"]
    kinds.sort(key=lambda other: other == "experiment" and kind == TWO_SIDED)
    found = {key: other for other in kinds for key in MODELS[other].model.model_fields}
    return {key: other for key, other in {**_LATER, **found}.items() if key not in here}


_LATER = {
    "entity": "rollout", "period": "rollout",
    "adopted": "rollout", "schedule": "rollout", "spillover": "rollout", "before": "movement",
    "after": "movement", "segments": "movement", "mechanisms": "movement", "log": "policy",
    "context": "policy", "candidates": "policy", "constraints": "policy", "budget": "policy",
    "measures": "scorecard", "cells": "gaps", "demand": "gaps", "supply": "gaps", "funnel": "gaps",
}  # fmt: skip


def _sort(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    sorts = ((str, "text"), (int, "a number"), (float, "a number"), (dict, "a mapping"),
             (type(None), "nothing"))  # fmt: skip
    return next((words for sort, words in sorts if isinstance(value, sort)), "a list")


def shown(value: Any) -> str:
    """Write a value as in the file, at most 60 characters of it."""
    if value is None:
        return "empty"
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 4]} ..."


_WIDEST = 60
