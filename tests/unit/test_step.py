"""A coroutine that is stepped through in a context of its own, up to its end or before."""

from __future__ import annotations

import contextvars
import types
from typing import TYPE_CHECKING, Any

from postlude._step import step

if TYPE_CHECKING:
    from collections.abc import Generator

place: contextvars.ContextVar[str] = contextvars.ContextVar("place", default="nowhere")


@types.coroutine
def ask(question: str) -> Generator[str, str, str]:
    """Wait, as an event loop sees it."""
    return (yield question)


def test_what_is_closed_before_its_end_cleans_up_in_its_own_context() -> None:
    seen: list[str] = []

    async def work() -> None:
        place.set("within")
        try:
            await ask("how long?")
        finally:
            seen.append(place.get())

    stepping: Any = step(contextvars.copy_context(), work())
    assert stepping.send(None) == "how long?"
    stepping.close()
    assert seen == ["within"]
    assert place.get() == "nowhere"
