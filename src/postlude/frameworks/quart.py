"""Quart: `@after_response`, and the extension that gives an application its runner."""

from __future__ import annotations

import asyncio
import functools
import inspect
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

import postlude
from postlude._handler import checked_handler
from postlude._request import advising, checked_background
from postlude.errors import MissingDependency, NoActiveRequest

try:
    import quart
except ModuleNotFoundError as error:
    raise MissingDependency("quart", extra="quart") from error

if TYPE_CHECKING:
    from collections.abc import Callable

    from postlude._request import Background

F = TypeVar("F", bound="Callable[..., Any]")
# How a WebSocket's handler ends whose client is gone: as it waits for it, or as it sends.
_HANG_UPS = (asyncio.CancelledError, OSError)


@advising
def after_response(background: Background) -> Callable[[F], F]:
    """Decorate a handler so that tasks run after each of its responses.

    The handler is a function, sync or async, and may return whatever Quart takes. Put the decorator
    right above the `def`, below `@app.get(...)`. It needs `PostludeExtension`, since a response of
    Quart's has no place for tasks. The tasks of a WebSocket run when it is closed.

    Args:
        background: A task or a group. Each request runs a copy of its own, made with that
            request's context variables, after those that the handler has added.

    Returns:
        A decorator that keeps the handler's name and signature.

    Raises:
        TypeError: `background` is no task, or the handler is no function, or the decorator stands
            above the route's.
        NoActiveRequest: (During the request) the application has no `PostludeExtension`.

    Example:
        ```python
        import asyncio

        from postlude import BackgroundTask
        from postlude.frameworks.quart import PostludeExtension, after_response
        from quart import Quart

        app = Quart(__name__)
        PostludeExtension(app)


        async def count_visit(page: str) -> None:
            print("counted", page)


        @app.get("/home")
        @after_response(BackgroundTask(count_visit, "/home"))
        async def home() -> dict[str, str]:
            return {"page": "home"}


        async def main() -> None:
            async with app.test_app() as served:
                response = await served.test_client().get("/home")
            print(await response.get_json())


        asyncio.run(main())
        ```

        ```text title="Output"
        counted /home
        {'page': 'home'}
        ```
    """
    checked_background(background)

    def decorate(handler: F) -> F:
        checked_handler(handler)
        wrap = _wrap_async if inspect.iscoroutinefunction(handler) else _wrap_sync
        return cast("F", wrap(handler, background))

    return decorate


def _wrap_async(handler: Callable[..., Any], background: Background) -> Callable[..., Any]:
    @functools.wraps(handler)
    async def handling(*args: Any, **kwargs: Any) -> Any:
        try:
            value = await handler(*args, **kwargs)
        except _HANG_UPS:
            if quart.has_websocket_context():
                _leave(handler, background)
            raise
        _leave(handler, background)
        return value

    return handling


def _wrap_sync(handler: Callable[..., Any], background: Background) -> Callable[..., Any]:
    @functools.wraps(handler)
    def handling(*args: Any, **kwargs: Any) -> Any:
        value = handler(*args, **kwargs)
        _leave(handler, background)
        return value

    return handling


def _leave(handler: Callable[..., Any], background: Background) -> None:
    """Add to the open request's tasks what is to run after it."""
    try:
        tasks = postlude.current_tasks()
    except NoActiveRequest:
        raise NoActiveRequest(
            f"nobody is there to run the tasks of {handler.__name__}(): "
            "write PostludeExtension(app)"
        ) from None
    fresh = background.renewed()
    if isinstance(fresh, postlude.BackgroundTask):
        tasks.add(fresh)
    elif fresh.max_concurrent == 1:
        fresh.used = True
        for task in fresh.tasks:
            tasks.add(task)
    else:
        tasks.add_task(fresh)


class PostludeExtension:
    """Gives a Quart application its runner, and its handlers the tasks of their request.

    In a request `current_tasks()` is the request's own group: what is added runs in the runner
    after the response, also that of an exception. The runner is opened before the application's
    `before_serving` functions and drained before its `after_serving` functions.

    Attributes:
        runner: Where the tasks run.

    Example:
        ```python
        import asyncio

        from postlude import current_tasks
        from postlude.frameworks.quart import PostludeExtension
        from quart import Quart

        app = Quart(__name__)
        PostludeExtension(app)


        async def send_email(to: str) -> None:
            print("email to", to)


        @app.post("/register")
        async def register() -> str:
            current_tasks().add_task(send_email, "ada@example.com")
            print("answering")
            return "registered"


        async def main() -> None:
            async with app.test_app() as served:
                response = await served.test_client().post("/register")
            print(await response.get_data(as_text=True))


        asyncio.run(main())
        ```

        ```text title="Output"
        answering
        email to ada@example.com
        registered
        ```
    """

    def __init__(
        self,
        app: quart.Quart | None = None,
        runner: postlude.TaskRunner | None = None,
        *,
        on_error_response: Literal["run", "drop"] = "run",
    ) -> None:
        """Set an application up, or wait for `init_app`.

        Args:
            app: The application.
            runner: Where tasks run; by default a `TaskRunner()` of its own.
            on_error_response: As in `PostludeMiddleware`.

        Raises:
            TypeError: `runner` is no `TaskRunner`.
            ValueError: `on_error_response` is something else.

        Example:
            ```python
            import asyncio

            from postlude import TaskRunner, current_tasks
            from postlude.frameworks.quart import PostludeExtension
            from quart import Quart

            app = Quart(__name__)
            runner = TaskRunner(max_concurrent=5)
            extension = PostludeExtension(app, runner, on_error_response="drop")


            @app.post("/pay")
            async def pay() -> tuple[str, int]:
                current_tasks().add_task(print, "a receipt")
                return "no card", 402


            async def main() -> None:
                async with app.test_app() as served:
                    response = await served.test_client().post("/pay")
                print(response.status_code, extension.runner is runner)


            asyncio.run(main())
            ```

            ```text title="Output"
            402 True
            ```
        """
        self.runner = postlude.TaskRunner() if runner is None else runner
        self._middleware = functools.partial(
            postlude.PostludeMiddleware, runner=self.runner, on_error_response=on_error_response
        )
        self._middleware(_refuse)  # so that a wrong argument is named here
        if app is not None:
            self.init_app(app)

    def init_app(self, app: quart.Quart) -> None:
        """Set an application up that was made elsewhere.

        Raises:
            RuntimeError: It was set up before.
        """
        if "postlude" in app.extensions:
            raise RuntimeError(f"the application {app.name!r} has a PostludeExtension already")
        app.extensions["postlude"] = self
        # What a server calls, and what Quart's own test client does.
        app.asgi_app = self._middleware(app.asgi_app)  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]


async def _refuse(*_: object) -> None:
    raise NotImplementedError
