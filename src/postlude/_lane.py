"""A group on its way through a pool."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from postlude._dispatch import engine_for, sending
from postlude._job import Job

if TYPE_CHECKING:
    from collections.abc import Container

    from postlude._call import Call
    from postlude._pool import Pool
    from postlude._tasks import BackgroundTasks


class GroupLane:
    """Puts the tasks of a group in line: in order, and no more at a time than the group says."""

    def __init__(
        self, pool: Pool, group: BackgroundTasks, sent: Container[int] = frozenset()
    ) -> None:
        """Prepare; nothing is in line before the first `feed`.

        Args:
            pool: Where they run.
            group: The tasks.
            sent: The places of those that an engine has already.
        """
        self._pool = pool
        self._group = group
        self._sent = sent
        self._position = 0
        self._seen = 0
        self._in_line: set[Job] = set()
        self._unfinished = 0
        self._retries: deque[Job] = deque()

    def notice(self) -> None:
        """Start what has been added, if there is room; from any thread."""
        self._pool.call_here(self.feed)

    def feed(self) -> None:
        """Put as many tasks in line as may be."""
        self._put_off()
        limit = self._group.max_concurrent
        while limit is None or len(self._in_line) < limit:
            if self._retries:
                job = self._retries.popleft()
                if not job.is_over:
                    self._in_line.add(job)
                    self._pool.line_up(job)
            elif self._position < len(self._group.entries):
                call = self._group.entries[self._position]
                self._position += 1
                if self._position - 1 not in self._sent and not self._is_put_off(call):
                    self._in_line.add(self._put(call))
            else:
                break
        self._follow()

    def passed(self, job: Job) -> None:
        """The job has ended, or waits: the next one may start."""
        self._in_line.discard(job)
        self._unfinished -= job.is_over
        self.feed()

    def come_back(self, job: Job) -> None:
        """The job has waited until it was due."""
        self._retries.append(job)
        self.feed()

    def give_up(self) -> list[Call]:
        """The calls that are not in line yet, and now never will be."""
        rest = range(self._position, len(self._group.entries))
        self._position += len(rest)
        calls = [(place, self._group.entries[place]) for place in rest]
        return [
            call
            for place, call in calls
            if place not in self._sent and (place >= self._seen or not self._is_put_off(call))
        ]

    def _put_off(self) -> None:
        # All at once and not when it is their turn: their delays count from now.
        entries = self._group.entries
        for call in entries[self._seen :] if self._seen < len(entries) else ():
            self._seen += 1
            if self._is_put_off(call):
                self._put(call)

    def _is_put_off(self, call: Call) -> bool:
        return call.options.delay is not None and engine_for(call, self._pool.engine) is None

    def _put(self, call: Call) -> Job:
        engine = engine_for(call, self._pool.engine)
        local = call if engine is None else sending(call, engine)
        job = Job(local, self, audience=self._pool.audience)
        self._unfinished += 1
        self._pool.put(job)
        return job

    def _follow(self) -> None:
        # A group may outlive this: it is told of us only as long as we have something to do.
        followers = self._group.followers
        if self._unfinished and self not in followers:
            followers.append(self)
        elif not self._unfinished and self in followers:
            followers.remove(self)
