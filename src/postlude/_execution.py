"""One execution of a task: the only place that calls the user's function."""

from __future__ import annotations

import inspect
from time import monotonic, time
from typing import TYPE_CHECKING, Any

import anyio
from postlude import _ids
from postlude._cancellation import is_own
from postlude._clock import clock
from postlude._current import request_id
from postlude._events import TaskEnded, TaskRetried, TaskStarted, TaskSubmitted, everyone
from postlude._outcome import Cancelled, Failed, Succeeded, TimedOut
from postlude._report import Report, trim
from postlude._step import step
from postlude._threads import threads_of_this_loop
from postlude._work import Escaped, Work, left, prepared
from postlude.errors import TaskFailed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from contextvars import Context

    from postlude._call import Call
    from postlude._events import Audience, TaskEvent
    from postlude._outcome import Outcome
    from postlude._threads import Threads


class DeadlinePassed(TimeoutError):
    """An attempt was not done within its time limit."""


class Execution:
    """The attempts of one call of a task, up to its outcome."""

    __slots__ = ("_id", "_outcome", "attempts", "call", "due", "scene", "started", "work")

    audience: Audience = everyone
    threads: Threads | None = None
    # Why it was told to end, if it was: then no attempt follows.
    reason = ""
    # Whether it began a little later than `started`, nobody knows when.
    is_vague = False

    def __init__(self, call: Call) -> None:
        """Prepare; nothing runs before the first `attempt`."""
        self.call = call
        self._id = call.options.task_id
        self.attempts = 0
        self.started = 0.0
        self.due = 0.0
        self._outcome: Outcome | None = None
        self.scene: Context | None = None
        self.work: Work | None = None

    @property
    def task_id(self) -> str:
        """Its id, which most are never asked for; from any thread."""
        if self._id is None:
            with _ids.naming:
                if self._id is None:
                    self._id = _ids.new_id()
        return self._id

    @property
    def name(self) -> str:
        """The task's name."""
        return self.call.name

    @property
    def has_id(self) -> bool:
        """Whether somebody may know its id."""
        return self._id is not None

    @property
    def outcome(self) -> Outcome | None:
        """What became of it; `None` as long as it has not ended."""
        return self._outcome

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self._outcome is not None

    @property
    def has_succeeded(self) -> bool:
        """Whether it has ended, and well."""
        return isinstance(self._outcome, Succeeded)

    def begin_at(self, mark: float) -> None:
        """Note an attempt that was begun by somebody else, at a moment of `time.monotonic`."""
        self.started = clock().now() - (monotonic() - mark)
        self.attempts = 1

    async def finish(self) -> Outcome:
        """Make attempts, with the waits between them, until there is an outcome."""
        waits = self.put_off(clock().now())
        while self._outcome is None:
            if waits or self.attempts:
                await self.wait_until_due()
            await self.attempt()
        return self._outcome

    def put_off(self, since: float) -> bool:
        """Set `due` if the first attempt is to wait; `since` is when the task was handed over."""
        delay = self.call.options.delay
        if delay is None:
            return False
        self.due = since + delay
        if self.audience.observers:
            self.tell(TaskSubmitted)
        return True

    async def wait_until_due(self) -> None:
        """Let others run until the next attempt is to be made."""
        try:
            await clock().sleep(self.due - clock().now())
        except BaseException as error:
            self.interrupted(error)
            raise

    async def attempt(self) -> None:
        """Call the function once: sets `outcome`, or `due` if it is to be tried again."""
        self.begin()
        limit = self.call.options.timeout
        await self.conclude(self._invoke() if limit is None else self._invoke_in_time(limit))

    async def conclude(self, rest: Awaitable[Any]) -> None:
        """Go on with an attempt that has begun: what it returns or raises is the function's."""
        try:
            value = await rest
        except BaseException as error:
            self.settle(error)
        else:
            self.succeed(value)

    def begin(self) -> None:
        """Note that an attempt begins now."""
        if not self.attempts:
            self.started = clock().now()
        self.attempts += 1
        if self.audience.observers:
            self.tell(TaskStarted)

    def succeed(self, value: object) -> None:
        """Take what the function returned."""
        self._end(self._success(value, self._elapsed()))

    def settle(self, error: BaseException) -> None:
        """Take the error of an attempt for the task's own, or let it through.

        Raises:
            BaseException: `error`, if it came from outside: a cancellation, or an exit on the
                event loop's thread, where it may be a signal's.
        """
        if isinstance(error, Escaped):
            error = error.error
        elif not isinstance(error, Exception) and not is_own(error):
            self.interrupted(error)
            raise error
        trim(error)
        if not self._retry(error):
            self._fail(error)

    def hosts_in(self, threads: Threads) -> Iterable[Work]:
        """Who is known to wait for it in one of these threads."""
        return ()

    def context(self) -> Context:
        """What one attempt runs in."""
        return (self.scene or self.call.context).copy()

    def interrupted(self, error: BaseException) -> None:
        """Log that an attempt, or the wait for one, was ended from outside."""
        self._report().interruption(error)
        self.cancel(interrupted_by(error))

    def cancel(self, reason: str) -> Outcome:
        """End it between its attempts, or before the first."""
        self._end(Cancelled(reason=reason, **self._facts()))
        assert self.outcome is not None
        return self.outcome

    def lose(self, reason: str) -> None:
        """End it as something that was never done to its end, and log that."""
        self.cancel(reason)
        self._report().loss(reason)

    def tell(self, kind: Callable[..., TaskEvent], *more: object) -> None:
        """Tell the observers, if there are any; slow, so ask for them first where it counts."""
        call = self.call
        if self.scene is None:
            # Of all attempts: what an observer sets here, the next ones find.
            self.scene = call.context.copy()
            if kind is not TaskSubmitted:
                self._tell(TaskSubmitted, 0)
        self._tell(kind, self.attempts, *more)

    def _tell(self, kind: Callable[..., TaskEvent], attempt: int, *more: object) -> None:
        assert self.scene is not None
        facts = (self.task_id, self.name, attempt, clock().now(), time())
        event = kind(*facts, self.scene.get(request_id), *more)
        self.audience.tell(self.scene, event)

    def _end(self, outcome: Outcome) -> None:
        if self._outcome is not None:  # given up for lost, and somebody knows of that
            return
        self._outcome = outcome
        if self.audience.observers:
            self.tell(TaskEnded, outcome)

    def _success(self, value: object, duration: float) -> Succeeded:
        return Succeeded(
            value=value,
            task_id=self.task_id,
            name=self.name,
            attempts=self.attempts,
            duration=duration,
        )

    async def _invoke_in_time(self, limit: float) -> Any:
        with anyio.move_on_after(limit):
            return await self._invoke()
        raise DeadlinePassed(f"its limit is {limit:g} s per attempt")

    async def _invoke(self) -> Any:
        call, context = self.call, self.context()
        if call.is_async:
            return await step(context, call.func(*call.args, **call.keywords))
        threads = self.threads or threads_of_this_loop()
        work = self.work = Work(
            lambda work: prepared(context, work).run(call.func, *call.args, **call.keywords)
        )
        try:
            value = await threads.do(work, self.hosts_in(threads))
        finally:
            self.work = None
        if value is not None and inspect.isawaitable(value):  # a lambda around an `async def`
            return await step(left(context), value)
        return value

    def _retry(self, error: BaseException) -> bool:
        is_wanted = self.outcome is None and not self.reason
        policy = self.call.options.retry_policy if is_wanted else None
        delay = policy.delay_for(self.attempts, error) if policy else None
        if policy is None or delay is None:
            return False
        delay = policy.spread(delay)
        self.due = clock().now() + delay
        self._report().retry(error, most=policy.max_retries + 1, delay=delay)
        if self.audience.observers:
            self.tell(TaskRetried, error, delay)
        return True

    def _fail(self, error: BaseException) -> None:
        limit = self.call.options.timeout
        if isinstance(error, DeadlinePassed) and limit is not None:
            self._end(TimedOut(timeout=limit, **self._facts()))
            self._report().timeout(limit)
        else:
            self._end(Failed(error=error, **self._facts()))
            if not isinstance(error, TaskFailed):  # a pipeline's step has logged it already
                self._report().failure(error)

    def _facts(self) -> dict[str, Any]:
        facts = {"task_id": self.task_id, "name": self.name, "attempts": self.attempts}
        return {**facts, "duration": self._elapsed()}

    def _report(self) -> Report:
        duration = self._elapsed()
        return Report(
            self.call,
            task_id=self.task_id,
            attempt=self.attempts,
            duration=duration,
            is_vague=self.is_vague,
        )

    def _elapsed(self) -> float:
        return clock().now() - self.started if self.attempts else 0.0


class VagueExecution(Execution):
    """One of which only a moment before its beginning is known."""

    __slots__ = ()
    is_vague = True


def interrupted_by(error: BaseException) -> str:
    """Why an execution was cancelled that was not told to."""
    return f"it was interrupted by {type(error).__name__}"
