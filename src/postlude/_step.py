"""A coroutine run in a context of its own, within the task that awaits it."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any, NoReturn, cast

if TYPE_CHECKING:
    from collections.abc import Awaitable, Generator
    from contextvars import Context


@types.coroutine
def step(context: Context, awaitable: Awaitable[Any]) -> Generator[Any, Any, Any]:
    """Await `awaitable` so that all of its code sees `context`.

    A task of the event loop would do the same, but costs ten times as much, knows only one
    library, and has to be cancelled and waited for by hand.
    """
    coroutine = sendable(awaitable)
    try:
        asked = context.run(coroutine.send, None)
    except StopIteration as stop:
        return stop.value
    return (yield from proceed(context, coroutine, asked))


def proceed(context: Context, coroutine: Any, asked: Any) -> Generator[Any, Any, Any]:
    """Drive a coroutine that has begun and waits for what it `asked` of the event loop."""
    resume: Any
    while True:
        try:
            value = yield asked
        except GeneratorExit:
            context.run(coroutine.close)
            raise
        except BaseException as error:
            resume, value = coroutine.throw, error
        else:
            resume = coroutine.send
        try:
            asked = context.run(resume, value)
        except StopIteration as stop:
            return stop.value


proceeding = types.coroutine(proceed)


def sendable(awaitable: Any) -> Any:
    """The awaitable as an object with `send`, `throw` and `close`."""
    if type(awaitable) is types.CoroutineType:
        return cast("Any", awaitable)
    return _plain(awaitable)


async def _plain(awaitable: Awaitable[Any]) -> Any:
    return await awaitable


async def raising(error: BaseException) -> NoReturn:
    """Raise the error where it is awaited."""
    raise error
