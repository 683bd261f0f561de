"""Time that a test moves."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from postlude import _clock

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self


class VirtualClock:
    """A clock that stands still until told: retries, delays and rates are tested without waiting.

    While its `with` block lasts, everything in the process that waits through postlude waits on
    this clock. Time limits of tasks are no such waits, nor are your own sleeps. The end of a runner
    is one: advance to what is still due, or cancel it, before the runner's block ends. If that
    waits for nothing but a clock that nobody moves, it soon ends with a `RuntimeError`
    that says how far to advance.

    Example:
        ```python
        import asyncio
        import logging

        from postlude import BackgroundTask, RetryPolicy, TaskRunner
        from postlude.testing import VirtualClock

        logging.getLogger("postlude").setLevel(logging.ERROR)  # no retries' warnings


        async def call_home() -> None:
            print(f"called at {clock.now:g} s")
            raise ConnectionError("no answer")


        async def main() -> None:
            policy = RetryPolicy(initial_delay=3600, max_delay=7200, jitter=0)
            task = BackgroundTask(call_home).with_options(retry_policy=policy)
            async with TaskRunner() as runner:
                handle = runner.submit(task)
                await clock.advance(3600)
                print(handle.status)
                handle.cancel()


        with VirtualClock() as clock:
            asyncio.run(main())
        ```

        ```text title="Output"
        called at 0 s
        called at 3600 s
        retrying
        ```
    """

    def __init__(self, start: datetime | None = None) -> None:
        """Begin at zero seconds.

        Args:
            start: The time on the wall then, with a time zone; by default the beginning of 2026 in
                UTC. Schedules by the wall clock go by it.

        Raises:
            TypeError: `start` is no datetime.
            ValueError: It has no time zone.
        """
        if start is not None and not isinstance(start, datetime):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"start={start!r} must be a datetime: write datetime(..., tzinfo=UTC)")
        self._clock = _clock.VirtualClock(start)

    @property
    def now(self) -> float:
        """Seconds that it has been moved by so far."""
        return self._clock.now()

    @property
    def time(self) -> datetime:
        """The time on its wall, in UTC."""
        return self._clock.utcnow()

    async def advance(self, seconds: float | timedelta) -> None:
        """Move time forward, waking each sleeper at its moment and letting it run.

        Call it in the event loop in which the tasks are: where a test client runs the application
        in a thread of its own, that is `client.portal.call(clock.advance, 60)`.

        Args:
            seconds: How far, in seconds or as a `timedelta`. It returns when every other task of
                the event loop waits again. Threads, such as those of `def` tasks, are not waited
                for.

        Raises:
            TypeError: It is neither.
            ValueError: It is negative.
        """
        await self._clock.advance(_checked(seconds))

    def __enter__(self) -> Self:
        self._clock.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._clock.__exit__(kind, error, traceback)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.now:g} s>"


def _checked(value: object) -> float:
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise TypeError(f"advance({value!r}) takes seconds or a timedelta")
    if not 0 <= seconds < math.inf:
        raise ValueError(f"advance({value!r}): time goes forward only")
    return float(seconds)
