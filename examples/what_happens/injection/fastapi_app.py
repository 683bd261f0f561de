"""FastAPI: how tasks come to a response."""

from typing import Annotated

from examples.what_happens.told import tell
from fastapi import BackgroundTasks, Depends, FastAPI, WebSocket
from fastapi.responses import JSONResponse
from starlette.background import BackgroundTask

app = FastAPI()


# --8<-- [start:note]
async def note(what: str) -> None:
    tell(f"the task {what} runs")


# --8<-- [end:note]
# --8<-- [start:both]
@app.get("/both")
async def both(tasks: BackgroundTasks) -> JSONResponse:
    tasks.add_task(note, "of the group")
    own = BackgroundTask(note, "of the response")
    return JSONResponse({"ok": True}, background=own)


# --8<-- [end:both]
# --8<-- [start:kept]
WELCOME = JSONResponse({"welcome": True})


@app.get("/kept/{number}")
async def kept(number: int, tasks: BackgroundTasks) -> JSONResponse:
    tasks.add_task(note, f"of request {number}")
    return WELCOME


# --8<-- [end:kept]
# --8<-- [start:socket]
@app.websocket("/socket")
async def socket(websocket: WebSocket, tasks: BackgroundTasks) -> None:
    await websocket.accept()
    tasks.add_task(note, "of the socket")
    await websocket.close()
    tell("the handler has closed the socket")


# --8<-- [end:socket]
# --8<-- [start:keyword]
async def explain(func: str) -> None:
    tell(f"the task explains {func}")


@app.get("/keyword")
async def keyword(tasks: BackgroundTasks) -> dict[str, bool]:
    words = {"func": "print"}
    tasks.add_task(explain, **words)
    return {"ok": True}


# --8<-- [end:keyword]
# --8<-- [start:subclass]
class AuditedTasks(BackgroundTasks):
    """A group that is to say what is added."""


@app.get("/subclass")
async def subclass(tasks: AuditedTasks) -> dict[str, bool]:
    tell(f"the handler gets {type(tasks).__name__}")
    tasks.add_task(note, "of the group")
    return {"ok": True}


# --8<-- [end:subclass]
# --8<-- [start:foreign]
class Newsletter:
    async def __call__(self) -> None:
        tell("the newsletter is sent")


@app.get("/foreign")
async def foreign(tasks: BackgroundTasks) -> dict[str, bool]:
    tasks.tasks.append(Newsletter())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    return {"ok": True}


# --8<-- [end:foreign]
# --8<-- [start:dependency]
async def audited(tasks: BackgroundTasks) -> BackgroundTasks:
    tasks.add_task(note, "of the dependency")
    return tasks


@app.get("/dependency")
async def dependency(
    of_dependency: Annotated[BackgroundTasks, Depends(audited)], tasks: BackgroundTasks
) -> dict[str, bool]:
    tasks.add_task(note, "of the handler")
    tell(f"the groups are {'one' if tasks is of_dependency else 'two'}")
    return {"ok": True}


# --8<-- [end:dependency]
