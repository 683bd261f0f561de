"""Postlude on Ravyn, without its middleware: a task that hangs on the handler."""

# Not all of its methods have types.
# pyright: reportUnknownMemberType=false

import asyncio
from typing import Any

from examples.what_happens.told import tell
from postlude.frameworks.ravyn import BackgroundTask, after_response
from ravyn import JSONResponse, Ravyn, get

app = Ravyn()


# --8<-- [start:note]
async def note(what: str) -> None:
    tell(f"the task {what} runs")


# --8<-- [end:note]
# --8<-- [start:typed]
@get("/typed")
@after_response(BackgroundTask(note, "of the handler"))
async def typed() -> JSONResponse:
    return JSONResponse({"ok": True})


app.add_route("/", typed)


# --8<-- [end:typed]
# --8<-- [start:both]
@get("/both")
@after_response(BackgroundTask(note, "of the handler"))
async def both() -> Any:
    own = BackgroundTask(note, "of the response")
    return JSONResponse({"ok": True}, background=own)


app.add_route("/", both)


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


@get("/shared")
@after_response(Counted(work))
async def shared() -> JSONResponse:
    return JSONResponse({"ok": True})


app.add_route("/", shared)


# --8<-- [end:shared]
