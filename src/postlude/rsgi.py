"""An application on Granian's own protocol whose tasks run when each response is out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, cast

from postlude._current import open_request, request_id
from postlude._open import OpenRequest
from postlude._setting import Doubt, checked_runner, drops_on_error, identity

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from postlude._runner import TaskRunner

    class Application(Protocol):
        """An object with a method for the connections, and maybe some for start and end."""

        def __rsgi__(self, scope: Any, protocol: Any, /) -> Awaitable[None]: ...

    App: TypeAlias = Callable[..., Awaitable[None]] | Application


class PostludeMiddleware:
    """Wraps an RSGI application: tasks leave the request when its response is out.

    What `postlude.PostludeMiddleware` is for ASGI, this is for the applications that Granian serves
    with `--interface rsgi`, such as Velithon's. A header `X-Request-ID` becomes the `request_id` of
    the request's tasks.

    It opens a `TaskRunner` when a worker of the server starts, and drains it when that worker
    stops, before the application's own shutdown. In a request, `await task()` and `await tasks()`
    do not wait: each task and group is kept once and released when the response was handed to the
    server, or, if it is a stream or a WebSocket, when the application has returned.

    What else is asked of it, it asks of the wrapped application: so `velithon run` takes it, and
    routes can still be added.

    Attributes:
        app: The wrapped application.
        runner: Where the tasks run.

    Example:
        ```python title="main.py"
        from postlude import current_tasks
        from postlude.rsgi import PostludeMiddleware


        async def send_email(to: str) -> None:
            print("email to", to)


        async def register(scope, protocol) -> None:
            current_tasks().add_task(send_email, "ada@example.com")
            protocol.response_str(201, [], "registered")


        app = PostludeMiddleware(register)
        ```

        ```console
        $ granian main:app
        ```

        ```http
        POST / HTTP/1.1

        HTTP/1.1 201 Created

        registered
        ```

        ```text title="Server log"
        email to ada@example.com
        ```
    """

    def __init__(
        self,
        app: App,
        runner: TaskRunner | None = None,
        *,
        on_error_response: Literal["run", "drop"] = "run",
    ) -> None:
        """Wrap an application.

        Args:
            app: Any RSGI application.
            runner: Where tasks run; by default a `TaskRunner()` of its own.
            on_error_response: What becomes of tasks that were added before the request failed,
                that is, before the handler raised or a status of 400 or more was sent: `"run"`
                them, or `"drop"` them with a line in the log. Tasks attached to such a response
                itself run.

        Raises:
            TypeError: `app` is no application, or `runner` no `TaskRunner`.
            ValueError: `on_error_response` is something else.

        Example:
            ```python title="main.py"
            from postlude import TaskRunner, current_tasks
            from postlude.rsgi import PostludeMiddleware


            async def pay(scope, protocol) -> None:
                current_tasks().add_task(print, "a receipt")
                protocol.response_str(402, [], "no card")


            app = PostludeMiddleware(pay, TaskRunner(), on_error_response="drop")
            ```

            ```console
            $ granian main:app
            ```

            ```http
            POST /pay HTTP/1.1

            HTTP/1.1 402 Payment Required

            no card
            ```
        """
        self.app = cast("Any", app)
        self._serve: Callable[..., Awaitable[None]] = getattr(self.app, "__rsgi__", self.app)
        if not callable(self._serve):
            raise TypeError(
                f"PostludeMiddleware wraps an RSGI application, got an object of type "
                f"{type(app).__name__!r}"
            )
        self.runner = checked_runner(runner)
        self._drops = drops_on_error(on_error_response)
        self._doubt = Doubt(_NO_HOOK)
        self._end = asyncio.Event()
        self._life: asyncio.Task[None] | None = None

    def __getattr__(self, name: str) -> Any:
        """Whatever else an application has, it has of the wrapped one."""
        if name == "app":  # not yet, in a copy that is being made
            raise AttributeError(name)
        return getattr(self.app, name)

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Open the runner, then the application."""
        if not self.runner.pool.is_open:
            opened = loop.create_future()
            self._life = loop.create_task(self._live(opened))
            loop.run_until_complete(opened)
        _hook(self.app, "__rsgi_init__", loop)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Drain the runner, then close the application."""
        if self._life is not None:
            loop.run_until_complete(self.runner.drain())
        _hook(self.app, "__rsgi_del__", loop)
        if self._life is not None:
            self._end.set()
            loop.run_until_complete(self._life)

    async def _live(self, opened: asyncio.Future[None]) -> None:
        """Hold the runner open; one task, since what it opens it must close itself."""
        async with self.runner:
            opened.set_result(None)
            await self._end.wait()

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Serve one connection."""
        if isinstance(protocol, _Watched):
            await self._serve(scope, protocol)
            return
        pool = self.runner.pool
        if not pool.was_open:
            self._doubt.say()
        request = OpenRequest(pool, self._drops)
        token, of_before = open_request.set(request), request_id.get()
        request_id.set(identity(scope.headers.get("x-request-id")) or of_before)
        try:
            await self._serve(scope, _Watched(protocol, request))
        except BaseException:
            request.failed = True
            raise
        finally:
            request.release()
            if request.has_left:
                await request.finish()
            else:
                request.close()
            open_request.reset(token)
            request_id.set(of_before)

    __call__ = __rsgi__


def _hook(app: object, name: str, loop: asyncio.AbstractEventLoop) -> None:
    hook = getattr(app, name, None)
    if hook is not None:
        hook(loop)


class _Watched:
    """A connection's protocol, watched for the end of the response."""

    __slots__ = ("_protocol", "_request")

    def __init__(self, protocol: Any, request: OpenRequest) -> None:
        self._protocol = protocol
        self._request = request

    def __getattr__(self, name: str) -> Any:
        """What tells nothing about the end: the body of the request, a socket to accept."""
        return getattr(self._protocol, name)

    def __call__(self, *args: Any) -> Any:
        return self._protocol(*args)

    def __aiter__(self) -> Any:
        return self._protocol.__aiter__()

    def response_empty(self, status: int, headers: Any) -> None:
        self._protocol.response_empty(status, headers)
        self._is_out(status)

    def response_str(self, status: int, headers: Any, body: str) -> None:
        self._protocol.response_str(status, headers, body)
        self._is_out(status)

    def response_bytes(self, status: int, headers: Any, body: bytes) -> None:
        self._protocol.response_bytes(status, headers, body)
        self._is_out(status)

    def response_file(self, status: int, headers: Any, file: str) -> None:
        self._protocol.response_file(status, headers, file)
        self._is_out(status)

    def response_file_range(
        self, status: int, headers: Any, file: str, start: int, end: int
    ) -> None:
        self._protocol.response_file_range(status, headers, file, start, end)
        self._is_out(status)

    def response_stream(self, status: int, headers: Any) -> Any:
        self._request.failed = status >= 400
        return self._protocol.response_stream(status, headers)

    def _is_out(self, status: int) -> None:
        self._request.failed = status >= 400
        self._request.release()


_NO_HOOK = (
    "the server has not called PostludeMiddleware when it started. Serve the wrapped application "
    "with `granian --interface rsgi`, or open the runner elsewhere"
)
