"""Where tasks stand now: how many wait, and how many run."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from postlude._events import TaskEnded, TaskRetried, TaskStarted, TaskSubmitted

if TYPE_CHECKING:
    from collections.abc import Callable

    from postlude._events import TaskEvent


class Standing:
    """Two gauges for each label, moved by events; not safe for threads by itself.

    Attributes:
        pending: How many wait for their first attempt or for their next one.
        running: How many attempts are under way.
    """

    def __init__(self, label: Callable[[str], str]) -> None:
        """Begin with none; `label` gives what a task's name is counted under."""
        self.pending: Counter[str] = Counter()
        self.running: Counter[str] = Counter()
        self._label = label
        # A task that is cancelled has been called before if it waited for its retry.
        self._waiting: set[str] = set()

    def see(self, event: TaskEvent) -> None:
        """Move the gauges."""
        label = self._label(event.name)
        match event:
            case TaskSubmitted():
                self.pending[label] += 1
            case TaskStarted():
                self._waiting.discard(event.task_id)
                self.leave(self.pending, label)
                self.running[label] += 1
            case TaskRetried():
                self._waiting.add(event.task_id)
                self.leave(self.running, label)
                self.pending[label] += 1
            case TaskEnded():
                waited = event.task_id in self._waiting or not event.attempt
                self._waiting.discard(event.task_id)
                self.leave(self.pending if waited else self.running, label)

    @staticmethod
    def leave(gauge: Counter[str], label: str) -> None:
        """One less, but not less than none: it may have come before anyone listened."""
        if gauge[label] > 1:
            gauge[label] -= 1
        else:
            del gauge[label]
