"""One execution of a task: the only place that calls the user's function."""

from __future__ import annotations

import inspect
import logging
import secrets
import sys
from typing import TYPE_CHECKING, Any

import anyio

from postlude._clock import clock
from postlude._outcome import Cancelled, Failed, Succeeded, TimedOut
from postlude._step import step
from postlude._threads import Escaped, run_in_thread

if TYPE_CHECKING:
    from contextvars import Context
    from types import TracebackType

    from postlude._call import Call
    from postlude._outcome import Outcome

    ExceptionDetails = tuple[type[BaseException], BaseException, TracebackType | None]

logger = logging.getLogger("postlude")

_LIBRARIES = {"postlude", "anyio", "trio", "outcome"}


class DeadlinePassed(TimeoutError):  # noqa: N818
    """An attempt was not done within its time limit."""


class Execution:
    """The attempts of one call of a task, up to its outcome."""

    __slots__ = ("attempts", "call", "due", "outcome", "started", "task_id")

    def __init__(self, call: Call) -> None:
        """Prepare; nothing runs before the first `attempt`."""
        self.call = call
        self.task_id = call.options.task_id or secrets.token_hex(8)
        self.attempts = 0
        self.started = 0.0
        self.due = 0.0
        self.outcome: Outcome | None = None

    async def finish(self) -> Outcome:
        """Make attempts, with the waits between them, until there is an outcome."""
        while self.outcome is None:
            if self.attempts:
                await clock().sleep(self.due - clock().now())
            await self.attempt()
        return self.outcome

    async def attempt(self) -> None:
        """Call the function once: sets `outcome`, or `due` if it is to be tried again."""
        if not self.attempts:
            self.started = clock().now()
        self.attempts += 1
        try:
            value = await _invoke_in_time(self.call)
        except Escaped as escaped:
            self.fail(escaped.error)
        except Exception as error:
            self.fail(error)
        except BaseException as error:
            if not _is_own_cancellation(error):
                self.report_interruption(error)
                raise
            self.fail(error)
        else:
            self.outcome = Succeeded(value=value, **self._facts())

    def fail(self, error: BaseException) -> None:
        """Decide between another attempt and the end, and log either."""
        policy = self.call.options.retry_policy
        delay = None if policy is None else policy.delay_for(self.attempts, error)
        if policy is not None and delay is not None:
            delay = policy.spread(delay)
            self.due = clock().now() + delay
            self._report_retry(error, delay, policy.max_retries + 1)
            return
        limit = self.call.options.timeout
        if isinstance(error, DeadlinePassed) and limit is not None:
            self.outcome = TimedOut(timeout=limit, **self._facts())
        else:
            self.outcome = Failed(error=error, **self._facts())
        self._report_end(error)

    def cancel(self, reason: str) -> Outcome:
        """End it before its first attempt."""
        self.outcome = Cancelled(reason=reason, **self._facts())
        return self.outcome

    def _facts(self) -> dict[str, Any]:
        return {
            "task_id": self.task_id,
            "name": self.call.name,
            "attempts": self.attempts,
            "duration": clock().now() - self.started if self.attempts else 0.0,
        }

    def _report_retry(self, error: BaseException, delay: float, most: int) -> None:
        message = "task %r (id %s) failed on attempt %d of %d (%s), next attempt in %.2f s"
        name, cause = self.call.name, f"{type(error).__name__}: {error}"
        self._log(logging.WARNING, message, name, self.task_id, self.attempts, most, cause, delay)

    def _report_end(self, error: BaseException) -> None:
        late = isinstance(self.outcome, TimedOut)
        verb = "timed out" if late else "failed"
        message = f"task %r (id %s) {verb} on attempt %d after %.3f s"
        self._log(
            logging.ERROR,
            message + (f": {error}" if late else ""),
            self.call.name,
            self.task_id,
            self.attempts,
            clock().now() - self.started,
            error=None if late else error,
        )

    def report_interruption(self, error: BaseException) -> None:
        """Log what was under way when a cancellation or an exit came from outside."""
        message = "task %r (id %s) was interrupted on attempt %d after %.3f s by %s"
        seconds, cause = clock().now() - self.started, type(error).__name__
        name = self.call.name
        self._log(logging.WARNING, message, name, self.task_id, self.attempts, seconds, cause)

    def _log(
        self, level: int, message: str, *values: object, error: BaseException | None = None
    ) -> None:
        extra = {
            "task_name": self.call.name,
            "task_id": self.task_id,
            "attempt": self.attempts,
            "duration": clock().now() - self.started,
        }
        # In the task's context, so that a filter finds the request's id there.
        context = self.call.context.copy()
        context.run(logger.log, level, message, *values, exc_info=_trimmed(error), extra=extra)


async def attend(call: Call) -> None:
    """Run a call whose outcome nobody asks for; only a failure leaves a trace.

    A success needs no id, no clock for its outcome and no outcome: this is what makes a group
    as fast as a plain loop.
    """
    if not call.is_async or call.options.retry_policy or call.options.timeout:
        await Execution(call).finish()
        return
    started = clock().now()
    context = call.context.copy()
    try:
        await step(context, context.run(call.func, *call.args, **call.kwargs))
    except BaseException as error:
        execution = Execution(call)
        execution.started, execution.attempts = started, 1
        if not isinstance(error, Exception) and not _is_own_cancellation(error):
            execution.report_interruption(error)
            raise
        execution.fail(error)


async def _invoke_in_time(call: Call) -> Any:
    limit = call.options.timeout
    if limit is None:
        return await _invoke(call)
    with anyio.move_on_after(limit):
        return await _invoke(call)
    raise DeadlinePassed(f"its limit is {limit:g} s per attempt")


async def _invoke(call: Call) -> Any:
    context = call.context.copy()
    if call.is_async:
        return await step(context, context.run(call.func, *call.args, **call.kwargs))
    value = await run_in_thread(lambda: _run(context, call))
    if inspect.iscoroutine(value):  # a lambda around an `async def`
        return await step(context, value)
    return value


def _run(context: Context, call: Call) -> Any:
    return context.run(call.func, *call.args, **call.kwargs)


def _trimmed(error: BaseException | None) -> ExceptionDetails | None:
    """The error for a log, its traceback beginning where the user's code does."""
    if error is None:
        return None
    traceback = error.__traceback__
    while traceback is not None:
        module = str(traceback.tb_frame.f_globals.get("__name__"))
        if module.partition(".")[0] not in _LIBRARIES:
            break
        traceback = traceback.tb_next
    return type(error), error, traceback or error.__traceback__


def _is_own_cancellation(error: BaseException) -> bool:
    """Whether the function raised asyncio's `CancelledError` although nobody cancelled it.

    That is a failure of the task (it awaited something that was cancelled); a real
    cancellation comes from outside and must go through.
    """
    asyncio = sys.modules.get("asyncio")
    if asyncio is None or not isinstance(error, asyncio.CancelledError):
        return False
    current = asyncio.current_task()
    return current is not None and current.cancelling() == 0
