"""FastAPI: tasks that type checkers accept as `background=`, `@after_response`, and `Tasks`."""

from __future__ import annotations

import copy
import functools
import inspect
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, cast

import postlude
from postlude._handler import checked_handler
from postlude._request import advising, checked_background, joined, with_background
from postlude.errors import MissingDependency, NoActiveRequest

try:
    import fastapi
    from fastapi import WebSocketDisconnect
    from fastapi.requests import HTTPConnection
    from starlette import background as starlette_background
except ModuleNotFoundError as error:
    raise MissingDependency("fastapi", extra="fastapi") from error

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from postlude._request import Background

F = TypeVar("F", bound="Callable[..., Any]")


class BackgroundTask(postlude.BackgroundTask, starlette_background.BackgroundTask):  # type: ignore[misc]
    """`postlude.BackgroundTask` that is also the one FastAPI has from Starlette.

    Example:
        ```python
        import asyncio

        from fastapi.responses import PlainTextResponse
        from postlude.frameworks.fastapi import BackgroundTask


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


# Not a `fastapi.BackgroundTasks`: FastAPI would take a parameter annotated with this class for its
# own and inject its own instead, without a word. So it refuses to start.
class BackgroundTasks(postlude.BackgroundTasks, starlette_background.BackgroundTask):  # type: ignore[misc]
    """`postlude.BackgroundTasks` for the `background=` of a response.

    A parameter of a handler cannot be annotated with it: FastAPI injects only its own class. Add
    to that one (`background_tasks.add_task(task)` takes our tasks and groups), or use
    `after_response`.

    Example:
        ```python
        import asyncio

        from fastapi.responses import PlainTextResponse
        from postlude.frameworks.fastapi import BackgroundTasks


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

    The handler is a function, sync or async, that returns a response or any other value. Put the
    decorator right above the `def`, below `@app.get(...)`. The handler may have parameters of any
    kind, an injected `BackgroundTasks` too; its own tasks run after these. The tasks of a WebSocket
    run when its handler has ended; under `PostludeMiddleware`, when the socket is closed.

    Args:
        background: A task or a group. Each request runs a copy of its own, made with that
            request's context variables.

    Returns:
        A decorator that keeps the handler's name and parameters. FastAPI sees one more, which it
            fills itself and which is no part of the API's schema.

    Raises:
        TypeError: `background` is no task, or the handler is no function, or the decorator stands
            above the route's.

    Example:
        ```python
        import asyncio

        import httpx
        from fastapi import FastAPI
        from postlude.frameworks.fastapi import BackgroundTask, after_response

        app = FastAPI()


        async def count_visit(page: str) -> None:
            print("counted", page)


        @app.get("/home")
        @after_response(BackgroundTask(count_visit, "/home"))
        async def home(greeting: str = "Welcome") -> dict[str, str]:
            return {"greeting": greeting}


        async def main() -> None:
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                response = await client.get("/home", params={"greeting": "Hello"})
            print(response.json())


        asyncio.run(main())
        ```

        ```text title="Output"
        counted /home
        {'greeting': 'Hello'}
        ```
    """
    checked_background(background)

    def decorate(handler: F) -> F:
        checked_handler(handler)
        wrap = _wrap_async if inspect.iscoroutinefunction(handler) else _wrap_sync
        signature = _signature(handler)
        carrier = _CARRIER + "_" * sum(name.startswith(_CARRIER) for name in signature.parameters)
        handling = wrap(handler, background, carrier)
        handling.__signature__ = _with_carrier(signature, carrier)
        return cast("F", handling)

    return decorate


class _Carried:
    """What a decorated handler is given besides its own parameters."""

    __slots__ = ("is_socket", "native")

    def __init__(self, *, is_socket: bool, native: starlette_background.BackgroundTasks) -> None:
        self.is_socket = is_socket
        self.native = native


async def _carry(connection: HTTPConnection, native: fastapi.BackgroundTasks) -> _Carried:
    return _Carried(is_socket=connection.scope["type"] == "websocket", native=native)


# Through a dependency: a second parameter of the group's type would take the place of the
# handler's own, since FastAPI remembers the name of only one.
_CARRIER = "postlude_carrier"
_Carrier = Annotated[_Carried, fastapi.Depends(_carry)]


def _signature(handler: Callable[..., Any]) -> inspect.Signature:
    try:
        # Before 0.123.5, FastAPI looks up what is postponed where the wrapper was written.
        return inspect.signature(handler, eval_str=True)
    except NameError:  # imported for type checkers only, which FastAPI allows
        return inspect.signature(handler)


def _with_carrier(signature: inspect.Signature, name: str) -> inspect.Signature:
    parameters = list(signature.parameters.values())
    rest = parameters and parameters[-1].kind is inspect.Parameter.VAR_KEYWORD
    position = len(parameters) - 1 if rest else len(parameters)
    carrier = inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=_Carrier)
    parameters.insert(position, carrier)
    return signature.replace(parameters=parameters)


def _wrap_async(handler: Callable[..., Any], background: Background, name: str) -> Any:
    @functools.wraps(handler)
    async def handling(*args: Any, **kwargs: Any) -> Any:
        carried: _Carried | None = kwargs.pop(name, None)
        if carried is not None and carried.is_socket:
            return await _until_closed(handler(*args, **kwargs), background)
        return _attach(await handler(*args, **kwargs), background, carried)

    return handling


def _wrap_sync(handler: Callable[..., Any], background: Background, name: str) -> Any:
    @functools.wraps(handler)
    def handling(*args: Any, **kwargs: Any) -> Any:
        carried: _Carried | None = kwargs.pop(name, None)
        return _attach(handler(*args, **kwargs), background, carried)

    return handling


async def _until_closed(talk: Awaitable[Any], background: Background) -> None:
    """A WebSocket has no response to attach to: the tasks run when its handler has ended."""
    try:
        await talk
    except WebSocketDisconnect:
        await background.renewed()()
        raise
    await background.renewed()()


def _attach(returned: Any, background: Background, carried: _Carried | None) -> Any:
    is_response = isinstance(returned, fastapi.Response)
    if is_response and (carried is None or returned.background is not None):
        return with_background(returned, background)
    if carried is not None:
        # In front, since a task of FastAPI's own that fails ends the list.
        carried.native.tasks.insert(0, joined(background, None))
    return copy.copy(returned) if is_response else returned


# Where FastAPI keeps what it closes when the response is out, also that of an error.
_STACK = "fastapi_middleware_astack"


async def _group_of_request(
    connection: HTTPConnection,
) -> AsyncGenerator[postlude.BackgroundTasks]:
    try:
        tasks = postlude.current_tasks()
    except NoActiveRequest:
        tasks = postlude.BackgroundTasks()
    else:
        yield tasks
        return
    tasks.used = True
    stack = connection.scope.get(_STACK)
    if stack is not None:
        stack.push_async_callback(tasks)
    try:
        yield tasks
    finally:
        if stack is None:
            await tasks()


Tasks = Annotated[postlude.BackgroundTasks, fastapi.Depends(_group_of_request)]
"""The request's own `BackgroundTasks`, for a parameter of a handler or of a dependency.

All of one request get the same object. Its tasks run after the response, whatever that is: a plain
value, a response with a `background=` of its own, or that of an `HTTPException`. Under
`PostludeMiddleware` it is what `current_tasks()` gives.

Example:
    ```python
    import asyncio
    from typing import Annotated

    import httpx
    from fastapi import Depends, FastAPI
    from postlude.frameworks.fastapi import Tasks

    app = FastAPI()


    async def count_visit(page: str) -> None:
        print("counted", page)


    async def send_email(to: str) -> None:
        print("email to", to)


    def visitor(tasks: Tasks) -> str:
        tasks.add_task(count_visit, "/register")
        return "ada@example.com"


    @app.post("/register")
    async def register(email: Annotated[str, Depends(visitor)], tasks: Tasks) -> str:
        tasks.add_task(send_email, email)
        return "registered"


    async def main() -> None:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            print((await client.post("/register")).json())


    asyncio.run(main())
    ```

    ```text title="Output"
    counted /register
    email to ada@example.com
    registered
    ```
"""
