"""How tasks look in a terminal."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from postlude._clock import clock
from postlude._status import TaskStatus
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from postlude.queue._sqlite_lists import StoredTask

_WIDE = 10_000
STYLES = {
    TaskStatus.PENDING: "cyan",
    TaskStatus.RUNNING: "bold blue",
    TaskStatus.RETRYING: "yellow",
    TaskStatus.SUCCEEDED: "green",
    TaskStatus.FAILED: "bold red",
    TaskStatus.TIMED_OUT: "red",
    TaskStatus.CANCELLED: "dim",
}


def listing(tasks: Sequence[StoredTask]) -> Table:
    """A row for each."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for heading in ("id", "status", "attempts"):
        table.add_column(heading, no_wrap=True)
    table.add_column("age", no_wrap=True, min_width=6)  # so that columns stay where they are
    for heading in ("queue", "task"):
        table.add_column(heading, no_wrap=True)
    table.add_column("error", overflow="fold")
    for task in tasks:
        table.add_row(
            _plain(task.task_id),
            styled(task.status),
            str(task.attempts),
            age(task.enqueued_at),
            _plain(task.queue),
            _plain(task.name),
            _plain((task.error or "").partition("\n")[0]),
        )
    return table


def console_for(tasks: Sequence[StoredTask]) -> Console:
    """One that is wide enough: no cell of the listing is cut but for an error, which is folded."""
    console = Console()
    bare = listing([replace(task, error=None) for task in tasks])
    needed = console.measure(bare, options=console.options.update(max_width=_WIDE)).maximum
    return Console(width=max(console.width, needed))


def facts(task: StoredTask, *, with_arguments: bool) -> Table:
    """All that is known, a line for each."""
    table = Table.grid(padding=(0, 2))
    rows: dict[str, str | Text] = {
        "id": _plain(task.task_id),
        "task": _plain(task.name),
        "queue": _plain(task.queue),
        "priority": str(task.priority),
        "status": styled(task.status),
        "attempts": str(task.attempts),
        "worker": _plain(task.worker or ""),
        "put": when(task.enqueued_at),
        "due": when(task.due_at),
        "started": when(task.started_at),
        "ended": when(task.ended_at),
        "error": _plain(task.error or ""),
        "result": Text("" if task.result is None else json.dumps(task.result)),
    }
    if with_arguments and task.message is not None:
        rows["args"] = Text(json.dumps(task.message.args))
        rows["kwargs"] = Text(json.dumps(task.message.kwargs))
    for name, value in rows.items():
        if value:
            table.add_row(Text(name, style="dim"), value)
    return table


def _plain(text: str) -> Text:
    """A text that does nothing to a terminal but stand there."""
    shown = (each if each.isprintable() or each == "\n" else _escaped(each) for each in text)
    return Text("".join(shown))


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()


def styled(status: TaskStatus) -> Text:
    """The status in its colour."""
    return Text(str(status), style=STYLES.get(status, ""))


def when(moment: datetime | None) -> str:
    """A moment as this computer's clocks show it."""
    return "" if moment is None else f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"


def age(moment: datetime | None) -> str:
    """How long ago a moment was, in its largest unit."""
    if moment is None:
        return ""
    seconds = max(0, int((clock().utcnow() - moment).total_seconds()))
    for unit, size in _UNITS.items():
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


_UNITS = {"d": 86400, "h": 3600, "min": 60}
