"""Tasks fastened to the response of one request."""

from __future__ import annotations

import copy
import functools
import inspect
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

from postlude._call import name_of
from postlude._handler import checked_handler, has_socket, is_hang_up
from postlude._task import BackgroundTask
from postlude._tasks import BackgroundTasks

if TYPE_CHECKING:
    from collections.abc import Callable

Background: TypeAlias = BackgroundTask | BackgroundTasks
F = TypeVar("F", bound="Callable[..., Any]")
D = TypeVar("D", bound="Callable[..., Any]")
R = TypeVar("R")


def checked_background(background: object) -> Background:
    """The value, if it can be run after a response.

    Raises:
        TypeError: It is neither a task nor a group.
    """
    if isinstance(background, BackgroundTask | BackgroundTasks):
        background.used = True
        return background
    raise TypeError(
        f"after_response() takes a BackgroundTask or BackgroundTasks, {_instead(background)}"
    )


def _instead(got: object) -> str:
    if inspect.iscoroutine(got):
        name = name_of(got)
        got.close()
        return (
            f"got the coroutine that {name}(...) gives: "
            f"write @after_response(BackgroundTask({name}, ...))"
        )
    if isinstance(got, list | tuple | set):
        kind = type(cast("object", got)).__name__
        return (
            f"got a {kind}: several tasks are a group, "
            "write @after_response(BackgroundTasks([task, ...]))"
        )
    what = name_of(got) if callable(got) else f"an object of type {type(got).__name__!r}"
    return f"got {what}: write @after_response(BackgroundTask(function, ...))"


def advising(function: D) -> D:
    """`after_response`, which says what to write when it is called with nothing."""

    @functools.wraps(function)
    def advised(*args: Any, **kwargs: Any) -> Any:
        if not args and not kwargs:
            raise TypeError(
                "after_response() needs what to run: "
                "write @after_response(BackgroundTask(function, ...))"
            )
        return function(*args, **kwargs)

    return cast("D", advised)


def decorated(
    handler: Callable[..., R], background: Background, finish: Callable[[Any], Any]
) -> Callable[..., R]:
    """The handler with `finish` applied to what it returns; sync stays sync.

    A handler of a WebSocket has no response: what it leaves runs when it ends.
    """
    checked_handler(handler)
    if inspect.iscoroutinefunction(handler):

        @functools.wraps(handler)
        async def handling_async(*args: Any, **kwargs: Any) -> Any:
            try:
                value = await handler(*args, **kwargs)
            except Exception as error:
                if is_hang_up(error):
                    await background.renewed()()
                raise
            if value is None and has_socket(args, kwargs):
                return await background.renewed()()
            return finish(value)

        return handling_async  # type: ignore[return-value]

    @functools.wraps(handler)
    def handling(*args: Any, **kwargs: Any) -> R:
        return finish(handler(*args, **kwargs))  # type: ignore[no-any-return]

    return handling


def joined(background: Background, existing: Any) -> Any:
    """A fresh copy of `background`, followed by what the response had already."""
    fresh = background.renewed()
    if existing is None:
        return fresh
    both = BackgroundTasks()
    if isinstance(fresh, BackgroundTask):
        both.add(fresh)
    else:
        both.add_task(fresh)
    both.add_task(existing)
    if isinstance(existing, BackgroundTask | BackgroundTasks):
        existing.used = True  # what becomes of both is what becomes of it
    return both


def with_background(response: Any, background: Background) -> Any:
    """A copy of the response that runs `background` after it.

    A copy, because a response may be kept and returned again, and must not gather the tasks of
    earlier requests.
    """
    marked = copy.copy(response)
    marked.background = joined(background, response.background)
    return marked


def attaching(
    background: Background, as_response: Callable[[str, Any], Any], *, spared: bool = False
) -> Callable[[F], F]:
    """A decorator for handlers.

    Args:
        background: What to run after each response.
        as_response: Given the handler's name and what it returned, the response to attach to.
        spared: Whether the framework has requests after which it runs nothing.
    """
    checked_background(background)

    def decorate(handler: F) -> F:
        def finish(value: Any) -> Any:
            response = with_background(as_response(name_of(handler), value), background)
            response.background.used |= spared
            return response

        return cast("F", decorated(handler, background, finish))

    return decorate


def no_response(name: str, value: object, *, advice: str) -> TypeError:
    """The error for a handler that returned something tasks cannot be attached to."""
    return TypeError(f"{name}() returned {type(value).__name__!r}, which is no response: {advice}")


@advising
def after_response(background: Background) -> Callable[[F], F]:
    """Decorate a handler so that tasks run after each of its responses.

    Works with every framework whose responses have a `background` attribute; the handler must
    return such a response. For handlers that return plain values, import `after_response` from
    `postlude.frameworks.fastapi` (or `.litestar`). Put it right above the `def`, below the
    route decorator.

    Args:
        background: A task or a group. Each request runs a copy of its own, made with that
            request's context variables, before what the response brings itself.

    Returns:
        A decorator that keeps the handler's name and signature.

    Raises:
        TypeError: `background` is no task, the handler is no function, or (during the request)
            it returned something that is no response.

    Example:
        ```python
        import asyncio
        from dataclasses import dataclass
        from typing import Any

        from postlude import BackgroundTask, after_response


        @dataclass
        class Response:
            body: str
            background: Any = None


        async def count_visit(page: str) -> None:
            print("counted", page)


        @after_response(BackgroundTask(count_visit, "/home"))
        async def home() -> Response:
            return Response("Welcome")


        async def main() -> None:
            response = await home()
            print(response.body)
            await response.background()  # what a framework does next


        asyncio.run(main())
        ```

        ```text title="Output"
        Welcome
        counted /home
        ```
    """
    return attaching(background, _any_response)


def _any_response(name: str, value: Any) -> Any:
    if hasattr(value, "background"):
        return value
    raise no_response(
        name,
        value,
        advice="return the framework's response object, or import after_response from the "
        "framework's own module, such as postlude.frameworks.fastapi",
    )
