"""The event loop of a process that has none: for the `async def`s of foreign workers."""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import anyio
from anyio.from_thread import BlockingPortal

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import TypeAlias

    _Opened: TypeAlias = tuple[BlockingPortal, Callable[[], object]]


class Portal:
    """One event loop in a thread of its own, started at the first call.

    What binds itself to an event loop, such as a pool of connections, lives from task to task.
    """

    def __init__(self) -> None:
        """Prepare; nothing is started."""
        self.forget()

    def forget(self) -> None:
        """Have no event loop, as in a process that has just been forked."""
        self._lock = threading.Lock()
        self._inside: BlockingPortal | None = None
        self._stop: Callable[[], object] = int
        self._thread: threading.Thread | None = None

    def start(self, func: Callable[..., Coroutine[Any, Any, Any]], *args: Any) -> Future[Any]:
        """Have a coroutine run there; from any thread that is not the event loop's own."""
        with self._lock:
            if self._inside is None:
                self._inside, self._stop = self._open()
            return self._inside.start_task_soon(func, *args)

    def give_up(self) -> threading.Thread | None:
        """Let the event loop end as soon as it can, and start another one at the next call.

        Returns:
            Its thread, if there was one.
        """
        with self._lock:
            thread, self._thread = self._thread, None
            self._inside = None
            self._stop()
            self._stop = int
        return thread

    def close(self) -> None:
        """End the event loop and what runs there."""
        thread = self.give_up()
        if thread is not None:
            thread.join()

    def _open(self) -> _Opened:
        opened: Future[_Opened] = Future()
        # Not anyio's own way, which waits for the thread where it is given up.
        self._thread = threading.Thread(
            target=anyio.run, args=(_host, opened), name="postlude event loop", daemon=True
        )
        self._thread.start()
        return opened.result()


async def _host(opened: Future[_Opened]) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    async with BlockingPortal() as inside:
        # The portal's own way waits for the event loop, which may be stuck.
        opened.set_result((inside, lambda: loop.call_soon_threadsafe(stop.set)))
        await stop.wait()
        await inside.stop(cancel_remaining=True)


portal = Portal()
"""That of this process."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=portal.forget)
