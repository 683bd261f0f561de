"""Where tasks stand now: how many wait, and how many run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from postlude._events import TaskRetried, TaskStarted, TaskSubmitted

if TYPE_CHECKING:
    from postlude._events import TaskEvent


class Standing:
    """Two gauges for each label, moved by events; not safe for threads by itself.

    Attributes:
        pending: How many wait for their first attempt or for their next one.
        running: How many attempts are under way.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self.pending: dict[str, int] = {}
        self.running: dict[str, int] = {}
        # A task that is cancelled has been called before if it waited for its retry.
        self._waiting: set[str] = set()

    def see(self, event: TaskEvent, label: str) -> None:
        """Move the gauges of that label."""
        if isinstance(event, TaskSubmitted):
            enter(self.pending, label)
        elif isinstance(event, TaskStarted):
            if event.attempt > 1:
                self._waiting.discard(event.task_id)
            leave(self.pending, label)
            enter(self.running, label)
        elif isinstance(event, TaskRetried):
            self._waiting.add(event.task_id)
            leave(self.running, label)
            enter(self.pending, label)
        elif not event.attempt:
            leave(self.pending, label)
        elif event.task_id in self._waiting:
            self._waiting.remove(event.task_id)
            leave(self.pending, label)
        else:
            leave(self.running, label)


def enter(gauge: dict[str, int], label: str) -> None:
    """One more."""
    gauge[label] = gauge.get(label, 0) + 1


def leave(gauge: dict[str, int], label: str) -> None:
    """One less, but not less than none: it may have come before anyone listened."""
    gauge[label] = max(gauge.get(label, 0) - 1, 0)
