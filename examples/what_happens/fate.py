"""What has become of a task whose server had to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from examples.what_happens.server import Server


def fate(server: Server, task: str, *, since: float) -> str:
    """The text of a cell, once the server is gone.

    Args:
        server: The one that was told to stop.
        task: The name of its function, which the log may say.
        since: When it was told so.
    """
    for at, what in server.told_lines:
        if what == "task ends":
            return "runs to its end"
        if what == "task is cancelled":
            return f"is cancelled after {int(at - since + 0.03)} s"
    if any(f"'{task}'" in line for line in server.log):
        return "never ends; a warning names it"
    return "never ends, without a word"
