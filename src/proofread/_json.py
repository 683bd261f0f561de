"""JSON on a page, read strictly; in a response `"..."` is any text, and a bare `...` any number."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn, cast

from proofread._expect import ANY

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\.\.\.')
NUMBER = "\ufdd1"
"""Stands for a bare `...` while it is parsed; no text holds this character."""


class Ambiguous(ValueError):
    """What one parser reads in one way, and the next in another or not at all."""


def read_json(text: str) -> Any:
    """A JSON text; a key given twice and `NaN`, which other parsers read otherwise, are errors."""
    return json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise Ambiguous(f"the key {key!r} is given twice")
        found[key] = value
    return found


def _no_constant(name: str) -> NoReturn:
    raise Ambiguous(f"JSON has no {name}: write a number, or null")


def read_expected(text: str) -> Any:
    """The same, with a bare `...` where any number fits."""
    stood_for = TOKEN.sub(lambda found: f'"{NUMBER}"' if found[0] == ANY else found[0], text)
    return read_json(stood_for)


def write_expected(value: Any, *, indent: int | None) -> str:
    """As the page writes it."""
    return json.dumps(value, indent=indent, ensure_ascii=False).replace(f'"{NUMBER}"', ANY)


def json_matches(expected: Any, actual: Any) -> bool:
    """Whether a value fits: of the same type throughout, in no other place than shown."""
    if expected == NUMBER:
        return isinstance(actual, int | float) and not isinstance(actual, bool)
    if isinstance(expected, str) and ANY in expected:
        pattern = ".*".join(map(re.escape, expected.split(ANY)))
        return isinstance(actual, str) and bool(re.fullmatch(pattern, actual, re.DOTALL))
    if isinstance(expected, dict) and isinstance(actual, dict):
        wanted, came = cast("dict[str, Any]", expected), cast("dict[str, Any]", actual)
        return wanted.keys() == came.keys() and all(
            json_matches(wanted[k], came[k]) for k in wanted
        )
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(map(json_matches, expected, actual))
    return type(expected) is type(actual) and expected == actual


def keep_json(expected: Any, actual: Any) -> Any:
    """What to write on the page: what came, but with the old value where that still fits."""
    if json_matches(expected, actual):
        return expected
    if isinstance(expected, dict) and isinstance(actual, dict):
        old, new = cast("dict[str, Any]", expected), cast("dict[str, Any]", actual)
        return {key: keep_json(old[key], new[key]) if key in old else new[key] for key in new}
    if isinstance(expected, list) and isinstance(actual, list):
        before: list[Any] = expected
        came: list[Any] = actual
        return list(map(keep_json, before, came)) if len(before) == len(came) else came
    return actual
