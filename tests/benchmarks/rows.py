"""The rows of the table: what is measured, against whom, and what is promised."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

OURS = "postlude"


@dataclass(frozen=True)
class Goal:
    """At most, or at least, so many times what the base costs."""

    bound: float
    at_least: bool = False

    def is_met(self, value: float) -> bool:
        """Whether the value keeps it."""
        return value >= self.bound if self.at_least else value <= self.bound

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.bound:g}"


@dataclass(frozen=True)
class Spread:
    """A ratio, measured several times in one run."""

    values: Sequence[float]

    @property
    def median(self) -> float:
        """The one in the middle."""
        return statistics.median(self.values)

    def __str__(self) -> str:
        return f"{self.median:.3g} ({min(self.values):.3g}-{max(self.values):.3g})"

    def facts(self) -> dict[str, Any]:
        """As JSON has it."""
        low, high = min(self.values), max(self.values)
        return {"median": self.median, "low": low, "high": high, "rounds": len(self.values)}


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    key: str
    work: str
    base: str
    goal: Goal
    ratios: dict[str, Spread] = field(default_factory=dict[str, Spread])

    @property
    def ours(self) -> Spread:
        """The ratio that the goal is about."""
        return self.ratios[OURS]

    @property
    def is_met(self) -> bool:
        """Whether the goal is."""
        return self.goal.is_met(self.ours.median)


def ratios(base: str, times: dict[str, list[float]]) -> dict[str, Spread]:
    """Each contender's times as ratios to the base's of the same round."""
    return {
        name: Spread([one / other for one, other in zip(values, times[base], strict=True)])
        for name, values in times.items()
        if name != base
    }


def in_turns(contenders: dict[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Measure each once per round, so that a change of the machine's mood meets all alike.

    Every other round runs backwards: whoever comes after a greedy one is not always the same. The
    first round warms up and does not count.
    """
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds + 1):
        for name in list(contenders)[:: 1 if number % 2 else -1]:
            value = contenders[name]()
            if number:
                times[name].append(value)
    return times


async def in_turns_async(
    contenders: dict[str, Callable[[], Awaitable[float]]], rounds: int
) -> dict[str, list[float]]:
    """As `in_turns`, on an event loop."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds + 1):
        for name in list(contenders)[:: 1 if number % 2 else -1]:
            value = await contenders[name]()
            if number:
                times[name].append(value)
    return times


def seconds(func: Callable[[], Awaitable[Any]], times: int) -> Callable[[], Awaitable[float]]:
    """What measures one call of a coroutine function, in seconds, over so many."""

    async def measure() -> float:
        began = time.perf_counter()
        for _ in range(times):
            await func()
        return (time.perf_counter() - began) / times

    return measure
