"""Forks of the process: no connection is open while one happens."""

from __future__ import annotations

import os
import weakref
from typing import Protocol


class Forked(Protocol):
    """What has to know."""

    def before_fork(self) -> None:
        """The process is about to be copied."""
        ...

    def after_fork(self) -> None:
        """It has been, and this is the parent."""
        ...

    def begin(self) -> None:
        """It has been, and this is the child."""
        ...


_watched: weakref.WeakSet[Forked] = weakref.WeakSet()
_forking: list[Forked] = []


def watch(forked: Forked) -> None:
    """Tell it of forks."""
    _watched.add(forked)


# SQLite keeps account of its locks by process and file. A child that was forked with an open
# connection would take its parent's locks for its own, and a checkpoint could pull the log from
# under it: so even a new connection in the child is safe only if there was none at the fork.
def _before() -> None:
    _forking[:] = _watched
    for forked in _forking:
        forked.before_fork()


def _in_parent() -> None:
    for forked in _forking:
        forked.after_fork()
    _forking.clear()


def _in_child() -> None:
    for forked in _forking:
        forked.begin()
    _forking.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)
