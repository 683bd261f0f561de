"""Litestar: tasks that type checkers accept as `background=`, and `@after_response`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

import postlude
from postlude._request import attaching
from postlude.errors import MissingDependency

try:
    from litestar import Response, background_tasks
    from litestar.response.base import ASGIResponse
except ModuleNotFoundError as error:
    raise MissingDependency("litestar", extra="litestar") from error

if TYPE_CHECKING:
    from collections.abc import Callable

    from postlude._request import Background

F = TypeVar("F", bound="Callable[..., Any]")


class BackgroundTask(postlude.BackgroundTask, background_tasks.BackgroundTask):  # type: ignore[misc]
    """`postlude.BackgroundTask` that is also Litestar's.

    Example:
        ```python
        import asyncio

        from litestar import Response
        from postlude.frameworks.litestar import BackgroundTask


        async def send_email(to: str) -> None:
            print("email to", to)


        async def main() -> None:
            response = Response(
                content="registered", background=BackgroundTask(send_email, "ada@example.com")
            )
            await response.background()


        asyncio.run(main())
        ```

        ```text title="Output"
        email to ada@example.com
        ```
    """

    @property
    def fn(self) -> Callable[..., Any]:  # type: ignore[override]
        """The function, under Litestar's name for it."""
        return self.func


class BackgroundTasks(postlude.BackgroundTasks, background_tasks.BackgroundTasks):  # type: ignore[misc]
    """`postlude.BackgroundTasks` that is also Litestar's.

    Example:
        ```python
        import asyncio

        from litestar import Response
        from postlude.frameworks.litestar import BackgroundTasks


        async def send_email(to: str) -> None:
            print("email to", to)


        async def main() -> None:
            tasks = BackgroundTasks()
            tasks.add_task(send_email, "ada@example.com")
            tasks.add_task(send_email, "bob@example.com")
            response = Response(content="registered", background=tasks)
            await response.background()


        asyncio.run(main())
        ```

        ```text title="Output"
        email to ada@example.com
        email to bob@example.com
        ```
    """

    run_in_task_group = False


def after_response(background: Background) -> Callable[[F], F]:
    """Decorate a handler so that tasks run after each of its responses.

    The handler is a function, sync or async, that returns a response or a plain value; the
    route's status code and media type hold for both. Put it right above the `def`, below the route
    decorator.

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

        from postlude.frameworks.litestar import BackgroundTask, after_response


        async def count_visit(page: str) -> None:
            print("counted", page)


        @after_response(BackgroundTask(count_visit, "/home"))
        async def home() -> dict[str, str]:
            return {"page": "home"}


        async def main() -> None:
            response = await home()
            print(response.content)
            await response.background()  # what Litestar does next


        asyncio.run(main())
        ```

        ```text title="Output"
        {'page': 'home'}
        counted /home
        ```
    """
    return attaching(background, _response)


def _response(_name: str, value: Any) -> Any:
    is_response = isinstance(value, Response | ASGIResponse)
    return cast("Any", value if is_response else Response[Any](value))
