"""A job whose function runs in a thread, and which no worker waits for meanwhile."""

from __future__ import annotations

import inspect
from asyncio import CancelledError
from typing import TYPE_CHECKING, Any

import anyio
from postlude._cancellation import take_back
from postlude._step import step
from postlude._work import State, Work, left, prepared

if TYPE_CHECKING:
    from collections.abc import Callable

    from postlude._job import Job
    from postlude._threads import Threads


class Errand:
    """One attempt in a thread; it stands for the job's scope, so that it can be cancelled.

    Handing work over and being told of it costs a hundredth of waiting for it: many that end at
    about the same time are reported in one go.
    """

    __slots__ = (
        "_begin",
        "_call",
        "_context",
        "_ended",
        "_is_back",
        "_job",
        "_scope",
        "_threads",
        "_work",
    )

    def __init__(
        self,
        job: Job,
        threads: Threads,
        begin: Callable[..., object],
        ended: Callable[[Job], object],
    ) -> None:
        """Set off, on the event loop.

        Args:
            job: Whose attempt it is.
            threads: Where its function runs.
            begin: Starts a task of the event loop; this may be none.
            ended: Called once with the job, when the attempt is over.
        """
        job.scope = self
        job.begin()
        self._job = job
        self._call = job.call
        self._context = job.context()
        self._threads = threads
        self._begin = begin
        self._ended = ended
        self._is_back = False
        self._scope: anyio.CancelScope | None = None
        self._work = job.work = Work(self._run, self._come_back)
        self._work.host = None  # this may be called by who waits for something else
        try:
            threads.submit(self._work, job.hosts_in(threads))
        except RuntimeError as error:  # the computer has no thread left
            job.settle(error)
            self._end()

    def cancel(self) -> None:
        """Leave the thread to itself."""
        if self._is_back:
            if self._scope is not None:
                self._scope.cancel()
            return
        was_running = self._work.state is State.RUNNING
        self._threads.abandon(self._work)
        if was_running and isinstance(self._work.scope, anyio.CancelScope):
            self._begin(_cancel_what_it_called, self._work.scope)
        self._end()

    def _run(self, work: Work) -> Any:
        call, context = self._call, prepared(self._context, work)
        return context.run(call.func, *call.args, **call.keywords)

    def _come_back(self) -> None:
        if self._job.scope is not self:
            return
        try:
            value = self._work.result()
        except BaseException as error:
            self._job.settle(error)
        else:
            if value is not None and inspect.isawaitable(value):
                self._is_back = True
                self._job.work = None
                self._begin(self._await, value)
                return
            self._job.succeed(value)
        self._end()

    async def _await(self, value: Any) -> None:
        try:
            with anyio.CancelScope() as self._scope:
                if self._job.reason:  # cancelled before this began
                    self._scope.cancel()
                self._job.succeed(await step(left(self._context), value))
        except BaseException as error:
            self._settle(error)
        finally:
            self._end()

    def _settle(self, error: BaseException) -> None:
        try:
            self._job.settle(error)
        except CancelledError:
            if not take_back():
                raise

    def _end(self) -> None:
        self._job.scope = self._job.work = None
        self._ended(self._job)


async def _cancel_what_it_called(scope: anyio.CancelScope) -> None:
    # What the thread has called with `from_thread.run` belongs to this scope, and nobody is in it.
    scope.cancel()
    with scope:
        await anyio.lowlevel.checkpoint()
