"""The list of a group, in which whatever somebody puts there is a task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from postlude._call import name_of
from postlude._task import BackgroundTask

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self


class Follower(Protocol):
    """Who runs a group, and is told when it grows."""

    def notice(self) -> None:
        """A task was added, in any thread."""
        ...


class Entries(list[BackgroundTask]):
    """The tasks of a group.

    Those who know the groups of a framework change the list itself, and put its own tasks or
    functions into it. They become tasks there and then, so that who runs the list has to look at
    none of them.

    Attributes:
        followers: Who is told when it grows.
    """

    __slots__ = ("followers",)

    followers: list[Follower]

    def append(self, entry: object, /) -> None:
        """Put it at the end, as a task."""
        super().append(_as_task(entry))
        self.notify()

    def insert(self, position: Any, entry: object, /) -> None:
        """Put it there, as a task."""
        super().insert(position, _as_task(entry))
        self.notify()

    def extend(self, entries: Iterable[object], /) -> None:
        """Put each at the end, as a task."""
        for entry in [*entries]:
            self.append(entry)

    def __iadd__(self, entries: Iterable[object], /) -> Self:  # type: ignore[misc, override]
        self.extend(entries)
        return self

    def __setitem__(self, position: Any, value: Any, /) -> None:
        is_slice = isinstance(position, slice)
        tasks: Any = [*map(_as_task, value)] if is_slice else _as_task(value)
        super().__setitem__(position, tasks)
        self.notify()

    def notify(self) -> None:
        """Tell the followers, of whom the list knows nothing else."""
        for follower in tuple(self.followers):
            follower.notice()


def entries_of(values: Iterable[object], followers: list[Follower]) -> Entries:
    """A list in which each of them is a task."""
    entries = Entries([_as_task(value) for value in values])
    entries.followers = followers
    return entries


class _Misfit:
    """Stands in for what cannot be run, and fails with the reason."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    async def __call__(self) -> None:
        raise TypeError(self._reason)


def _as_task(entry: Any) -> BackgroundTask:
    if isinstance(entry, BackgroundTask):
        task = entry
    else:
        try:
            task = BackgroundTask(entry)
        except TypeError as error:
            # Not here: nothing that stands in the list may keep the others from being run.
            misfit = _Misfit(f"{error}{_ADVICE}" if callable(entry) else str(error))
            task = BackgroundTask(misfit).with_options(name=name_of(entry))
    task.used = True
    return task


_ADVICE = (
    ". It was put into the list of a group as it is: write add_task(function, ...) "
    "with the arguments after it"
)
