"""The event loop of a process that has none: for the `async def`s of foreign workers."""

from __future__ import annotations

import os
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from anyio.from_thread import start_blocking_portal

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from concurrent.futures import Future


class Portal:
    """One event loop in a thread of its own, started at the first call.

    What binds itself to an event loop, such as a pool of connections, lives from task to task.
    """

    def __init__(self) -> None:
        """Prepare; nothing is started."""
        self.forget()

    def forget(self) -> None:
        """Have no event loop, as in a process that has just been forked, or if it is stuck."""
        self._lock = threading.Lock()
        self._stack = ExitStack()
        self._portal: Any = None

    def start(self, func: Callable[..., Coroutine[Any, Any, Any]], *args: Any) -> Future[Any]:
        """Have a coroutine run there; from any thread that is not the event loop's own."""
        with self._lock:
            if self._portal is None:
                opened = start_blocking_portal("asyncio", name="postlude event loop")
                self._portal = self._stack.enter_context(opened)
            future: Future[Any] = self._portal.start_task_soon(func, *args)
        return future

    def close(self) -> None:
        """End the event loop, once its tasks have ended."""
        with self._lock:
            self._portal = None
            self._stack.close()


portal = Portal()
"""That of this process."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=portal.forget)
