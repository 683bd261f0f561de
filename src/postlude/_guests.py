"""Jobs that run in the places of tasks that wait for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from postlude._job import Job
    from postlude._sponsor import Sponsor, Task


class Guests:
    """Who of a pool waits for a handle, and who runs in these places: only what is waited for.

    Whoever else had such a place might wait for something of the first task's, and both would for
    ever. So it stays free while what is waited for is between two attempts.

    Attributes:
        waiting: Those that run and wait, each with how many waits it has.
        running: Those that run beside the ones with places of their own.
        expected: What is waited for and in line.
    """

    def __init__(self, pool: object, begin: Callable[[Job], bool]) -> None:
        """Have none.

        Args:
            pool: Whose places these are.
            begin: Begins a job of the pool, if it is in line.
        """
        self._pool = pool
        self._begin = begin
        self.waiting: dict[Task, int] = {}
        self.running: set[Job] = set()
        self.expected: dict[Job, None] = {}

    @property
    def places(self) -> int:
        """How many places more there are: those of tasks that wait, as far as they are taken."""
        return min(len(self.waiting), len(self.running))

    def rest(self, sponsor: Sponsor) -> None:
        """A task waits from here on."""
        host = sponsor.host_in(self._pool)
        if host is not None:
            self.waiting[host] = self.waiting.get(host, 0) + 1

    def go_on(self, sponsor: Sponsor) -> None:
        """That wait is over."""
        host = sponsor.host_in(self._pool)
        if host is not None and host in self.waiting:
            self.waiting[host] -= 1
            if not self.waiting[host]:
                del self.waiting[host]

    def over(self, job: Job) -> None:
        """The attempt of a job is over; something of it may wait on, elsewhere."""
        self.running.discard(job)
        self.waiting.pop(job, None)

    def expect(self, job: Job) -> None:
        """Look at a job that is in line: a task that waits for it may lend its place."""
        if any(sponsor.host_in(self._pool) is not None for sponsor in job.sponsors()):
            self.expected[job] = None

    def invite_one(self) -> bool:
        """Begin one of those that are expected; whether there was one."""
        while self.expected:
            job = next(iter(self.expected))
            del self.expected[job]
            self.expect(job)  # the wait may have been given up
            if self.expected.pop(job, job) is None and self._begin(job):
                return True
        return False


class Invited:
    """Stands for the scope of a guest that has yet to begin."""

    def __init__(self, cancelled: Callable[[], object]) -> None:
        """Hold what is called when it is cancelled: then it never begins."""
        self._cancelled = cancelled

    def cancel(self) -> None:
        """End it."""
        self._cancelled()
