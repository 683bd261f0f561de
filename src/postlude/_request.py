"""Tasks fastened to the response of one request."""

from __future__ import annotations

import copy
import functools
import inspect
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

from postlude._call import name_of
from postlude._task import BackgroundTask
from postlude._tasks import BackgroundTasks

if TYPE_CHECKING:
    from collections.abc import Callable

Background: TypeAlias = BackgroundTask | BackgroundTasks
F = TypeVar("F", bound="Callable[..., Any]")
R = TypeVar("R")


def checked_background(background: object) -> Background:
    """The value, if it can be run after a response.

    Raises:
        TypeError: It is neither a task nor a group.
    """
    if isinstance(background, BackgroundTask | BackgroundTasks):
        background.used = True
        return background
    got = name_of(background) if callable(background) else f"an object of {type(background)}"
    raise TypeError(
        f"after_response() takes a BackgroundTask or BackgroundTasks, got {got}: "
        "write @after_response(BackgroundTask(function, ...))"
    )


def checked_handler(handler: object) -> None:
    """Refuse what cannot be a handler that returns a response.

    Raises:
        TypeError: It is no function, or one that yields.
    """
    if not callable(handler):
        raise TypeError(
            f"after_response() decorates a handler function, got an object of type "
            f"{type(handler).__name__!r}: put @after_response(...) right above the def, "
            "below the route decorator"
        )
    if inspect.isgeneratorfunction(handler) or inspect.isasyncgenfunction(handler):
        raise TypeError(
            f"after_response() cannot decorate {name_of(handler)}(), which yields: "
            "return a streaming response with background= instead"
        )


def decorated(handler: Callable[..., R], finish: Callable[[Any], Any]) -> Callable[..., R]:
    """The handler with `finish` applied to what it returns; sync stays sync."""
    checked_handler(handler)
    if inspect.iscoroutinefunction(handler):

        @functools.wraps(handler)
        async def handling_async(*args: Any, **kwargs: Any) -> Any:
            return finish(await handler(*args, **kwargs))

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
    return both


def with_background(response: Any, background: Background) -> Any:
    """A copy of the response that runs `background` after it.

    A copy, because a response may be kept and returned again, and must not gather the tasks of
    earlier requests.
    """
    marked = copy.copy(response)
    marked.background = joined(background, response.background)
    return marked


def attaching(background: Background, as_response: Callable[[str, Any], Any]) -> Callable[[F], F]:
    """A decorator for handlers.

    Args:
        background: What to run after each response.
        as_response: Given the handler's name and what it returned, the response to attach to.
    """
    checked_background(background)

    def decorate(handler: F) -> F:
        name = name_of(handler)
        return cast(
            "F",
            decorated(handler, lambda value: with_background(as_response(name, value), background)),
        )

    return decorate


def no_response(name: str, value: object, *, advice: str) -> TypeError:
    """The error for a handler that returned something tasks cannot be attached to."""
    return TypeError(f"{name}() returned {type(value).__name__!r}, which is no response: {advice}")


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
