"""What is asked of a store's thread, and the way back to who asked."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from postlude._clock import clock
from postlude._soon import caller_of_this_loop, maker_of_alarms

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from postlude._soon import Alarm


# A delay may outlive a restart, and goes by the wall clock; a task without one is due whatever that
# says. A lease goes by the monotonic clock, which is the same in all processes of a machine: who
# sets the wall clock neither ends all leases at once nor makes them last for hours.
@dataclass(frozen=True, slots=True)
class Moment:
    """Now, on both clocks.

    Attributes:
        wall: Seconds since 1970: for what must outlive a restart of the computer.
        steady: Seconds on a clock that all processes share and nobody sets.
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
        size: How many bytes it brings, if that is a matter.
        sent: When it was sent, in seconds.
        is_abandoned: Whether nobody waits for it any more.
        is_done: Whether there is a result, or an error.
    """

    __slots__ = ("_alarm", "_soon", "error", "is_abandoned", "is_done", "result", "sent", "size")
    is_reading: ClassVar[bool] = False
    rank: ClassVar[int] = 0

    def __init__(self) -> None:
        """Prepare."""
        self._soon: Callable[[Callable[[], object]], object] | None = None
        self._alarm: Alarm | None = None
        self.size = 0
        self.sent = time.monotonic()
        self.result: Any = None
        self.error: Exception | None = None
        self.is_abandoned = False
        self.is_done = False

    def bind(self) -> None:
        """Belong to the event loop of now, which is where `wait` is going to wait."""
        self._soon = caller_of_this_loop()
        self._alarm = maker_of_alarms()()

    def wait(self) -> Awaitable[object]:
        """Sleep until it is done."""
        assert self._alarm is not None
        return self._alarm.wait()

    def ring(self) -> None:
        """Let the sender go on, on its event loop."""
        assert self._alarm is not None
        with contextlib.suppress(RuntimeError):  # a future of a loop that is closing
            self._alarm.set()

    @property
    def soon(self) -> Callable[[Callable[[], object]], object] | None:
        """What has something called on the sender's event loop."""
        return self._soon

    @classmethod
    def do(cls, connection: sqlite3.Connection, orders: Sequence[Any], moment: Moment) -> None:
        """Do several of a kind at once, in the thread, and note the result of each."""
        raise NotImplementedError

    def is_vain(self, connection: sqlite3.Connection, moment: Moment) -> bool:
        """Whether a look shows that there is nothing to do, and its result is right already."""
        return False

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
        if order.soon is not None:
            by_loop.setdefault(order.soon, []).append(order)
    lost: list[Order] = []
    for soon, some in by_loop.items():
        try:
            soon(partial(_ring, some))
        except RuntimeError:
            lost += some
    return lost


def _ring(orders: list[Order]) -> None:
    for order in orders:
        order.ring()
