"""Where tasks go instead, while a test says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from postlude._call import Call
    from postlude._events import Audience
    from postlude._handle import TaskHandle
    from postlude._history import History
    from postlude._job import Job


class Place(Protocol):
    """The runner or queue that a task was meant for."""

    @property
    def audience(self) -> Audience:
        """Who hears of its tasks."""
        ...

    @property
    def history(self) -> History:
        """Where its tasks are found by their id."""
        ...


class Diversion(Protocol):
    """What becomes of tasks at the point where they are handed over."""

    async def attached(self, tasks: Sequence[Call]) -> None:
        """They would run now, after a response or where they are awaited."""
        ...

    async def submitted(self, task: Call, place: Place | None) -> TaskHandle:
        """It would go to that place; `None`: there is none."""
        ...

    def cancel(self, job: Job, reason: str) -> None:
        """End what was submitted."""
        ...

    def submitted_now(self, task: Call, place: Place) -> TaskHandle:
        """As `submitted`, where nothing can be awaited; in any thread."""
        ...


# Of the whole process, since a test's client runs the application in another thread, where no
# context variable of the test arrives. The last one counts; empty is all that is asked for in
# production.
diversions: list[Diversion] = []
