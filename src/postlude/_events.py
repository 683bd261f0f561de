"""What happens to tasks, as values on one stream, and who hears of it."""

from __future__ import annotations

import inspect
import logging
import threading
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeGuard

if TYPE_CHECKING:
    from contextvars import Context
    from types import TracebackType
    from typing import Self

    from postlude._call import Call
    from postlude._outcome import Outcome


# Tuples, because a task has three events at least, and a frozen dataclass takes ten times as long.
class TaskSubmitted(NamedTuple):
    """A task waits for its turn: in a runner's line, or for no time if it is run where it stands.

    The first event of every execution.

    Attributes:
        task_id: The execution's id.
        name: The task's name.
        attempt: Always 0: it was not called yet.
        at: When, in seconds on a clock that never goes back; only differences mean something.
        time: When, in seconds since 1970, as `time.time()` gives them.
        request_id: The id of the request that it was created in, where one is known.

    Example:
        ```python
        import asyncio

        from postlude import BackgroundTask, TaskEvent, subscribe

        events: list[TaskEvent] = []
        with subscribe(events.append):
            asyncio.run(BackgroundTask(asyncio.sleep, 0)())
        print(*events, sep="\\n")
        ```

        ```text title="Output"
        TaskSubmitted(task_id='...', name='sleep', attempt=0, at=..., time=..., request_id=None)
        TaskStarted(task_id='...', name='sleep', attempt=1, at=..., time=..., request_id=None)
        TaskEnded(task_id='...', name='sleep', attempt=1, at=..., time=..., request_id=None, ...)
        ```
    """

    task_id: str
    name: str
    attempt: int
    at: float
    time: float
    request_id: str | None


class TaskStarted(NamedTuple):
    """An attempt begins: the function is about to be called.

    Attributes:
        task_id: The execution's id.
        name: The task's name.
        attempt: The number of the attempt; the first one is 1.
        at: When, in seconds on a clock that never goes back; only differences mean something.
        time: When, in seconds since 1970, as `time.time()` gives them.
        request_id: The id of the request that it was created in, where one is known.

    Example:
        ```python
        import asyncio

        from postlude import BackgroundTask, TaskEvent, TaskStarted, subscribe


        def observe(event: TaskEvent) -> None:
            if isinstance(event, TaskStarted):
                print(event.name, "begins, attempt", event.attempt)


        with subscribe(observe):
            asyncio.run(BackgroundTask(print, "hello")())
        ```

        ```text title="Output"
        print begins, attempt 1
        hello
        ```
    """

    task_id: str
    name: str
    attempt: int
    at: float
    time: float
    request_id: str | None


class TaskRetried(NamedTuple):
    """An attempt failed, and there will be another.

    Attributes:
        task_id: The execution's id.
        name: The task's name.
        attempt: The number of the attempt that failed.
        at: When, in seconds on a clock that never goes back; only differences mean something.
        time: When, in seconds since 1970, as `time.time()` gives them.
        request_id: The id of the request that it was created in, where one is known.
        error: What it failed with; a `TimeoutError` if it ran out of time.
        delay: Seconds until the next attempt.

    Example:
        ```python
        import asyncio
        import logging

        from postlude import BackgroundTask, RetryPolicy, TaskEvent, TaskRetried, subscribe

        logging.getLogger("postlude").disabled = True  # the failures are logged as well
        retried: list[TaskRetried] = []


        def observe(event: TaskEvent) -> None:
            if isinstance(event, TaskRetried):
                retried.append(event)
                print("attempt", event.attempt, repr(event.error), event.delay)


        policy = RetryPolicy(max_retries=2, initial_delay=0.01, jitter=0)
        with subscribe(observe):
            task = BackgroundTask(int, "three").with_options(retry_policy=policy)
            asyncio.run(task())
        first, second = retried
        print(second.name, "of request", second.request_id)
        print("the same execution:", second.task_id == first.task_id)
        print("later, by both clocks:", second.at > first.at, second.time > first.time)
        ```

        ```text title="Output"
        attempt 1 ValueError("invalid literal for int() with base 10: 'three'") 0.01
        attempt 2 ValueError("invalid literal for int() with base 10: 'three'") 0.02
        int of request None
        the same execution: True
        later, by both clocks: True True
        ```
    """

    task_id: str
    name: str
    attempt: int
    at: float
    time: float
    request_id: str | None
    error: BaseException
    delay: float


