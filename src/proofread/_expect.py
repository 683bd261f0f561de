"""Whether what happened is what the page shows; `...` on the page stands for any text."""

from __future__ import annotations

import difflib
import json
import re
from typing import Any, cast

ANY = "..."


def tidy(text: str) -> str:
    """A text as a reader sees it: no white space at line ends, no empty lines at the end."""
    return "\n".join(line.rstrip() for line in text.rstrip().splitlines())


def matches(expected: str, actual: str) -> bool:
    """Whether a text fits, line by line."""
    return _pattern(tidy(expected)).fullmatch(tidy(actual) + "\n") is not None


def _pattern(expected: str) -> re.Pattern[str]:
    parts: list[str] = []
    for line in expected.splitlines():
        if line.strip() == ANY:
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append(r"[^\n]*".join(re.escape(piece) for piece in line.split(ANY)) + r"\n")
    return re.compile("".join(parts) or r"\n")


def json_matches(expected: Any, actual: Any) -> bool:
    """Whether a JSON value fits; in any string of the expected one `...` stands for any text."""
    if isinstance(expected, str):
        if expected == ANY:
            return True
        return isinstance(actual, str) and matches(expected, actual)
    if isinstance(expected, dict) and isinstance(actual, dict):
        wanted, came = cast("dict[str, Any]", expected), cast("dict[str, Any]", actual)
        return wanted.keys() == came.keys() and all(
            json_matches(wanted[k], came[k]) for k in wanted
        )
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(map(json_matches, expected, actual))
    return type(expected) is type(actual) and expected == actual


def body_matches(expected: str, actual: str) -> bool:
    """Whether a response body fits: as JSON where both are, else as text."""
    try:
        return json_matches(json.loads(expected), json.loads(actual))
    except ValueError:
        return matches(expected, actual)


def difference(expected: str, actual: str) -> str:
    """The two texts as a diff: `-` is what the page shows, `+` what came."""
    lines = difflib.unified_diff(
        tidy(expected).splitlines(),
        tidy(actual).splitlines(),
        "on the page",
        "in the run",
        lineterm="",
        n=3,
    )
    return "\n".join(lines)


def keep_wildcards(expected: str, actual: str) -> str:
    """What to write on the page: what came, but with the old line where that still fits."""
    written = [line for line in tidy(expected).splitlines() if ANY in line and line.strip() != ANY]

    def kept(line: str) -> str:
        return next((old for old in written if matches(old, line)), line)

    return "\n".join(kept(line) for line in tidy(actual).splitlines())
