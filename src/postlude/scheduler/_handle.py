"""What a caller holds of a task that was scheduled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from postlude._outcome import Outcome


class Schedule(Protocol):
    """What a handle speaks for."""

    name: str
    is_paused: bool
    is_over: bool

    @property
    def last_outcome(self) -> Outcome | None: ...

    def cancel(self) -> None: ...

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def next_run(self) -> datetime | None: ...

    async def wait(self) -> Outcome: ...


class ScheduledHandle:
    """A task that was scheduled: ask when it is due, hold it back, or cancel it.

    Its methods may be called from any thread, except `wait`.

    Attributes:
        name: The task's name.

    Example:
        ```python
        import asyncio

        from postlude import BackgroundScheduler


        async def main() -> None:
            async with BackgroundScheduler() as scheduler:
                handle = scheduler.add_delayed_task(print, "done", delay=0.05)
                print(handle.last_outcome)
                print(type(await handle.wait()).__name__, handle)


        asyncio.run(main())
        ```

        ```text title="Output"
        None
        done
        Succeeded <ScheduledHandle 'print': not due>
        ```
    """

    __slots__ = ("_schedule", "name")

    def __init__(self, schedule: Schedule) -> None:
        self.name = schedule.name
        self._schedule = schedule

    @property
    def next_run(self) -> datetime | None:
        """When it is due next: an aware datetime in the scheduler's time zone.

        `None` before the scheduler has started, while it is paused, and when it is not due again.
        """
        return self._schedule.next_run()

    @property
    def last_outcome(self) -> Outcome | None:
        """What became of its last execution; `None` as long as none has ended."""
        return self._schedule.last_outcome

    @property
    def is_paused(self) -> bool:
        """Whether it is held back."""
        return self._schedule.is_paused

    async def wait(self) -> Outcome:
        """Wait until it has run: of a recurring task, the execution that runs now or comes next.

        Returns:
            What became of it: `Cancelled` if it is cancelled, or stopped, before it runs.
        """
        return await self._schedule.wait()

    def cancel(self) -> None:
        """End the schedule; nothing happens if it has ended.

        A delayed task that has not started never does, and one that runs is cancelled. Of a
        recurring task the execution that runs goes on to its end; one that a pause holds back
        never starts.
        """
        self._schedule.cancel()

    def pause(self) -> None:
        """Start nothing until `resume()`, not even what is due already and waits for its turn.

        What has begun goes on, to its last attempt.
        """
        self._schedule.pause()

    def resume(self) -> None:
        """End a pause.

        A recurring task is due at its next moment, and what it would have done meanwhile is not
        made up for. A delayed task whose moment has passed starts now, as does a run that was due
        before the pause and had not begun.

        Example:
            ```python
            import asyncio

            from postlude import BackgroundScheduler


            async def main() -> None:
                async with BackgroundScheduler() as scheduler:
                    handle = scheduler.add_recurring_task(print, "tick", interval=0.3)
                    handle.pause()
                    print(handle, handle.next_run)
                    handle.resume()
                    print((await handle.wait()).name)


            asyncio.run(main())
            ```

            ```text title="Output"
            <ScheduledHandle 'print': paused> None
            tick
            print
            ```
        """
        self._schedule.resume()

    def __repr__(self) -> str:
        due = self._schedule.next_run()
        state = "not due" if due is None else f"next {due.isoformat(' ', 'seconds')}"
        if self._schedule.is_over:
            state = "cancelled"
        elif self._schedule.is_paused:
            state = "paused"
        return f"<{type(self).__name__} {self.name!r}: {state}>"
