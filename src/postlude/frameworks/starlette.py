"""Starlette: tasks that type checkers accept as `background=`, and `@after_response`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import postlude
from postlude._request import advising, attaching, no_response
from postlude.errors import MissingDependency

try:
    from starlette import background as starlette_background
    from starlette.responses import Response
except ModuleNotFoundError as error:
    raise MissingDependency("starlette", extra="starlette") from error

if TYPE_CHECKING:
    from collections.abc import Callable

    from postlude._request import Background

F = TypeVar("F", bound="Callable[..., Any]")


class BackgroundTask(postlude.BackgroundTask, starlette_background.BackgroundTask):  # type: ignore[misc]
    """`postlude.BackgroundTask` that is also Starlette's.

    Example:
        ```python
        import asyncio

        from postlude.frameworks.starlette import BackgroundTask
        from starlette.responses import PlainTextResponse


        async def send_email(to: str) -> None:
            print("email to", to)


        async def main() -> None:
            response = PlainTextResponse(
                content="registered", background=BackgroundTask(send_email, "ada@example.com")
            )
            await response.background()


        asyncio.run(main())
        ```

        ```text title="Output"
        email to ada@example.com
        ```
    """


class BackgroundTasks(postlude.BackgroundTasks, starlette_background.BackgroundTasks):  # type: ignore[misc]  # pyright: ignore[reportIncompatibleMethodOverride]
    """`postlude.BackgroundTasks` that is also Starlette's.

    Example:
        ```python
        import asyncio

        from postlude.frameworks.starlette import BackgroundTasks
        from starlette.responses import PlainTextResponse


        async def send_email(to: str) -> None:
            print("email to", to)


        async def main() -> None:
            tasks = BackgroundTasks()
            tasks.add_task(send_email, "ada@example.com")
            tasks.add_task(send_email, "bob@example.com")
            response = PlainTextResponse(content="registered", background=tasks)
            await response.background()


        asyncio.run(main())
        ```

        ```text title="Output"
        email to ada@example.com
        email to bob@example.com
        ```
    """


@advising
def after_response(background: Background) -> Callable[[F], F]:
    """Decorate a handler so that tasks run after each of its responses.

    The handler is a function, sync or async, that returns a response. Put the decorator right above
    the `def`.

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

        from postlude.frameworks.starlette import BackgroundTask, after_response
        from starlette.responses import PlainTextResponse


        async def count_visit(page: str) -> None:
            print("counted", page)


        @after_response(BackgroundTask(count_visit, "/home"))
        async def home() -> PlainTextResponse:
            return PlainTextResponse("Welcome")


        async def main() -> None:
            response = await home()
            print(response.body)
            await response.background()  # what Starlette does next


        asyncio.run(main())
        ```

        ```text title="Output"
        b'Welcome'
        counted /home
        ```
    """
    return attaching(background, _response)


def _response(name: str, value: Any) -> Any:
    if isinstance(value, Response):
        return value
    raise no_response(name, value, advice="return JSONResponse(...) or another Starlette response")
