"""The tasks of a store as they go on."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import anyio
from postlude._status import TaskStatus
from postlude.cli._drawing import STYLES
from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.text import Text

if TYPE_CHECKING:
    from postlude.queue._sqlite_store import SQLiteStore

_LEFT = (TaskStatus.PENDING, TaskStatus.RUNNING, TaskStatus.RETRYING)


async def watching(
    store: SQLiteStore, *, queue: str | None, until_done: bool, interval: float
) -> None:
    """Show the counts until interrupted, or until nothing is left.

    In a terminal they stay in one place; elsewhere there is a line whenever they change.
    """
    console = Console()
    if not sys.stdout.isatty():
        await _write_lines(store, console, queue, until_done, interval)
        return
    with Live(console=console, auto_refresh=False) as live:
        while True:
            counts = await store.counts(queue=queue)
            live.update(_picture(counts), refresh=True)
            if until_done and not _left(counts):
                return
            await anyio.sleep(interval)


async def _write_lines(
    store: SQLiteStore, console: Console, queue: str | None, until_done: bool, interval: float
) -> None:
    before = ""
    while True:
        counts = await store.counts(queue=queue)
        line = str(_words(counts))
        if line != before:
            console.print(line, highlight=False, soft_wrap=True)
            before = line
        if until_done and not _left(counts):
            return
        await anyio.sleep(interval)


def _picture(counts: dict[TaskStatus, int]) -> Group:
    total = sum(counts.values())
    bar = ProgressBar(total=max(total, 1), completed=total - _left(counts), width=60)
    return Group(bar, _words(counts))


def _words(counts: dict[TaskStatus, int]) -> Text:
    words = Text()
    for status, number in counts.items():
        if number:
            words.append("  " if words else "")
            words.append(f"{number} {status}", style=STYLES[status])
    return words or Text("no tasks")


def _left(counts: dict[TaskStatus, int]) -> int:
    return sum(counts[status] for status in _LEFT)
