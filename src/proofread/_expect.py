"""Whether what happened is what the page shows; `...` on the page stands for any text."""

from __future__ import annotations

import difflib
import json
import re
from typing import Any, NamedTuple, cast

ANY = "..."


def tidy(text: str) -> str:
    """A text as the site shows it: no white space at line ends, no empty lines around it."""
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")


def matches(expected: str, actual: str) -> bool:
    """Whether a text fits, line by line; the time it takes grows with both, and no faster."""
    wanted, came = tidy(expected).split("\n"), tidy(actual).split("\n")
    here = there = resumed = 0
    dots: int | None = None  # the last `...` line, to which a misfit leads back
    while there < len(came):
        if here < len(wanted) and wanted[here].strip() == ANY:
            dots, resumed = here, there
            here += 1
        elif here < len(wanted) and _fits(wanted[here], came[there]):
            here, there = here + 1, there + 1
        elif dots is not None:
            resumed += 1
            here, there = dots + 1, resumed
        else:
            return False
    return all(line.strip() == ANY for line in wanted[here:])


def _fits(wanted: str, came: str) -> bool:
    """Whether one line fits: its pieces stand in it in order, the first and last at its ends."""
    first, *middle = wanted.split(ANY)
    if not middle:
        return wanted == came
    last = middle.pop()
    if len(came) < len(first) + len(last) or not (came.startswith(first) and came.endswith(last)):
        return False
    position, end = len(first), len(came) - len(last)
    for piece in middle:
        found = came.find(piece, position, end)
        if found < 0:
            return False
        position = found + len(piece)
    return True


def diverged(expected: str, began: str) -> bool:
    """Whether whole lines have come that no further line can make fit."""
    wanted = tidy(expected).split("\n")
    came = tidy(began).split("\n")
    if came == [""] or any(line.strip() == ANY for line in wanted):
        return False
    return len(came) > len(wanted) or not all(map(matches, wanted, came))


def json_matches(expected: Any, actual: Any) -> bool:
    """Whether a JSON value fits; in any string of the expected one `...` stands for any text."""
    if isinstance(expected, str) and ANY in expected:
        pattern = ".*".join(map(re.escape, expected.split(ANY)))
        text = isinstance(actual, str) and re.fullmatch(pattern, actual, re.DOTALL)
        return expected == ANY or bool(text)
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
    """The two texts as a diff of what does not fit: `-` is what the page shows, `+` what came."""
    lines = difflib.unified_diff(
        tidy(expected).split("\n"),
        keep_wildcards(expected, actual).split("\n"),
        "on the page",
        "in the run",
        lineterm="",
        n=3,
    )
    return "\n".join(lines)


def keep_wildcards(expected: str, actual: str) -> str:
    """What to write on the page: what came, but with the old line where that still fits."""
    new = tidy(actual).split("\n")
    ways = [Way(0, None)]
    for line in reversed(new):
        ways.append(Way(ways[-1].cost + 2, (line, ways[-1].written)))
    ways.reverse()
    for line in reversed(tidy(expected).split("\n")):
        ways = _with_line(line, new, ways)
    lines: list[str] = []
    written = ways[0].written
    while written is not None:
        line, written = written
        lines.append(line)
    return "\n".join(lines)


Lines = tuple[str, "Lines"] | None


class Way(NamedTuple):
    """From one of the new lines to the end: how much of the page changes, and what to write."""

    cost: int
    written: Lines


def _with_line(line: str, new: list[str], rest: list[Way]) -> list[Way]:
    """The cheapest ways with this line of the page in front: kept, changed or dropped."""
    ways: list[Way] = []
    for at in range(len(new), -1, -1):
        cost, written = rest[at]
        if line.strip() == ANY:
            choices = [Way(cost, (line, written)), *ways[-1:]]
        elif at == len(new):
            choices = [Way(cost + 3, written)]
        else:
            fits = _fits(line, new[at])
            after, behind = rest[at + 1]
            choices = [
                Way(after + 2 * (not fits), (line if fits else new[at], behind)),
                Way(cost + 3, written),
                Way(ways[-1].cost + 2, (new[at], ways[-1].written)),
            ]
        ways.append(min(choices, key=lambda way: way.cost))
    return ways[::-1]


def keep_json(expected: Any, actual: Any) -> Any:
    """The same for a JSON value: what came, but with the old value where that still fits."""
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
