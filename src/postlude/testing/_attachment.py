"""Whether a framework and a server that postlude does not know keep what tasks promise."""

from __future__ import annotations

import math
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from postlude.testing._findings import AttachmentBroken, AttachmentReport
from postlude.testing._ledger import open_ledger
from postlude.testing._promises import PROMISES, broken_at_the_end
from postlude.testing._served import open_served
from postlude.testing._talk import Broken, Talk

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection, Sequence
    from pathlib import Path

    from postlude.testing._served import Served


async def check_attachment(
    serve: Sequence[str] | AbstractAsyncContextManager[str],
    /,
    *,
    cwd: str | Path | None = None,
    without: Collection[str] = (),
    patience: float | timedelta = 10.0,
) -> AttachmentReport:
    """Ask a server that runs your framework whether it keeps what tasks promise.

    You write an application with two routes, and hang on their responses what the check gives:

    - `GET` and `HEAD /respond/{status}/{key}` answers with that status, some body, and
      `probe_background(key)` for after the response.
    - `GET /stream/{key}` streams `probe_chunks(key)`, with the same.

    The check starts it, asks over real sockets, and lets the tasks report over others:

    - `response-first`: the client has the whole response while a task still waits for that.
    - `order`: tasks of a group run one after another, as they were added.
    - `isolation`: a task that fails stops no other.
    - `logging`: a failure is logged once, as an error on the logger `postlude`.
    - `exactly-once`: no task of any request has run twice when the server has ended.
    - `error-responses`: tasks run after a 404 and a 503.
    - `head`: they run after the response to `HEAD`.
    - `streaming`: they wait for the last chunk.
    - `disconnect`: they run when the client hangs up in the middle.
    - `concurrency`: they hold up no other request, nor its tasks.
    - `drain`: when the server has had SIGTERM, a task that needs another second ends, and what
      follows it in its group runs (Windows has no such signal).

    Args:
        serve: The command that starts the server, in which `{port}` stands for the port to listen
            on, at 127.0.0.1; or an asynchronous context manager with the base URL of a server that
            ends with it.
        cwd: The directory in which the command runs; by default the current one.
        without: The names of promises not to look at; the report lists them. Without a command
            `drain` must be among them.
        patience: How long to wait for a response, or for a task, in seconds or as a `timedelta`.

    Returns:
        What was found: all promises were kept.

    Raises:
        AttachmentBroken: One was not. All others have been looked at as well.
        RuntimeError: The server did not start.
        TypeError: `serve` or `without` is a text, or `patience` no number.
        ValueError: A name is unknown or all are left out, there is no `{port}`, `drain` is asked of
            no command, or `patience` is not more than 0.

    Example:
        ```python title="main.py"
        from postlude import PostludeMiddleware
        from postlude.testing import probe_background, probe_chunks
        from starlette.applications import Starlette  # or what you use
        from starlette.requests import Request
        from starlette.responses import PlainTextResponse, StreamingResponse
        from starlette.routing import Route


        async def respond(request: Request) -> PlainTextResponse:
            background = probe_background(request.path_params["key"])
            status = request.path_params["status"]
            return PlainTextResponse("body", status, background=background)


        async def stream(request: Request) -> StreamingResponse:
            key = request.path_params["key"]
            return StreamingResponse(probe_chunks(key), background=probe_background(key))


        routes = [
            Route("/respond/{status:int}/{key}", respond),
            Route("/stream/{key}", stream),
        ]
        app = PostludeMiddleware(Starlette(routes=routes))
        ```

        ```python
        import asyncio

        from postlude.testing import check_attachment

        command = ["uvicorn", "main:app", "--port", "{port}"]
        report = asyncio.run(check_attachment(command, without=["head"]))
        print(report)
        ```

        ```text title="Output"
        kept: response-first, order, isolation, ...
        not looked at: head
        ```
    """
    seconds = checked_patience(patience)
    server = serve if isinstance(serve, AbstractAsyncContextManager) else _checked_command(serve)
    names = _checked_names(without, has_command=isinstance(server, list))
    broken: dict[str, str] = {}
    async with open_ledger(seconds) as ledger:
        async with _open(server, cwd) as (url, served):
            await _hear(names, Talk(url, ledger, served=served, patience=seconds), broken)
            printed = await served.stop(seconds) if served else ""
        await ledger.settle()
    broken = broken_at_the_end(ledger) | broken
    report = AttachmentReport(
        tuple(name for name in names if name not in broken),
        {name: broken[name] for name in names if name in broken},
        tuple(name for name in PROMISES if name not in names),
    )
    if report.broken:
        raise AttachmentBroken(report, printed)
    return report


async def _hear(names: Sequence[str], talk: Talk, broken: dict[str, str]) -> None:
    """One promise after the other."""
    for name in names:
        try:
            await PROMISES[name](talk)
        except Broken as error:
            broken[name] = str(error)


@asynccontextmanager
async def _open(
    server: list[str] | AbstractAsyncContextManager[str], cwd: str | Path | None
) -> AsyncGenerator[tuple[str, Served | None]]:
    """Where the server answers, and the server itself if a command starts it."""
    if isinstance(server, list):
        async with open_served(server, cwd) as served:
            yield served.url, served
    else:
        async with server as url:
            yield url, None


def _checked_command(serve: Sequence[object]) -> list[str]:
    command = [part for part in serve if isinstance(part, str)]
    if isinstance(serve, str) or len(command) < len(serve):
        raise TypeError(
            f"check_attachment({serve!r}) takes a command as a list of texts: "
            "['uvicorn', 'main:app', '--port', '{port}']"
        )
    if not any("{port}" in part for part in command):
        raise ValueError(
            f"the command {serve!r} has no '{{port}}', which stands for the port to listen on"
        )
    return command


def _checked_names(without: Collection[str], *, has_command: bool) -> list[str]:
    if isinstance(without, str):
        raise TypeError(f"without={without!r} takes several names: write without=[{without!r}]")
    unknown = [name for name in without if name not in PROMISES]
    if unknown:
        raise ValueError(f"without={unknown[0]!r} is none of {', '.join(PROMISES)}")
    if not has_command and "drain" not in without:
        raise ValueError(
            "drain is checked on the process of a command: give one, or write without=['drain']"
        )
    names = [name for name in PROMISES if name not in without]
    if not names:
        raise ValueError("nothing is left to check: without= names every promise")
    return names


def checked_patience(patience: object, name: str = "patience") -> float:
    """A time to wait, in seconds.

    Raises:
        TypeError: It is no number and no `timedelta`.
        ValueError: It is not more than 0.
    """
    seconds = patience.total_seconds() if isinstance(patience, timedelta) else patience
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise TypeError(f"{name}={patience!r} takes seconds or a timedelta")
    if not 0 < seconds < math.inf:
        raise ValueError(f"{name}={patience!r} must be more than 0 seconds")
    return float(seconds)
