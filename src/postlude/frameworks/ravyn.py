"""Ravyn: tasks that type checkers accept as `background=`, and `@after_response`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import postlude
from postlude._request import advising, attaching, no_response
from postlude.errors import MissingDependency

try:
    from lilya.responses import Response
    from ravyn import background as ravyn_background
except ModuleNotFoundError as error:
    raise MissingDependency("ravyn", extra="ravyn") from error

if TYPE_CHECKING:
    from collections.abc import Callable

    from postlude._request import Background

F = TypeVar("F", bound="Callable[..., Any]")
_SPARED = " (after HEAD and OPTIONS, Ravyn runs nothing)"


class BackgroundTask(postlude.BackgroundTask, ravyn_background.BackgroundTask):  # type: ignore[misc]
    """`postlude.BackgroundTask` that is also Ravyn's.

    Example:
        ```python
        import asyncio

        from postlude.frameworks.ravyn import BackgroundTask
        from ravyn import JSONResponse


        async def send_email(to: str) -> None:
            print("email to", to)


        async def main() -> None:
            response = JSONResponse(
                content="registered", background=BackgroundTask(send_email, "ada@example.com")
            )
            await response.background()


        asyncio.run(main())
        ```

        ```text title="Output"
        email to ada@example.com
        ```
    """

    spared = _SPARED

    def __to_representation__(self) -> list[tuple[str, object]]:
        # Lilya builds `str()` and pretty printing from this; its own would show the arguments.
        return [("name", self.name)]


class BackgroundTasks(postlude.BackgroundTasks, ravyn_background.BackgroundTasks):  # type: ignore[misc]  # pyright: ignore[reportIncompatibleMethodOverride]
    """`postlude.BackgroundTasks` that is also Ravyn's.

    Example:
        ```python
        import asyncio

        from postlude.frameworks.ravyn import BackgroundTasks
        from ravyn import JSONResponse


        async def send_email(to: str) -> None:
            print("email to", to)


        async def main() -> None:
            tasks = BackgroundTasks()
            tasks.add_task(send_email, "ada@example.com")
            tasks.add_task(send_email, "bob@example.com")
            response = JSONResponse(content="registered", background=tasks)
            await response.background()


        asyncio.run(main())
        ```

        ```text title="Output"
        email to ada@example.com
        email to bob@example.com
        ```
    """

    spared = _SPARED

    def __to_representation__(self) -> list[tuple[str, object]]:
        return [("tasks", len(self.tasks))]


@advising
def after_response(background: Background) -> Callable[[F], F]:
    """Decorate a handler so that tasks run after each of its responses.

    The handler is a function, sync or async, that returns a response; unlike `background=` on
    the route decorator, this works for every return annotation. Put it right above the `def`, below
    the route decorator. For a handler that returns a plain value, use `background=` on the route
    decorator.

    Ravyn runs no background work after HEAD and OPTIONS.

    Args:
        background: A task or a group. Each request runs a copy of its own, made with that
            request's context variables, before what the response brings itself.

    Returns:
        A decorator that keeps the handler's name and signature.

    Raises:
        TypeError: `background` is no task, or (during the request) the handler
            returned something that is no response.

    Example:
        ```python
        import asyncio

        from postlude.frameworks.ravyn import BackgroundTask, after_response
        from ravyn import JSONResponse


        async def count_visit(page: str) -> None:
            print("counted", page)


        @after_response(BackgroundTask(count_visit, "/home"))
        async def home() -> JSONResponse:
            return JSONResponse({"page": "home"})


        async def main() -> None:
            response = await home()
            print(response.body)
            await response.background()  # what Ravyn does next


        asyncio.run(main())
        ```

        ```text title="Output"
        b'{"page":"home"}'
        counted /home
        ```
    """
    return attaching(background, _response, spared=True)


def _response(name: str, value: Any) -> Any:
    if isinstance(value, Response):
        return value
    raise no_response(
        name,
        value,
        advice="return JSONResponse(...), or give the task to the route decorator: "
        "@get(..., background=task)",
    )
