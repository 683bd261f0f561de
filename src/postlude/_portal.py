"""The event loop of a process that has none: for the `async def`s of foreign workers."""

from __future__ import annotations

import os
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import anyio
from anyio.from_thread import BlockingPortal

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine


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
        self._inside: BlockingPortal | None = None
        self._thread: threading.Thread | None = None

    def start(self, func: Callable[..., Coroutine[Any, Any, Any]], *args: Any) -> Future[Any]:
        """Have a coroutine run there; from any thread that is not the event loop's own."""
        with self._lock:
            if self._inside is None:
                self._inside = self._open()
            return self._inside.start_task_soon(func, *args)

    def close(self) -> None:
        """End the event loop, once its tasks have ended."""
        with self._lock:
            inside, thread = self._inside, self._thread
            self._inside = self._thread = None
        if inside is not None and thread is not None:
            inside.start_task_soon(inside.stop)
            thread.join()

    def _open(self) -> BlockingPortal:
        opened: Future[BlockingPortal] = Future()
        # Not anyio's own way, which waits for the thread where it is given up.
        self._thread = threading.Thread(
            target=anyio.run, args=(_host, opened), name="postlude event loop", daemon=True
        )
        self._thread.start()
        return opened.result()


async def _host(opened: Future[BlockingPortal]) -> None:
    async with BlockingPortal() as inside:
        opened.set_result(inside)
        await inside.sleep_until_stopped()


portal = Portal()
"""That of this process."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=portal.forget)
