"""Lilya: how a handler is declared and added."""

# That a handler has no return annotation is what is asked.
# mypy: disable-error-code="no-untyped-def"

from examples.what_happens.told import tell
from lilya.apps import Lilya
from lilya.background import Task
from lilya.requests import Request
from lilya.responses import JSONResponse
from lilya.routing import Path


# --8<-- [start:note]
async def note(what: str) -> None:
    tell(f"the task {what} runs")


# --8<-- [end:note]
# --8<-- [start:unannotated]
def unannotated() -> Lilya:
    async def orders(request: Request):
        return JSONResponse({"ok": True}, background=Task(note, "of the response"))

    return Lilya(routes=[Path("/orders", orders)])


# --8<-- [end:unannotated]
