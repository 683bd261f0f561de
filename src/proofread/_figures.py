"""Figures in prose: durations, rates, sizes, ratios and versions, in digits or in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

SECONDS = {
    "nanosecond": 1e-9, "microsecond": 1e-6, "millisecond": 1e-3, "second": 1.0, "minute": 60.0,
    "hour": 3600.0, "day": 86_400.0, "week": 604_800.0,
    "ns": 1e-9, "µs": 1e-6, "us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0,
}  # fmt: skip
"""What a unit of time lasts."""
ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
WORDS = {
    **{word: number for number, word in enumerate(ONES.split())},
    **{word: 10 * number for number, word in enumerate(TENS.split(), 2)},
    "dozen": 12, "hundred": 100, "thousand": 1000, "million": 1_000_000,
}  # fmt: skip

SOFT = "\ufdd1"
"""What stands for marks that a reader does not see, such as those around bold text."""
TIMES = "\N{MULTIPLICATION SIGN}"
WALL = "\ufdd2"
"""What stands for code: no figure goes across it."""

_GAP = rf"(?:[ \t\u00a0{SOFT}-]*\n?[ \t\u00a0{SOFT}]*)"
_APART = rf"(?:{SOFT}*[ \t\u00a0\n-]{_GAP})"
_DIGITS = r"(?<![\w.,:/#])\d+(?:,\d{3})*(?:\.\d+)?(?![\d:])"
_WORD = "|".join(sorted(WORDS, key=len, reverse=True))
_SPOKEN = (
    rf"\b(?:an?{_APART}(?=hundred|thousand|million|dozen))?(?:{_WORD})(?:{_APART}(?:{_WORD}))*\b"
)
_HALF = rf"(?:{_APART}and{_APART}a{_APART}half)"
_COUNT = rf"(?P<count>(?:{_DIGITS}|{_SPOKEN}){_HALF}?)"
_PART = rf"(?P<part>\b(?:half|quarter){_APART}(?:of{_APART})?an?){_APART}"
_ABBREVIATED = ("ns", "µs", "us", "ms", "s", "min", "h")
_LONG = "|".join(name for name in SECONDS if name not in _ABBREVIATED)
_SHORT = "|".join(_ABBREVIATED)
_BEHIND = rf"(?<=[\d \t\u00a0\n{SOFT}])"
_TIME = rf"(?:{_APART}(?P<long>{_LONG})(?P<more>s)?\b|{_GAP}{_BEHIND}(?P<short>{_SHORT})\b)"

DURATION = re.compile(rf"(?:{_COUNT}{_TIME}|{_PART}(?P<of>{_LONG})\b)", re.IGNORECASE)
A_UNIT = re.compile(rf"\b(?:an?|one){_APART}(?P<of>{_LONG})\b", re.IGNORECASE)
_AFTER = _COUNT.replace("count", "after")
A_DEFAULT = re.compile(
    rf"{_COUNT},?{_APART}by{_APART}default\b"
    rf"|\bdefault{_APART}(?:of|is){_APART}{_AFTER}(?![\w%]|{_APART}(?:{_LONG}|times))",
    re.IGNORECASE,
)
"""A number without a unit that is said to be a default."""
DEFAULT = re.compile(r"\bdefaults?\b", re.IGNORECASE)
CLAUSE = re.compile(r"[.;!?](?=[\s\ufdd1])")
AND_A_HALF = re.compile(rf"\b(?:an?|one){_APART}(?P<of>{_LONG}){_HALF}\b", re.IGNORECASE)
RATE = re.compile(
    rf"{_COUNT}(?:{_APART}(?!(?:that|which|who|of|in|as)\b)[\w-]+){{0,3}}?"
    rf"(?:{_APART}(?:an?|per|each|every){_APART}|{_GAP}/{_GAP})"
    rf"(?P<long>{_LONG}|s|min|h)\b(?!{_APART}(?:time|one|attempt))",
    re.IGNORECASE,
)
SIZE = re.compile(
    rf"{_COUNT}(?:{_GAP}(?P<unit>[kKMGT]i?B|B)\b|{_APART}(?P<word>(?:kilo|mega|giga)?bytes?)\b)"
)
SHARE = re.compile(rf"{_COUNT}(?:{_GAP}%|{_APART}per{_GAP}cent\b)", re.IGNORECASE)
RATIO = re.compile(
    rf"{_COUNT}(?:{_GAP}{TIMES}|x\b|{_APART}times\b)"
    rf"|\b(?P<part>twice|half){_APART}as{_APART}(?:fast|slow|much|many|long|big|large|small|high)\b",
    re.IGNORECASE,
)
DECIMAL = re.compile(r"(?<![\w.,:/#])\d+\.\d+(?![\w.%])")
"""A number that nobody chooses, with whatever unit."""
VERSION = re.compile(r"(?<![\w./=~<>-])v?(?P<version>\d+\.\d+\.\d+\w*)(?![\w/-]|\.\d)")
NAMED_VERSION = re.compile(
    rf"(?P<name>[A-Za-z][\w-]*){_APART}v?(?P<version>\d+(?:\.\d+)+\w*)(?![\w/-]|\.\d)"
)
PARAGRAPH = re.compile(r"(?:[^\n]*\S[^\n]*(?:\n|\Z))+")
SIGNS = ("econd", "inute", "hour", "day", "week", "byte", "time", "cent", " as ", "%", TIMES,
         "default")  # fmt: skip
IN_DIGITS = re.compile(rf"\d[ \xa0{SOFT}-]*[a-zA-Zµ/]|\d\.\d")
"""Without one of these there is no figure."""
UNITS = frozenset({"version", "release", "python", "cpython"})
"""Words before a number that make it a version, besides the names of packages."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure, and where in its text it begins."""

    kind: str
    """`duration`, `rate`, `size`, `share`, `ratio`, `version`, or a `default` without a unit."""
    text: str
    start: int
    number: float = 0.0
    """As it is written: 5 of *five minutes* and of *5 %*."""
    value: float = 0.0
    """In seconds, in bytes, or as a share of 1."""
    default: bool = False
    """Whether its sentence speaks of defaults, which the code has."""