class TaskEnded(NamedTuple):
    """A task came to its end, whichever: the last event of every execution.

    Attributes:
        task_id: The execution's id.
        name: The task's name.
        attempt: How often the function was called; 0 if it never was.
        at: When, in seconds on a clock that never goes back; only differences mean something.
        time: When, in seconds since 1970, as `time.time()` gives them.
        request_id: The id of the request that it was created in, where one is known.
        outcome: What became of it.

    Example:
        ```python
        import asyncio

        from postlude import (
            BackgroundTask,
            RetryPolicy,
            TaskEnded,
            TaskEvent,
            TaskRetried,
            subscribe,
        )

        answers = iter([OSError("busy"), "sent"])


        async def send() -> str:
            answer = next(answers)
            if isinstance(answer, OSError):
                raise answer
            return answer


        def observe(event: TaskEvent) -> None:
            match event:
                case TaskRetried(error=error, attempt=attempt):
                    print(f"attempt {attempt}: {error}")
                case TaskEnded(outcome=outcome):
                    print(f"{type(outcome).__name__} after {outcome.attempts} attempts")
                case _:
                    pass


        policy = RetryPolicy(max_retries=2, initial_delay=0.01)
        with subscribe(observe):
            asyncio.run(BackgroundTask(send).with_options(retry_policy=policy)())
        ```

        ```text title="Output"
        task 'send' (id ...) failed on attempt 1 of 3 (OSError: busy), next attempt in ...
        attempt 1: busy
        Succeeded after 2 attempts
        ```
    """

    task_id: str
    name: str
    attempt: int
    at: float
    time: float
    request_id: str | None
    outcome: Outcome


TaskEvent: TypeAlias = TaskSubmitted | TaskStarted | TaskRetried | TaskEnded
"""Any of them."""
Observer: TypeAlias = Callable[[TaskEvent], object]
"""What hears of tasks: a function of one event, such as a `TaskMonitor` or `list.append`."""


class Tallying:
    """An observer that also takes many successes at once, and then wants no event for each."""

    def tally(self, calls: Sequence[Call], ticks: Sequence[float]) -> None:
        """Count calls that completed one after another, none of which waited for anything.

        Args:
            calls: What was called.
            ticks: When the first began, and when each ended.
        """
        raise NotImplementedError


class Audience:
    """Who hears of some executions: an observer of their own, and those of the whole process.

    Attributes:
        observers: Each once. Empty is falsy, and all that is asked when nobody listens.
        tallying: The same, if all of them can count many at once; or else empty.
    """

    __slots__ = ("__weakref__", "_own", "observers", "tallying")

    def __init__(self, own: Observer | None = None) -> None:
        """Gather; from now on `observers` is kept up to date."""
        self._own: tuple[Observer, ...] = () if own is None else (own,)
        with _lock:
            _audiences.add(self)
            self.gather()

    def gather(self) -> None:
        """Take in who has subscribed by now, and who no longer has."""
        # By equality: `events.append` is another object each time it is written.
        different: list[Observer] = []
        for observer in (*self._own, *_subscribed):
            if observer not in different:
                different.append(observer)
        self.observers = tuple(different)
        can = [one for one in different if _can_tally(one)]
        self.tallying: tuple[Tallying, ...] = tuple(can) if len(can) == len(different) else ()

    def tally(self, calls: Sequence[Call], ticks: Sequence[float]) -> None:
        """Have successes counted by who is tallying."""
        for observer in self.tallying:
            observer.tally(calls, ticks)

    def tell(self, context: Context, event: TaskEvent) -> None:
        """Hand the event to each, in that context; an error of theirs is theirs."""
        context.run(self._tell, event)

    def _tell(self, event: TaskEvent) -> None:
        for observer in self.observers:
            try:
                observer(event)
            except (KeyboardInterrupt, SystemExit):
                raise
            except BaseException:
                _complain(observer, event)


