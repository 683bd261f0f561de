"""Velithon: how tasks come to a response."""

# Its type stubs describe other arguments than its classes take.
# mypy: disable-error-code="arg-type, call-arg"
# pyright: reportArgumentType=false, reportCallIssue=false

from typing import Annotated

from examples.what_happens.told import tell
from velithon import Velithon
from velithon.background import BackgroundTask
from velithon.params import Path
from velithon.responses import JSONResponse

app = Velithon()


# --8<-- [start:note]
async def note(what: str) -> None:
    tell(f"the task {what} runs")


# --8<-- [end:note]
# --8<-- [start:kept]
WELCOME = JSONResponse({"welcome": True})


@app.get("/kept/{number}")
async def kept(number: Annotated[int, Path()]) -> JSONResponse:
    WELCOME.background = BackgroundTask(note, (f"of request {number}",))
    return WELCOME


# --8<-- [end:kept]
# --8<-- [start:keyword]
async def explain(func: str) -> None:
    tell(f"the task explains {func}")


@app.get("/keyword")
async def keyword() -> JSONResponse:
    words = {"func": "print"}
    task = BackgroundTask(explain, kwargs=words)
    return JSONResponse({"ok": True}, background=task)


# --8<-- [end:keyword]
