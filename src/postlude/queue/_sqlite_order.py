"""What is asked of a store's thread, and the way back to who asked."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from postlude._clock import clock
from postlude._soon import caller_of_this_loop, maker_of_alarms

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence
    from typing import Self


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, on both clocks.

    Attributes:
        wall: Seconds since 1970: for what must outlive a restart of the computer.
        steady: Seconds on a clock that all processes share and nobody sets: for leases.
    """

    wall: float
    steady: float

    @classmethod
    def now(cls) -> Moment:
        """This one."""
        watch = clock()
        return cls(watch.utcnow().timestamp(), watch.now())


class Order:
    """One thing to do in the thread, and what came of it.

    Attributes:
        is_reading: Whether it changes nothing, and needs no transaction.
        rank: In which order the kinds are done within a transaction.
        alarm: What its sender waits for.
        soon: Has something called on the sender's event loop.
        is_abandoned: Whether nobody waits for it any more.
        is_done: Whether there is a result, or an error.
    """

    __slots__ = ("alarm", "error", "is_abandoned", "is_done", "result", "soon")
    is_reading: ClassVar[bool] = False
    rank: ClassVar[int] = 0

    def __init__(self) -> None:
        """Belong to the event loop of now."""
        self.soon = caller_of_this_loop()
        self.alarm = maker_of_alarms()()
        self.result: Any = None
        self.error: Exception | None = None
        self.is_abandoned = False
        self.is_done = False

    @classmethod
    def do(cls, connection: sqlite3.Connection, orders: Sequence[Self], moment: Moment) -> None:
        """Do several of a kind at once, in the thread, and note the result of each."""
        raise NotImplementedError

    def drop(self) -> Order | None:
        """What is to be done because nobody has taken the result."""
        return None


def wake(orders: Iterable[Order]) -> list[Order]:
    """Let the senders go on, with one call for each event loop.

    Returns:
        The orders whose event loop has ended.
    """
    by_loop: dict[Any, list[Order]] = {}
    for order in orders:
        by_loop.setdefault(order.soon, []).append(order)
    lost: list[Order] = []
    for soon, some in by_loop.items():
        try:
            soon(lambda some=some: _set(some))
        except RuntimeError:
            lost += some
    return lost


def _set(orders: list[Order]) -> None:
    for order in orders:
        with contextlib.suppress(RuntimeError):
            order.alarm.set()
