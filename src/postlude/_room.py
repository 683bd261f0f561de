"""Room for the attempts of one worker: many side by side, or a suspect on its own."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable


class Room:
    """Keeps a task that was in a lost worker apart, so that it takes no other one along.

    Args:
        patience: Seconds after which nobody waits any more: a task may be long, and no suspect.
    """

    def __init__(self, patience: float = 30.0) -> None:
        """Make it empty."""
        self._patience = patience
        self._inside = 0
        self._suspects = 0
        self._changed: asyncio.Condition | None = None

    @asynccontextmanager
    async def place(self, *, alone: bool) -> AsyncGenerator[None]:
        """Wait for a place, and have it until the end of the block."""
        changed = self._changed = self._changed or asyncio.Condition()
        self._suspects += alone
        try:
            await self._until(lambda: not (self._inside if alone else self._suspects), changed)
            self._inside += 1
            try:
                yield
            finally:
                self._inside -= 1
        finally:
            self._suspects -= alone
            async with changed:
                changed.notify_all()

    async def _until(self, holds: Callable[[], bool], changed: asyncio.Condition) -> None:
        if holds():
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience), changed:
                await changed.wait_for(holds)
