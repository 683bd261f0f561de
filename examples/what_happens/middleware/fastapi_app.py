"""FastAPI: a task behind a middleware."""

from collections.abc import AsyncIterator, Awaitable, Callable

from examples.what_happens.told import tell
from fastapi import BackgroundTasks, FastAPI, Request, Response
from fastapi.responses import StreamingResponse

# --8<-- [start:middleware]
app = FastAPI()


@app.middleware("http")
async def named(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    response = await call_next(request)
    response.headers["x-served-by"] = "a"
    return response


# --8<-- [end:middleware]
# --8<-- [start:stream]
async def parts() -> AsyncIterator[bytes]:
    for _ in range(64):
        yield bytes(2**20)


async def work() -> None:
    tell("task runs")


@app.get("/stream")
async def stream(tasks: BackgroundTasks) -> StreamingResponse:
    tasks.add_task(work)
    return StreamingResponse(parts())


# --8<-- [end:stream]
