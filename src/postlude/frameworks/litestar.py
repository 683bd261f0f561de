"""Litestar: tasks that type checkers accept, `@after_response`, and `PostludePlugin`."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

import postlude
from postlude._request import advising, attaching
from postlude.errors import MissingDependency

try:
    from litestar import Response, background_tasks
    from litestar.di import Provide
    from litestar.exceptions import ImproperlyConfiguredException
    from litestar.plugins import InitPlugin
    from litestar.response.base import ASGIResponse
    from litestar.utils.sync import ensure_async_callable
except ModuleNotFoundError as error:
    raise MissingDependency("litestar", extra="litestar") from error

if TYPE_CHECKING:
    from collections.abc import Callable

    from litestar.config.app import AppConfig
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
            task = BackgroundTask(send_email, "ada@example.com")
            response = Response(content="registered", background=task)
            await response.background()
            await task.fn(*task.args)  # the function alone


        asyncio.run(main())
        ```

        ```text title="Output"
        email to ada@example.com
        email to ada@example.com
        ```
    """

    @property
    def fn(self) -> Callable[..., Any]:  # type: ignore[override]
        """The function, under Litestar's name for it and always to be awaited, as there."""
        return ensure_async_callable(self.func)


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


@advising
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


class PostludePlugin(InitPlugin):
    """Gives a Litestar application its runner, and its handlers the tasks of their request.

    A handler or dependency with a parameter `tasks: BackgroundTasks` (the class of `postlude`) gets
    the request's own group, one for the whole request; it is what `current_tasks()` gives, also in
    a guard, which has no such parameters. Its tasks run in the runner after the response, also that
    of an exception. The runner is opened after the application's other lifespan managers and
    drained before them.

    Attributes:
        runner: Where the tasks run.

    Example:
        ```python
        import asyncio

        import httpx
        from litestar import Litestar, post
        from postlude import BackgroundTasks
        from postlude.frameworks.litestar import PostludePlugin


        async def send_email(to: str) -> None:
            print("email to", to)


        @post("/register")
        async def register(tasks: BackgroundTasks) -> str:
            tasks.add_task(send_email, "ada@example.com")
            print("answering")
            return "registered"


        app = Litestar([register], plugins=[PostludePlugin()], logging_config=None)


        async def main() -> None:
            transport = httpx.ASGITransport(app)
            async with (
                app.lifespan(),  # what a server does
                httpx.AsyncClient(transport=transport, base_url="http://test") as client,
            ):
                print((await client.post("/register")).text)


        asyncio.run(main())
        ```

        ```text title="Output"
        answering
        registered
        email to ada@example.com
        ```
    """

    def __init__(
        self,
        runner: postlude.TaskRunner | None = None,
        *,
        parameter: str = "tasks",
        on_error_response: Literal["run", "drop"] = "run",
    ) -> None:
        """Prepare it for `Litestar(plugins=[...])`.

        Args:
            runner: Where tasks run; by default a `TaskRunner()` of its own.
            parameter: The name under which handlers ask for the group.
            on_error_response: As in `PostludeMiddleware`.

        Raises:
            ValueError: `parameter` is no name, or `on_error_response` is something else.

        Example:
            ```python
            import asyncio

            import httpx
            from litestar import Litestar, post
            from litestar.exceptions import HTTPException
            from postlude import BackgroundTasks, TaskRunner
            from postlude.frameworks.litestar import PostludePlugin

            runner = TaskRunner(max_concurrent=5)
            plugin = PostludePlugin(runner, parameter="jobs", on_error_response="drop")


            @post("/pay")
            async def pay(jobs: BackgroundTasks) -> str:
                jobs.add_task(print, "a receipt")
                raise HTTPException("no card", status_code=402)


            app = Litestar([pay], plugins=[plugin], logging_config=None)


            async def main() -> None:
                transport = httpx.ASGITransport(app)
                async with (
                    app.lifespan(),
                    httpx.AsyncClient(transport=transport, base_url="http://test") as client,
                ):
                    print((await client.post("/pay")).status_code)
                print(plugin.runner is runner)


            asyncio.run(main())
            ```

            ```text title="Output"
            402
            True
            ```
        """
        if not parameter.isidentifier():
            raise ValueError(f"parameter={parameter!r} must be a name such as 'tasks'")
        self.runner = postlude.TaskRunner() if runner is None else runner
        self._parameter = parameter
        self._middleware = functools.partial(
            postlude.PostludeMiddleware, runner=self.runner, on_error_response=on_error_response
        )
        self._middleware(_refuse)  # so that a wrong argument is named here

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        """Add the runner, the middleware and the parameter to the application."""
        if self._parameter in app_config.dependencies:
            raise ImproperlyConfiguredException(
                f"the application has a dependency {self._parameter!r} of its own: "
                "write PostludePlugin(parameter='...') with another name"
            )
        app_config.dependencies[self._parameter] = Provide(_group, sync_to_thread=False)
        config = cast("Any", app_config)  # its own types are not complete
        config.lifespan.append(self.runner.lifespan)
        config.middleware.insert(0, self._middleware)
        return app_config


async def _refuse(*_: object) -> None:
    raise NotImplementedError


def _group() -> Any:
    return postlude.current_tasks()
