"""A task that waits for another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from postlude._waiter import Waiter
from postlude._work import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from postlude._work import Work


class Task(Protocol):
    """What waits, and may have a place of a pool meanwhile."""

    @property
    def pool(self) -> object:
        """Whose place it has, if any."""
        ...

    @property
    def is_running(self) -> bool:
        """Whether an attempt is under way."""
        ...

    @property
    def awaits(self) -> dict[Sponsor, Any]:
        """What it waits for, and in whose name."""
        ...

    def awaited(self) -> set[Any]:
        """What it waits for."""
        ...

    @property
    def watchers(self) -> Sequence[Waiter] | None:
        """Who waits for it."""
        ...


class Sponsor(Waiter):
    """Lends what it waits for its place and its thread, which it does not need meanwhile.

    Or else tasks would wait for ever for others that find no place, or no thread.

    Attributes:
        task: The one that waits.
    """

    __slots__ = ("_host", "task")

    def __init__(self, task: Task | None, host: Work | None) -> None:
        """Belong to the event loop of now.

        Args:
            task: The one that waits, if it is one.
            host: Its work, if it waits in a thread.
        """
        super().__init__()
        self.task = task
        self._host = host

    def host_in(self, pool: object) -> Task | None:
        """The one that waits, if it holds a place of the pool, and may lend it."""
        task = self.task
        return task if task is not None and task.pool is pool and task.is_running else None

    def hosts_in(self, threads: object, known: set[Sponsor]) -> Iterator[Work]:
        """Its work, if it holds one of these threads; or else of those who wait for its task.

        Args:
            threads: Which ones.
            known: Who has been asked already, since tasks may wait for each other.
        """
        known.add(self)
        host = self._host
        if host is not None and host.threads is threads and host.state is State.RUNNING:
            yield host
        elif self.task is not None:
            for watcher in self.task.watchers or ():
                if isinstance(watcher, Sponsor) and watcher not in known:
                    yield from watcher.hosts_in(threads, known)
