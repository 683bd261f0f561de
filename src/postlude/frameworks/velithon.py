"""Velithon: tasks that type checkers accept, `@after_response`, and the middleware for RSGI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import postlude
from postlude._request import advising, attaching
from postlude.errors import MissingDependency
from postlude.rsgi import PostludeMiddleware as PostludeMiddleware

try:
    from velithon.responses import JSONResponse, Response
    from velithon.serialization import auto_serialize_response
except ModuleNotFoundError as error:
    raise MissingDependency("velithon", extra="velithon") from error

if TYPE_CHECKING:
    from collections.abc import Callable

    from postlude._request import Background
    from velithon.background import BackgroundTask as VelithonTask
else:
    # Velithon's own is written in Rust and cannot be subclassed; only type checkers ask for it.
    VelithonTask = object

F = TypeVar("F", bound="Callable[..., Any]")


class BackgroundTask(postlude.BackgroundTask, VelithonTask):
    """`postlude.BackgroundTask` that type checkers take for Velithon's.

    Example:
        ```python
        import asyncio

        from postlude.frameworks.velithon import BackgroundTask
        from velithon.responses import PlainTextResponse


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


# Its responses are annotated with a single task, and take a group as well.
class BackgroundTasks(postlude.BackgroundTasks, VelithonTask):  # type: ignore[override]
    """`postlude.BackgroundTasks` that type checkers take for what Velithon's responses want.

    Example:
        ```python
        import asyncio

        from postlude.frameworks.velithon import BackgroundTasks
        from velithon.responses import PlainTextResponse


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

    The handler is a function, sync or async, that returns a response or a plain value, which
    becomes the JSON response that Velithon makes of it. Put the decorator right above the `def`,
    below `@app.get(...)`.

    Args:
        background: A task or a group. Each request runs a copy of its own, made with that
            request's context variables, before what the response brings itself.

    Returns:
        A decorator that keeps the handler's name and signature.

    Raises:
        TypeError: `background` is no task, or the handler is no function.

    Example:
        ```python
        import asyncio

        from postlude.frameworks.velithon import BackgroundTask, after_response


        async def count_visit(page: str) -> None:
            print("counted", page)


        @after_response(BackgroundTask(count_visit, "/home"))
        async def home() -> dict[str, str]:
            return {"page": "home"}


        async def main() -> None:
            response = await home()
            print(response.body)
            await response.background()  # what Velithon does next


        asyncio.run(main())
        ```

        ```text title="Output"
        b'{"page":"home"}'
        counted /home
        ```
    """
    return attaching(background, _response)


def _response(_name: str, value: Any) -> Any:
    if isinstance(value, Response):
        return value
    try:
        return auto_serialize_response(value)
    except TypeError:  # what Velithon itself does then
        return JSONResponse({"message": value})
