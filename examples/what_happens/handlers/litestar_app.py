"""Litestar: a task that hangs on the handler."""

import asyncio
from typing import Any

from examples.what_happens.told import tell
from litestar import Litestar, Response, get
from litestar.background_tasks import BackgroundTask

app = Litestar()


# --8<-- [start:note]
async def note(what: str) -> None:
    tell(f"the task {what} runs")


# --8<-- [end:note]
# --8<-- [start:typed]
@get("/typed", background=BackgroundTask(note, "of the handler"))
async def typed() -> Response[dict[str, bool]]:
    return Response({"ok": True})


app.register(typed)


# --8<-- [end:typed]
# --8<-- [start:both]
@get("/both", background=BackgroundTask(note, "of the handler"))
async def both() -> Response[dict[str, bool]]:
    own = BackgroundTask(note, "of the response")
    return Response({"ok": True}, background=own)


app.register(both)


# --8<-- [end:both]
# --8<-- [start:shared]
class Counted(BackgroundTask):
    """A task that counts how often it is run."""

    runs = 0

    async def __call__(self) -> Any:
        self.runs += 1
        tell(f"run {self.runs} of this task")
        return await super().__call__()


async def work() -> None:
    await asyncio.sleep(1)
    tell("the work is done")


@get("/shared", background=Counted(work))
async def shared() -> dict[str, bool]:
    return {"ok": True}


app.register(shared)


# --8<-- [end:shared]
