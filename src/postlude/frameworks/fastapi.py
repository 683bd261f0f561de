"""FastAPI: tasks that type checkers accept as `background=`, and `@after_response`."""

from __future__ import annotations

import copy
import functools
import inspect
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, cast

import postlude
from postlude._request import checked_background, checked_handler, joined, with_background
from postlude.errors import MissingDependency

try:
    import fastapi
    from starlette import background as starlette_background
except ModuleNotFoundError as error:
    raise MissingDependency("fastapi", extra="fastapi") from error

if TYPE_CHECKING:
    from collections.abc import Callable

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


def after_response(background: Background) -> Callable[[F], F]:
    """Decorate a handler so that tasks run after each of its responses.

    The handler is a function, sync or async, that returns a response or any other value. Put the
    decorator right above the `def`, below `@app.get(...)`. The handler may have parameters of any
    kind, an injected `BackgroundTasks` too; its own tasks run after these.

    Args:
        background: A task or a group. Each request runs a copy of its own, made with that
            request's context variables.

    Returns:
        A decorator that keeps the handler's name and parameters. FastAPI sees one more, which it
            fills itself and which is no part of the API's schema.

    Raises:
        TypeError: `background` is no task, or the handler is no function.

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
        signature = inspect.signature(handler)
        carrier = _CARRIER + "_" * sum(name.startswith(_CARRIER) for name in signature.parameters)
        handling = wrap(handler, background, carrier)
        handling.__signature__ = _with_carrier(signature, carrier)
        return cast("F", handling)

    return decorate


async def _carry(native: fastapi.BackgroundTasks) -> fastapi.BackgroundTasks:
    return native


# Through a dependency: a second parameter of the group's type would take the place of the
# handler's own, since FastAPI remembers the name of only one.
_CARRIER = "postlude_carrier"
_Carrier = Annotated[starlette_background.BackgroundTasks, fastapi.Depends(_carry)]


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
        carrier = kwargs.pop(name, None)
        return _attach(await handler(*args, **kwargs), background, carrier)

    return handling


def _wrap_sync(handler: Callable[..., Any], background: Background, name: str) -> Any:
    @functools.wraps(handler)
    def handling(*args: Any, **kwargs: Any) -> Any:
        carrier = kwargs.pop(name, None)
        return _attach(handler(*args, **kwargs), background, carrier)

    return handling


def _attach(
    returned: Any, background: Background, carrier: starlette_background.BackgroundTasks | None
) -> Any:
    is_response = isinstance(returned, fastapi.Response)
    if is_response and (carrier is None or returned.background is not None):
        return with_background(returned, background)
    if carrier is not None:
        # In front, since a task of FastAPI's own that fails ends the list.
        carrier.tasks.insert(0, joined(background, None))
    return copy.copy(returned) if is_response else returned
