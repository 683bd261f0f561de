"""One long-lived thread that does work."""

from __future__ import annotations

import asyncio
import math
import sys
import threading
from contextvars import Context
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Protocol

import anyio
import anyio.to_thread
from postlude._clock import on_trio

if TYPE_CHECKING:
    from collections.abc import Callable

    from postlude._work import Work

# How long a thread without work stays, in seconds.
IDLE = 10.0


class Source(Protocol):
    """Where work comes from; it is called in the thread."""

    def begin(self, work: Work, worker: Worker) -> bool:
        """Whether the work is still wanted."""
        ...

    def finish(self, work: Work, worker: Worker) -> Work | None:
        """Take back what is done, and give the next; if there is none, the worker is idle."""
        ...

    def refuse(self, work: Work, error: RuntimeError) -> None:
        """Take back what is not done: the computer has no thread for it; on the event loop."""
        ...

    def leave(self, worker: Worker) -> bool:
        """Whether an idle worker may end."""
        ...

    def retire(self, worker: Worker) -> None:
        """End a worker as soon as it has nothing to do."""
        ...


class Worker:
    """A thread, as its work sees it.

    Attributes:
        ends: Whether it ends as soon as it has no work.
        disown: Called on the event loop when nobody waits for its work any more.
    """

    def __init__(self, source: Source, work: Work) -> None:
        """Prepare; the work is the first that it does."""
        self.ends = False
        self.disown: Callable[[], object] = int
        self.source = source
        self._work: Work | None = work
        self._bell = threading.Lock()
        self._bell.acquire()

    def give(self, work: Work | None) -> None:
        """Wake it with work, or with none, to end it."""
        self._work = work
        self._bell.release()

    def refuse(self, error: RuntimeError) -> None:
        """There is no thread for it."""
        assert self._work is not None, "there was a thread, and this is another error"
        self.source.refuse(self._work, error)

    def run(self, local: Any, new_scope: Callable[[], Any]) -> None:
        """What the thread does; `local` is where anyio looks for the scope of the work."""
        while (work := self._work) is not None:
            self._work = None
            while work is not None:
                if self.source.begin(work, self):
                    if work.scope is None:
                        work.scope = new_scope()
                    local.current_cancel_scope = work.scope
                    work.run()
                    del local.current_cancel_scope
                work = self.source.finish(work, self)
            if self.ends:
                return
            if not self._bell.acquire(timeout=IDLE):
                if self.source.leave(self):
                    return
                self._bell.acquire()


def starter_of_this_loop() -> Callable[[Worker], object]:
    """What gives a worker its thread, on behalf of the event loop of now and from any thread."""
    if not on_trio():
        return _starter_for_asyncio()
    # Trio keeps to itself what `from_thread` needs, so it is one of trio's threads there.
    trio = sys.modules["trio"]
    token = trio.lowlevel.current_trio_token()
    spawn = trio.lowlevel.spawn_system_task
    return lambda worker: token.run_sync_soon(spawn, _host, worker)


async def _host(worker: Worker) -> None:
    limiter = anyio.CapacityLimiter(math.inf)
    with anyio.CancelScope() as scope:
        # The thread hears of it in `from_thread.check_cancelled()`, and can be used no more.
        worker.disown = scope.cancel
        try:
            await anyio.to_thread.run_sync(
                worker.run, SimpleNamespace(), int, abandon_on_cancel=True, limiter=limiter
            )
        except RuntimeError as error:
            worker.refuse(error)
        finally:
            worker.source.retire(worker)


def _starter_for_asyncio() -> Callable[[Worker], object]:
    # Not anyio's threads: they hold up the end of the interpreter.
    loop, new_scope = asyncio.get_running_loop(), type(anyio.CancelScope())
    try:
        from anyio._core import _eventloop as private

        claim, local = private.claim_worker_thread, private.threadlocals
        backend = private.get_async_backend()
    except (ImportError, AttributeError):  # these names are anyio's own, and may go
        return _starter_by_anyio(loop)

    def run(worker: Worker) -> None:
        with claim(backend, loop):
            worker.run(local, new_scope)

    def start(worker: Worker) -> None:
        threading.Thread(target=run, args=(worker,), name="postlude thread", daemon=True).start()

    return start


def _starter_by_anyio(loop: asyncio.AbstractEventLoop) -> Callable[[Worker], object]:
    """Threads of anyio's own, which need a task each to be waited for."""
    hosts: set[asyncio.Task[None]] = set()

    def host(worker: Worker) -> None:
        task = loop.create_task(_host(worker), context=Context())
        hosts.add(task)
        task.add_done_callback(hosts.discard)

    return lambda worker: loop.call_soon_threadsafe(host, worker)
