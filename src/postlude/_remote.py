"""What a caller holds of a task that an engine has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from postlude._clock import clock
from postlude._handle import TaskHandle
from postlude._outcome import Cancelled, Failed, Outcome, Succeeded, TimedOut
from postlude._status import TaskStatus
from postlude.errors import RemoteError

if TYPE_CHECKING:
    from postlude._message import Message
    from postlude._status import TaskState
    from postlude.protocols import Engine

# Seconds between two questions, from the first to all later ones.
_SOON, _LATER = 0.02, 0.5
# Seconds until a task is given up that the engine does not know: its transaction may take a while.
_UNKNOWN = 10.0


class EngineHandle(TaskHandle):
    """A task that was handed to a store or an engine.

    `status` and `outcome` are what was known when somebody last asked: `await handle.state()`
    asks.

    Example:
        ```python
        import asyncio

        from postlude import BackgroundTask, SQLiteStore, TaskQueue, Worker, task


        @task(name="numbers.add")
        def add(a: int, b: int) -> int:
            return a + b


        async def main() -> None:
            async with SQLiteStore("tasks.db") as store:
                handle = await BackgroundTask(add, 3, 4).with_options(engine=store).submit()
                print(handle)
                queue = TaskQueue(store=store)
                await queue.close()
                await Worker(queue, "worker-1").run()
                print(handle, (await handle.wait()).value)
                print(handle.outcome.attempts, "attempt")


        asyncio.run(main())
        ```

        ```text title="Output"
        <EngineHandle 'numbers.add': pending>
        <EngineHandle 'numbers.add': succeeded> 7
        1 attempt
        ```
    """

    __slots__ = ("_engine", "_message", "_outcome", "_status")

    def __init__(self, message: Message, engine: Engine) -> None:
        self._message = message
        self._engine = engine
        self._status = TaskStatus.PENDING
        self._outcome: Outcome | None = None

    @property
    def id(self) -> str:
        """The execution's id."""
        return self._message.id

    @property
    def name(self) -> str:
        """The task's name."""
        return self._message.name

    @property
    def status(self) -> TaskStatus:
        """Where it stood when somebody last asked."""
        return self._status

    @property
    def outcome(self) -> Outcome | None:
        """What became of it, as far as somebody has asked."""
        return self._outcome

    async def state(self) -> TaskState:
        """Ask the engine how it is.

        Raises:
            EngineUnavailable: The engine does not answer.
        """
        state = await self._engine.status(self.id)
        self._status = state.status
        self._outcome = _outcome_of(state, self._message)
        return state

    async def wait(self) -> Outcome:
        """Ask until it has ended.

        Returns:
            Its outcome; the error of one that failed is a `RemoteError` with the text.

        Raises:
            EngineUnavailable: The engine does not answer.
            RemoteError: For ten seconds the engine has not known it: it has forgotten the task, or
                keeps nothing of any.
        """
        pause, known = _SOON, clock().now()
        while self._outcome is None:
            state = await self.state()
            if state.status is not TaskStatus.UNKNOWN:
                known = clock().now()
            elif clock().now() - known > _UNKNOWN:
                raise RemoteError(
                    f"task {self.name!r} (id {self.id}) is not known to the engine "
                    f"{self._engine.name!r}, any more or at all: what became of it cannot be said"
                )
            if self._outcome is None:
                await clock().sleep(pause)
                pause = min(2 * pause, _LATER)
        return self._outcome

    def cancel(self) -> None:
        """Not here: an engine has to be waited for.

        Raises:
            TypeError: Always; write `await engine.cancel(handle.id)`.

        Example:
            ```python
            import asyncio

            from postlude import BackgroundTask, SQLiteStore, task


            @task(name="numbers.add")
            def add(a: int, b: int) -> int:
                return a + b


            async def main() -> None:
                async with SQLiteStore("tasks.db") as store:
                    handle = await BackgroundTask(add, 3, 4).with_options(engine=store).submit()
                    print(await store.cancel(handle.id))
                    handle.cancel()


            asyncio.run(main())
            ```

            ```text title="Output"
            True
            ```

            ```text title="Error"
            TypeError: task 'numbers.add' is with the engine 'sqlite': write await engine.cancel(...
            ```
        """
        raise TypeError(
            f"task {self.name!r} is with the engine {self._engine.name!r}: "
            "write await engine.cancel(handle.id)"
        )


def _outcome_of(state: TaskState, message: Message) -> Outcome | None:
    begun, ended = state.started_at, state.ended_at
    facts: dict[str, Any] = {
        "task_id": message.id,
        "name": message.name,
        "attempts": state.attempts,
        "duration": (ended - begun).total_seconds() if begun and ended else 0.0,
    }
    match state.status:
        case TaskStatus.SUCCEEDED:
            return Succeeded(value=state.result, **facts)
        case TaskStatus.FAILED:
            return Failed(error=RemoteError(state.error or "no reason was given"), **facts)
        case TaskStatus.TIMED_OUT:
            return TimedOut(timeout=message.timeout or 0.0, **facts)
        case TaskStatus.CANCELLED:
            return Cancelled(reason=state.error or "it was cancelled", **facts)
        case _:
            return None
