"""A queue's tasks in a store, as who puts them sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from postlude._clock import clock
from postlude._message import Message
from postlude._remote import EngineHandle

if TYPE_CHECKING:
    from collections.abc import Callable

    from postlude._call import Call
    from postlude.protocols import Store

# Seconds between two looks for room.
PAUSE = 0.05


class Shelf:
    """Puts tasks into one queue of a store, which other processes fill and serve as well.

    Attributes:
        store: The store.
    """

    def __init__(self, store: Store, name: str, most: int) -> None:
        """Prepare; nothing is opened.

        Args:
            store: The store.
            name: The queue's name there.
            most: About how many tasks may wait.
        """
        self.store = store
        self._name = name
        self._most = most
        self._room = 0

    async def put(
        self, call: Call, kind: str, priority: int, *, check: Callable[[], object]
    ) -> EngineHandle:
        """Store a task, once there is room for it, unless `check` objects before or meanwhile."""
        message = Message.of(call, name=kind, queue=self._name, priority=priority)
        # Counted once in so many puts: what others put meanwhile is on top.
        check()
        while self._room < 1:
            self._room = self._most - await self.store.count(queue=self._name)
            if self._room < 1:
                await clock().sleep(PAUSE)
                check()
        self._room -= 1
        await self.store.submit(message)
        return EngineHandle(message, self.store)

    async def join(self, is_busy: Callable[[], bool]) -> None:
        """Wait until no task of the queue waits, and none is at hand here."""
        while is_busy() or await self.store.count(queue=self._name) or is_busy():
            await clock().sleep(PAUSE)
