"""The numbers in code and in what it printed, and whether one of them is a figure of the prose."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from proofread._figures import SECONDS, Figure

NUMBER = re.compile(
    r"(?P<name>[A-Za-z_]\w*)?(?P<set>[\"']?\s*(?::\s*[\w.]+\s*)?[=:(]\s*|[-\s=]+)?"
    r"(?<![\w.])(?P<number>\d+(?:[_,]\d{3})*(?:\.\d+)?(?:e-?\d+)?)[\s-]*"
    r"(?P<unit>(?:nano|micro|milli)?seconds?|minutes?|hours?|days?|weeks?|ns|µs|ms|s|min|h|%)?(?!\w)"
)
PROMPTED = re.compile(r"\s*(?:>>>|\.\.\.) ")
LINE = re.compile(r"^.*\d.*$", re.MULTILINE)
OF_TIME = re.compile(
    r"sleep|second|minute|hour|day|week|time|delay|deadline|lease|interval|every|wait|within|after"
    r"|patience|period|keep|ttl|grace|advance|until|took|takes|late|due|duration|retention|ago"
    r"|poll|beat|rate|\bper\b|\bin\b|\d ?m?s\b",
    re.IGNORECASE,
)
"""What stands on a line whose bare numbers may be seconds."""
UNITS = {"nanoseconds": 1e-9, "microseconds": 1e-6, "milliseconds": 1e-3, "ms": 1e-3,
         "minutes": 60.0, "hours": 3600.0, "days": 86_400.0, "weeks": 604_800.0}  # fmt: skip
"""How a name ends that says the unit of its number."""


@dataclass(slots=True)
class Numbers:
    """What some code says."""

    texts: list[str] = field(default_factory=list[str])
    plain: set[float] = field(default_factory=set[float])
    """All numbers."""
    times: set[float] = field(default_factory=set[float])
    """Durations in seconds, where a unit stands with the number."""
    maybe: set[float] = field(default_factory=set[float])
    """Numbers without a unit, on lines that speak of time."""
    shares: set[float] = field(default_factory=set[float])
    """Of 1, where a per cent sign stands with the number."""

    def read(self, code: str) -> None:
        """Take in a block."""
        self.texts.append(code)
        for line in LINE.findall(code):
            self._read_line(line)

    def _read_line(self, line: str) -> None:
        of_time = bool(OF_TIME.search(line))
        for match in NUMBER.finditer(line):
            number = float(match["number"].replace("_", "").replace(",", ""))
            self.plain.add(number)
            unit = match["unit"]
            if unit == "%":
                self.shares.add(number / 100)
            elif unit:
                self.times.add(number * (SECONDS.get(unit) or SECONDS[unit.removesuffix("s")]))
            elif factor := _factor(match["name"] if match["set"] else None):
                self.times.add(number * factor)
            elif of_time:
                self.maybe.add(number)

    def show(self, figure: Figure) -> bool:
        """Whether the code says the same."""
        if figure.kind == "version":
            found = re.compile(rf"(?<![\w.]){re.escape(figure.text)}(?![\w.])")
            return any(found.search(text) for text in self.texts)
        if figure.kind == "duration":
            own = (figure.number, figure.value, figure.value * 1000)
            return _among(self.times, figure.value) or any(_among(self.maybe, n) for n in own)
        if figure.kind == "share":
            return _among(self.shares | self.plain, figure.value)
        return _among(self.plain, figure.number) or _among(self.plain, figure.value)


def _factor(name: str | None) -> float | None:
    """What a number is multiplied by, if its name tells: `days=7`, `wait_ms = 5`."""
    last = (name or "").lower().rpartition("_")[2]
    return UNITS.get(last)


def _among(numbers: Iterable[float], wanted: float) -> bool:
    return any(math.isclose(number, wanted, rel_tol=1e-9) for number in numbers)


@cache
def of_module(path: Path) -> Numbers:
    """The numbers of a module, of which its docstrings may speak: of its code, not its texts."""
    found = Numbers()
    source = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        value = _constant(node)
        if value is not None:
            found.plain.add(value)
    found.maybe |= found.plain
    for line in source.split("\n"):
        if PROMPTED.match(line):
            found.read(line)
    return found


def _constant(node: ast.AST) -> float | None:
    if isinstance(node, ast.Constant):
        value = node.value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        left, right = _constant(node.left), _constant(node.right)
        return left * right if left is not None and right is not None else None
    return None
