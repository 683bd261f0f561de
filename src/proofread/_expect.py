"""Whether what happened is what the page shows; `...` on the page stands for any text."""

from __future__ import annotations

import difflib
from typing import NamedTuple

ANY = "..."


def tidy(text: str) -> str:
    """A text as the site shows it: no tabs, no white space at line ends, no empty lines around."""
    return "\n".join(line.expandtabs(4).rstrip() for line in text.split("\n")).strip("\n")


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


def difference(expected: str, actual: str) -> str:
    """The two texts as a diff of what does not fit: `-` is what the page shows, `+` what came."""
    return changes(expected, keep_wildcards(expected, actual))


def changes(old: str, new: str) -> str:
    """What to change on a page, as a diff."""
    before, after = tidy(old).split("\n"), tidy(new).split("\n")
    return "\n".join(
        difflib.unified_diff(before, after, "on the page", "in the run", lineterm="", n=3)
    )


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
