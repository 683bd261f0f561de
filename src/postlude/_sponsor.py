"""A task that waits for another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from postlude._waiter import Waiter
from postlude._work import State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from postlude._work import Work


class Places(Protocol):
    """What has places for tasks that run."""

    def rest(self, sponsor: Sponsor) -> None:
        """A task that has a place waits from here on; from any thread."""
        ...

    def go_on(self, sponsor: Sponsor) -> None:
        """That wait is over; from any thread."""
        ...


class Task(Protocol):
    """What waits, and may have a place of a pool meanwhile."""

    @property
    def pool(self) -> Places | None:
        """Whose place it has, if any."""
        ...

    @property
    def attempts(self) -> int:
        """How many have begun."""
        ...

    @property
    def is_running(self) -> bool:
        """Whether an attempt is under way."""
        ...

    @property
    def awaits(self) -> dict[Sponsor, Any]:
        """What it waits for, and in whose name."""
        ...

    def sponsors(self) -> list[Sponsor]:
        """Who waits for it and may lend it something."""
        ...


class Sponsor(Waiter):
    """Lends what it waits for its place and its thread, which it does not need meanwhile.

    Or else tasks would wait for ever for others that find no place, or no thread.

    Attributes:
        task: The one that waits.
    """

    __slots__ = ("_attempt", "_host", "task")

    def __init__(self, task: Task | None, host: Work | None) -> None:
        """Belong to the event loop of now.

        Args:
            task: The one that waits, if it is one.
            host: Its work, if it waits in a thread.
        """
        super().__init__()
        self.task = task
        self._host = host
        self._attempt = 0 if task is None else task.attempts

    def host_in(self, pool: object) -> Task | None:
        """The one that waits, if this attempt of it holds a place of the pool."""
        task = self.task
        if task is None or task.pool is not pool or not task.is_running:
            return None
        host = self._host
        if task.attempts != self._attempt or (host and host.state is State.ABANDONED):
            return None  # an attempt that was given up waits on
        return task

    def hosts_in(self, threads: object, known: set[Sponsor]) -> Iterator[Work]:
        """Its work, if it holds one of these threads; or else of those who wait for its task.

        Args:
            threads: Which ones.
            known: Who has been asked already, since tasks may wait for each other.
        """
        asked = [self]
        while asked:
            one = asked.pop()
            if one in known:
                continue
            known.add(one)
            host = one._host
            if host is not None and host.threads is threads and host.state is State.RUNNING:
                yield host
            elif one.task is not None:
                asked += one.task.sponsors()

    def wake(self) -> None:
        """Let its task have its place back before another gets it, and wake it."""
        self.give_up()
        super().wake()

    def give_up(self) -> None:
        """The wait is over."""
        if self.task is not None and self.task.pool is not None:
            self.task.pool.go_on(self)
