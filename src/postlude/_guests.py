"""Jobs that run in the places of tasks that wait for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from postlude._job import Job
    from postlude._sponsor import Sponsor, Task


class Guests:
    """Who runs in whose place: one at a time in each, so that no more is at work than may be.

    Nobody else gets such a place. While what a task waits for is between two attempts it stays
    free: whoever had it then might wait for something of the first task's.
    """

    def __init__(self, pool: object, begin: Callable[[Job], bool]) -> None:
        """Have none.

        Args:
            pool: Whose places these are.
            begin: Begins a job of the pool, if it is in line.
        """
        self._pool = pool
        self._begin = begin
        self._guests: dict[Task, Job] = {}
        self._hosts: dict[Job, Task] = {}

    def __len__(self) -> int:
        """How many there are."""
        return len(self._hosts)

    def offer(self, job: Job, sponsors: Iterable[Sponsor]) -> None:
        """Let a job that is in line have the place of one of those who wait for it."""
        for sponsor in sponsors:
            host = sponsor.host_in(self._pool)
            if host is not None and self._invite(job, host):
                return

    def leave(self, job: Job) -> Task | None:
        """The attempt of a job is over: in whose place it was, if it was a guest."""
        host = self._hosts.pop(job, None)
        if host is not None:
            del self._guests[host]
        self._part(job)  # something of it may wait on, elsewhere
        return host

    def invite_next(self, host: Task) -> None:
        """Let the place of a task be that of another one that it waits for."""
        if host.is_running:
            for job in host.awaited():
                if job.pool is self._pool and self._invite(job, host):
                    return

    def give_up(self, sponsor: Sponsor) -> None:
        """One wait less: a guest that its host waits for no more is none."""
        host = sponsor.task
        if host is not None and self._guests.get(host) not in (None, *host.awaited()):
            self._part(host)
            self.invite_next(host)

    def _invite(self, job: Job, host: Task) -> bool:
        if host in self._guests or job in self._hosts:
            return False
        # At once: its attempt may be over before `begin` returns.
        self._guests[host], self._hosts[job] = job, host
        if not self._begin(job):
            del self._guests[host], self._hosts[job]
            return False
        return True

    def _part(self, host: Task) -> None:
        """Let the guest go on as one of those that have their own places."""
        guest = self._guests.pop(host, None)
        if guest is not None:
            del self._hosts[guest]


class Invited:
    """Stands for the scope of a guest that has yet to begin."""

    def cancel(self) -> None:
        """Do nothing: it looks at its job's reason when it begins."""
