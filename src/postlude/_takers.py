"""The runners of an event loop, for a task that is to be handed over to one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from anyio.lowlevel import RunVar
from postlude._current import open_request
from postlude._diversion import Place
from postlude.errors import RunnerClosed

if TYPE_CHECKING:
    from postlude._call import Call
    from postlude._handle import TaskHandle
    from postlude.protocols import Engine


class Taker(Place, Protocol):
    """A runner, as a task sees it."""

    @property
    def engine(self) -> Engine | None:
        """Where its tasks go whose functions are marked."""
        ...

    async def take(self, call: Call) -> TaskHandle:
        """Have the call run soon."""
        ...


_takers: RunVar[list[Taker]] = RunVar("postlude_takers")


def takers() -> list[Taker]:
    """The runners that are open in this event loop, the last one opened at the end."""
    try:
        return _takers.get()
    except LookupError:
        none: list[Taker] = []
        _takers.set(none)
        return none


def taker_in_force() -> Taker:
    """The runner of the open request, or else the event loop's.

    Raises:
        RunnerClosed: There is none.
    """
    taker = taker_if_any()
    if taker is None:
        raise RunnerClosed(
            "no runner is open in this event loop: write `async with TaskRunner():` around it, or "
            "wrap the application in PostludeMiddleware"
        )
    return taker


def taker_if_any() -> Taker | None:
    """As `taker_in_force`; `None` if there is none."""
    request = open_request.get()
    if request is not None and request.taker is not None:
        return cast("Taker", request.taker)
    return open_here[-1] if (open_here := takers()) else None
