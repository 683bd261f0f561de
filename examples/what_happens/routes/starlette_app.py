"""Starlette: how a handler is declared and added."""

# That a handler has no return annotation is what is asked.
# mypy: disable-error-code="no-untyped-def"

from examples.what_happens.told import tell
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


# --8<-- [start:note]
async def note(what: str) -> None:
    tell(f"the task {what} runs")


# --8<-- [end:note]
# --8<-- [start:unannotated]
def unannotated() -> Starlette:
    async def orders(request: Request):
        task = BackgroundTask(note, "of the response")
        return JSONResponse({"ok": True}, background=task)

    return Starlette(routes=[Route("/orders", orders)])


# --8<-- [end:unannotated]