def figures(text: str, packages: frozenset[str] = frozenset()) -> Iterator[Figure]:
    """All figures of a text in which code is `WALL` and what nobody sees is `SOFT`.

    `packages` are names, in small letters, behind which a number is a version.
    """
    for part in PARAGRAPH.finditer(text):
        small = part[0].lower()
        if any(sign in small for sign in SIGNS) or IN_DIGITS.search(small):
            for figure in _in_paragraph(part[0], packages):
                yield replace(
                    figure,
                    start=part.start() + figure.start,
                    default=_of_default(part[0], figure),
                )


def _in_paragraph(text: str, packages: frozenset[str]) -> list[Figure]:
    found: list[Figure] = []
    taken: list[tuple[int, int]] = []
    for figure in _candidates(text, packages):
        end = figure.start + len(figure.text)
        if not any(figure.start < last and first < end for first, last in taken):
            taken.append((figure.start, end))
            found.append(figure)
    return sorted(found, key=lambda figure: figure.start)


def _of_default(text: str, figure: Figure) -> bool:
    begin = max((match.end() for match in CLAUSE.finditer(text, 0, figure.start)), default=0)
    end = CLAUSE.search(text, figure.start + len(figure.text))
    sentence = text[begin : end.start() if end else len(text)]
    if "|" in sentence:  # of a table: its row
        row = text[: figure.start].count("\n")
        sentence = text.split("\n")[row]
    return bool(DEFAULT.search(sentence))


def _candidates(text: str, packages: frozenset[str]) -> Iterator[Figure]:
    """Those that say more come first: *two calls a second* is a rate, and no time."""
    for match in VERSION.finditer(text):
        yield Figure("version", match["version"], match.start("version"))
    for match in NAMED_VERSION.finditer(text):
        if match["name"].lower().replace("_", "-") in packages | UNITS:
            yield Figure("version", match["version"], match.start("version"))
    for match in RATE.finditer(text):
        number = number_of(match["count"])
        value = number / SECONDS[match["long"].lower()]
        yield Figure("rate", match[0], match.start(), number, value)
    for match in AND_A_HALF.finditer(text):
        value = 1.5 * SECONDS[match["of"].lower()]
        yield Figure("duration", match[0], match.start(), 1.5, value)
    for match in DURATION.finditer(text):
        number = number_of(match["count"] or match["part"])
        if match["more"] and number == 1:
            continue  # *find one days later*
        unit = (match["long"] or match["short"] or match["of"]).lower()
        yield Figure("duration", match[0], match.start(), number, number * SECONDS[unit])
    if DEFAULT.search(text):
        for match in A_DEFAULT.finditer(text):
            number = number_of(match["count"] or match["after"])
            start = match.start("count" if match["count"] else "after")
            yield Figure("default", match["count"] or match["after"], start, number, number)
        for match in A_UNIT.finditer(text):
            value = SECONDS[match["of"].lower()]
            figure = Figure("duration", match[0], match.start(), 1.0, value)
            if _of_default(text, figure):
                yield figure
    for match in SIZE.finditer(text):
        number = number_of(match["count"])
        yield Figure("size", match[0], match.start(), number, number * _bytes(match))
    for match in SHARE.finditer(text):
        number = number_of(match["count"])
        yield Figure("share", match[0], match.start(), number, number / 100)
    for match in RATIO.finditer(text):
        number = 2.0 if (match["part"] or "").lower() == "twice" else 0.5
        number = number_of(match["count"]) if match["count"] else number
        yield Figure("ratio", match[0], match.start(), number, number)
    for match in DECIMAL.finditer(text):
        if number := float(match[0]):
            yield Figure("ratio", match[0], match.start(), number, number)


def _bytes(match: re.Match[str]) -> int:
    unit = (match["unit"] or match["word"]).lower()
    power = 0 if unit[0] == "b" else " kmgt".index(unit[0])
    return int((1024 if unit[1:] == "ib" else 1000) ** power) if power else 1


def number_of(text: str) -> float:
    """What `1,023`, `twenty-five`, `two and a half`, `half an` or `quarter of an` come to."""
    words = re.findall(r"[a-z]+|[\d.,]+", text.lower())
    half = 0.5 if words[-3:] == ["and", "a", "half"] else 0.0
    words = words[:-3] if half else words
    if words[0] in {"half", "quarter"}:
        return 0.5 if words[0] == "half" else 0.25
    total = part = 0.0
    for word in words:
        if word[0].isdigit():
            return float(word.replace(",", "")) + half
        number = WORDS.get(word, 0)
        if number >= 100 or word == "dozen":
            part = (part or 1) * number
        else:
            part += number
        if number >= 1000:
            total, part = total + part, 0.0
    return total + part + half
