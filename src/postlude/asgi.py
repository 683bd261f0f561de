"""An application whose tasks run when each response is out, and are drained at shutdown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from postlude._current import open_request, request_id
from postlude._open import OpenRequest
from postlude._report import logger
from postlude._setting import Doubt, checked_runner, drops_on_error, identity
from postlude.errors import EngineUnavailable, StoreUnusable

if TYPE_CHECKING:
    from postlude._runner import TaskRunner

    App = Callable[..., Awaitable[None]]

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

_KEY = "postlude.request"


class PostludeMiddleware:
    """Wraps an ASGI application: tasks leave the request when its response is out.

    A header `X-Request-ID` becomes the `request_id` of the request's tasks.

    It opens a `TaskRunner` when the server starts and drains it when the server stops, before the
    application's own shutdown. In a request, `await task()` and `await tasks()` do not wait: each
    task and group is kept once and released when the last byte of the response was handed to the
    server, or when a WebSocket closes. So the request ends at once: its place at the server, its
    database session and its tracing span are free while the tasks run.

    Tasks with an engine, their own or the runner's, are handed to it before the response begins, so
    that a 202 means that they are stored; if it cannot take them, the answer is 503 instead. What
    hangs on the response itself is reached only after it.

    A pipeline (`continue_on_error=False`), `run()` and `run_all()` run where they stand, as
    without the middleware. If the runner is full, tasks run at the end of their own request.

    Attributes:
        app: The wrapped application.
        runner: Where the tasks run.

    Example:
        ```python
        import asyncio

        import httpx
        from postlude import BackgroundTask, PostludeMiddleware, TaskRunner
        from starlette.applications import Starlette
        from starlette.requests import Request
        from starlette.responses import PlainTextResponse
        from starlette.routing import Route


        async def send_email(to: str) -> None:
            print("email to", to)


        async def register(request: Request) -> PlainTextResponse:
            await BackgroundTask(send_email, "ada@example.com")()  # does not wait
            print("answering")
            return PlainTextResponse("registered")


        runner = TaskRunner()
        app = PostludeMiddleware(Starlette(routes=[Route("/", register)]), runner)


        async def main() -> None:
            transport = httpx.ASGITransport(app)
            async with (
                runner,  # a server opens it through the lifespan; this client has none
                httpx.AsyncClient(transport=transport, base_url="http://test") as client,
            ):
                print((await client.get("/")).text)


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
        app: App,
        runner: TaskRunner | None = None,
        *,
        on_error_response: Literal["run", "drop"] = "run",
    ) -> None:
        """Wrap an application.

        Args:
            app: Any ASGI application.
            runner: Where tasks run; by default a `TaskRunner()` of its own.
            on_error_response: What becomes of tasks that were added before the request failed,
                that is, before the handler raised or a status of 400 or more was sent: `"run"`
                them, or `"drop"` them with a line in the log. Tasks attached to such a response
                itself run.

        Raises:
            TypeError: `app` is no application, or `runner` no `TaskRunner`.
            ValueError: `on_error_response` is something else.

        Example:
            ```python
            import asyncio

            import httpx
            from postlude import PostludeMiddleware, TaskRunner, current_tasks
            from starlette.applications import Starlette
            from starlette.requests import Request
            from starlette.responses import PlainTextResponse
            from starlette.routing import Route


            async def pay(request: Request) -> PlainTextResponse:
                current_tasks().add_task(print, "a receipt")
                return PlainTextResponse("no card", 402)


            api = Starlette(routes=[Route("/pay", pay)])
            app = PostludeMiddleware(api, TaskRunner(), on_error_response="drop")


            async def main() -> None:
                transport = httpx.ASGITransport(app)
                async with (
                    app.runner,
                    httpx.AsyncClient(transport=transport, base_url="http://test") as client,
                ):
                    print((await client.get("/pay")).text)


            asyncio.run(main())
            ```

            ```text title="Output"
            no card
            ```
        """
        if not callable(app):
            raise TypeError(
                f"PostludeMiddleware wraps an ASGI application, got an object of type "
                f"{type(app).__name__!r}"
            )
        self.app = app
        self.runner = checked_runner(runner)
        self._drops = drops_on_error(on_error_response)
        self._doubt = Doubt(_NO_LIFESPAN)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one connection, or the lifespan."""
        kind = scope["type"]
        if kind == "lifespan":
            await self._live(scope, receive, send)
            return
        if (kind != "http" and kind != "websocket") or _KEY in scope:
            await self.app(scope, receive, send)
            return
        # Not in a function of its own: each coroutine around the application costs every request.
        pool = self.runner.pool
        if not pool.was_open:
            self._doubt.say()
        request = scope[_KEY] = OpenRequest(pool, self._drops)
        token, of_before = open_request.set(request), request_id.get()
        told = _identity(scope)
        if told:
            request_id.set(told)
        try:
            if kind == "websocket":
                receive = _receiving(receive, request)
            await self.app(scope, receive, _sending(send, request))
        except BaseException:
            request.failed = True
            raise
        finally:
            if not request.released:
                request.release()
            if request.has_left:
                await request.finish()
            else:
                request.close()
            open_request.reset(token)
            if request_id.get() is not of_before:
                request_id.set(of_before)

    async def _live(self, scope: Message, receive: Receive, send: Send) -> None:
        ours = not self.runner.pool.is_open
        asked = False
        last: Message | None = None

        async def receive_on() -> Message:
            nonlocal asked, last
            asked = True
            if last is not None:  # an application that never returns
                message, last = last, None
                await send(message)
            message = await receive()
            # Before the application hears of it and closes what the tasks may still use.
            if ours and message["type"] == "lifespan.shutdown":
                await self.runner.drain()
            return message

        async def send_on(message: Message) -> None:
            nonlocal last
            # A server that has heard of the end may cancel whatever comes after, as hypercorn does.
            if message["type"].startswith("lifespan.shutdown."):
                last = message
            else:
                await send(message)

        try:
            async with self.runner:
                try:
                    await self.app(scope, receive_on, send_on)
                except Exception:
                    if asked:
                        raise
                if not asked:  # an application without a lifespan of its own
                    for step in ("startup", "shutdown"):
                        await receive_on()
                        await send_on({"type": f"lifespan.{step}.complete"})
        finally:
            if last is not None:
                await send(last)


def _identity(scope: Message) -> str | None:
    for name, value in scope.get("headers", ()):
        if name == b"x-request-id":
            return identity(value.decode("latin-1"))
    return None


def _receiving(receive: Receive, request: OpenRequest) -> Receive:
    """`receive` of a WebSocket, watched for its end."""

    async def receive_on() -> Message:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            request.release()
        return message

    return receive_on


def _sending(send: Send, request: OpenRequest) -> Send:
    """`send`, watched for the end of the response."""

    def send_on(message: Message) -> Awaitable[None]:
        # A coroutine of our own is only around what may be the last message. What one lacks is
        # for the server to say.
        kind = message.get("type")
        if kind == "http.response.start":
            request.failed = message.get("status", 0) >= 400
            request.trailers = message.get("trailers", False)
            if request.sends():
                return _send_stored(send, message, request)
        elif request.refused:
            return _nothing()
        elif (
            kind in _LAST
            and not message.get(_LAST[kind])
            and (not request.trailers or kind == "http.response.trailers")
        ):
            return _send_last(send, message, request)
        return send(message)

    return send_on


async def _send_stored(send: Send, message: Message, request: OpenRequest) -> None:
    """Begin the response once an engine has what is to outlive it, or say that it could not be."""
    try:
        await request.send()
    except (EngineUnavailable, StoreUnusable) as error:
        logger.error("answered 503, since a task could not be stored: %s", error)
        request.refuse()
        await send({"type": "http.response.start", "status": 503, "headers": _PLAIN})
        await _send_last(send, {"type": "http.response.body", "body": _REFUSAL}, request)
    else:
        await send(message)


async def _nothing() -> None:
    """The rest of a response that was replaced."""


async def _send_last(send: Send, message: Message, request: OpenRequest) -> None:
    await send(message)
    request.release()


_REFUSAL = b"The request could not be stored. Try again later.\n"
_PLAIN = [
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"content-length", str(len(_REFUSAL)).encode()),
]
# The kinds of message that may be the last one, each with the field that says it is not.
_LAST = {
    "http.response.body": "more_body",
    "http.response.zerocopysend": "more_body",
    "http.response.pathsend": "",
    "http.response.trailers": "more_trailers",
    "websocket.close": "",
    "websocket.http.response.body": "more_body",
}
_NO_LIFESPAN = (
    "no lifespan has reached PostludeMiddleware. Wrap the whole application in it, or open the "
    "runner elsewhere"
)
