"""Jobs by their id."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from postlude._job import Job


class History:
    """All jobs that have not ended, and the last ones that have."""

    def __init__(self, size: int) -> None:
        """Begin with none; `size` is how many that have ended are kept."""
        self._size = size
        self._jobs: dict[str, Job] = {}
        self._ended: deque[Job] = deque()

    def begin(self, job: Job) -> None:
        """Know a job from now on."""
        self._jobs[job.task_id] = job

    def end(self, job: Job) -> None:
        """Note that a job has ended, and forget the one that ended longest ago."""
        self._ended.append(job)
        if len(self._ended) > self._size:
            oldest = self._ended.popleft()
            # An id may be given again with `task_id=`: then it belongs to the later job.
            if self._jobs.get(oldest.task_id) is oldest:
                del self._jobs[oldest.task_id]

    def get(self, task_id: str) -> Job | None:
        """The job of that id, the last one if there were several."""
        return self._jobs.get(task_id)
