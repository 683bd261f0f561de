"""Something that sleeps on an event loop until anyone, in any thread, wakes it."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

from postlude._soon import caller_of_this_loop, maker_of_alarms

if TYPE_CHECKING:
    from collections.abc import Awaitable


class Loop:
    """The event loop of now, for those who will be elsewhere."""

    __slots__ = ("new_alarm", "soon", "thread")

    def __init__(self) -> None:
        """Remember it."""
        self.thread = threading.get_ident()
        self.soon = caller_of_this_loop()
        self.new_alarm = maker_of_alarms()


class Waiter:
    """Sleeps once."""

    __slots__ = ("_alarm", "_loop", "woken")

    def __init__(self, loop: Loop | None = None) -> None:
        """Belong to the event loop of now; a `loop` that is known saves looking for it."""
        self._loop = Loop() if loop is None else loop
        self._alarm = self._loop.new_alarm()
        self.woken = False

    def wake(self) -> None:
        """Wake it, from any thread."""
        self.woken = True
        if threading.get_ident() == self._loop.thread:
            self._alarm.set()
        else:
            with contextlib.suppress(RuntimeError):  # its event loop has ended, and nobody waits
                self._loop.soon(self._alarm.set)

    def wait(self) -> Awaitable[object]:
        """Sleep until it is woken."""
        return self._alarm.wait()