class Subscription:
    """An observer that hears of every task of the process, until it is cancelled.

    Leaving its `with` block cancels it.
    """

    def __init__(self, observer: Observer) -> None:
        self._observer: Observer | None = observer
        with _lock:
            _subscribed.append(observer)
            _gather()

    def cancel(self) -> None:
        """Hear no more; from any thread, and more than once."""
        with _lock:
            observer, self._observer = self._observer, None
            if observer is not None:
                _subscribed.remove(observer)
                if observer in _at_fault:
                    _at_fault.remove(observer)
                _gather()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.cancel()

    def __repr__(self) -> str:
        state = "over" if self._observer is None else "listening"
        return f"<{type(self).__name__}: {state}>"


def subscribe(observer: Observer) -> Subscription:
    """Have a function called with each event of every task of the process, from now on.

    It is called where the task is, on the event loop or in a thread, in the execution's own
    context: it sees the context variables that the task was created with, and what it sets there
    the task sees. So it should be quick. An observer that raises is logged once, and disturbs
    nobody. One that is subscribed twice, or is the `monitor=` of a runner as well, hears each
    event once.

    Args:
        observer: A function of one event, such as a `TaskMonitor`.

    Returns:
        A subscription: cancel it, or use it in a `with` statement.

    Raises:
        TypeError: It is no function, or an `async def`.

    Example:
        ```python
        import asyncio

        from postlude import BackgroundTask, Observer, TaskEvent, subscribe


        def printing(start: str) -> Observer:
            def observe(event: TaskEvent) -> None:
                print(start, type(event).__name__, event.name, event.attempt)

            return observe


        with subscribe(printing("heard:")):
            asyncio.run(BackgroundTask(asyncio.sleep, 0)())
        asyncio.run(BackgroundTask(asyncio.sleep, 0)())  # nobody listens any more
        ```

        ```text title="Output"
        heard: TaskSubmitted sleep 0
        heard: TaskStarted sleep 1
        heard: TaskEnded sleep 1
        ```
    """
    return Subscription(checked_observer("subscribe()", observer))


def checked_observer(where: str, value: Observer) -> Observer:
    """The value, if it can be told of events.

    Raises:
        TypeError: It cannot.
    """
    if not callable(value):
        raise TypeError(
            f"{where} takes a function of one event, got an object of type {type(value).__name__!r}"
        )
    if inspect.iscoroutinefunction(value) or inspect.iscoroutinefunction(
        getattr(value, "__call__", None)  # noqa: B004
    ):
        raise TypeError(
            f"{where} takes a plain function of one event, got an `async def`: nothing can be "
            "awaited between two steps of a task. Write `def`, and put what is slow into a queue"
        )
    return value


_lock = threading.RLock()
_subscribed: list[Observer] = []
_audiences: weakref.WeakSet[Audience] = weakref.WeakSet()
# Those that have been complained about; a few, so that a fault is not a leak.
_at_fault: deque[Observer] = deque(maxlen=100)

everyone = Audience()


def _can_tally(observer: object) -> TypeGuard[Tallying]:
    # A subclass may do more with an event than count it: it has to say so itself.
    return isinstance(observer, Tallying) and "tally" in vars(type(observer))


def _gather() -> None:
    for audience in tuple(_audiences):
        audience.gather()


def _complain(observer: Observer, event: TaskEvent) -> None:
    with _lock:
        if observer in _at_fault:
            return
        _at_fault.append(observer)
    logging.getLogger("postlude").exception(
        "an observer failed on %s of task %r (id %s); its later errors are not logged",
        type(event).__name__,
        event.name,
        event.task_id,
    )
