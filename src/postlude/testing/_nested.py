"""Tasks that stand for others."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from postlude._task import BackgroundTask
from postlude._tasks import BackgroundTasks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from postlude._call import Call


def each_task(tasks: Sequence[Call]) -> Iterator[BackgroundTask]:
    """The tasks one by one, also those of a group that is a task of another; the list may grow."""
    position = 0
    while position < len(tasks):
        task = tasks[position]
        position += 1
        if isinstance(task.func, BackgroundTasks):
            task.func.used = True
            yield from each_task(task.func.tasks)
        elif isinstance(task.func, BackgroundTask):
            yield from each_task((task.func,))
        else:
            yield cast("BackgroundTask", task)
