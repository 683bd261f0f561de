"""Lilya: tasks that type checkers accept as `background=`, and `@after_response`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import postlude
from postlude._request import advising, attaching
from postlude.errors import MissingDependency

try:
    from lilya import background as lilya_background
    from lilya.encoders import json_encode
    from lilya.responses import Ok, Response
except ModuleNotFoundError as error:
    raise MissingDependency("lilya", extra="lilya") from error

if TYPE_CHECKING:
    from collections.abc import Callable

    from postlude._request import Background

F = TypeVar("F", bound="Callable[..., Any]")
_SPARED = " (after HEAD and OPTIONS, Lilya runs nothing)"


class BackgroundTask(postlude.BackgroundTask, lilya_background.Task):  # type: ignore[misc]
    """`postlude.BackgroundTask` that is also Lilya's `Task`.

    Example:
        ```python
        import asyncio

        from lilya.responses import PlainText
        from postlude.frameworks.lilya import BackgroundTask


        async def send_email(to: str) -> None:
            print("email to", to)


        async def main() -> None:
            response = PlainText(
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


class BackgroundTasks(postlude.BackgroundTasks, lilya_background.Tasks):  # type: ignore[misc]  # pyright: ignore[reportIncompatibleMethodOverride]
    """`postlude.BackgroundTasks` that is also Lilya's `Tasks`.

    Example:
        ```python
        import asyncio

        from lilya.responses import PlainText
        from postlude.frameworks.lilya import BackgroundTasks


        async def send_email(to: str) -> None:
            print("email to", to)


        async def main() -> None:
            tasks = BackgroundTasks()
            tasks.add_task(send_email, "ada@example.com")
            tasks.add_task(send_email, "bob@example.com")
            response = PlainText(content="registered", background=tasks)
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

    The handler is a function, sync or async, that returns a response or a plain value, which
    becomes the JSON response that Lilya makes of it. Put the decorator right above the `def`.

    Lilya runs no background work after HEAD and OPTIONS.

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

        from postlude.frameworks.lilya import BackgroundTask, after_response


        async def count_visit(page: str) -> None:
            print("counted", page)


        @after_response(BackgroundTask(count_visit, "/home"))
        async def home() -> dict[str, str]:
            return {"page": "home"}


        async def main() -> None:
            response = await home()
            print(response.body)
            await response.background()  # what Lilya does next


        asyncio.run(main())
        ```

        ```text title="Output"
        b'{"page":"home"}'
        counted /home
        ```
    """
    return attaching(background, _response, spared=True)


def _response(_name: str, value: Any) -> Any:
    if isinstance(value, Response):
        return value
    return Ok(None if value is None else json_encode(value))
