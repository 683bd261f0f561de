"""The request that is open where code runs, and its id."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Protocol


class Keeper(Protocol):
    """An open request, or the task that runs where none is, as other tasks see it."""

    @property
    def taker(self) -> object:
        """The runner that its tasks go to; `None` if it has none to say."""
        ...

    def hold(self, work: object) -> bool:
        """Keep a task or a group for after the response; `False`: run it where you are."""
        ...


open_request: ContextVar[Keeper | None] = ContextVar("postlude_open_request", default=None)
request_id: ContextVar[str | None] = ContextVar("postlude_request_id", default=None)
"""The id of the request that code runs for; `None` where there is none.

`PostludeMiddleware` sets it from the header `X-Request-ID`, if the request has one. Middleware of
your own can set it just as well: a task keeps the id that was set where it was created, and it
stands in each event and log record of the task.
"""
