"""Postlude on FastAPI, with its middleware: how tasks come to a response."""

from typing import Annotated

from examples.what_happens.told import tell
from fastapi import Depends, FastAPI, WebSocket
from fastapi.responses import JSONResponse
from postlude import BackgroundTasks, PostludeMiddleware
from postlude.frameworks.fastapi import BackgroundTask, Tasks

api = FastAPI()
app = PostludeMiddleware(api)


# --8<-- [start:note]
async def note(what: str) -> None:
    tell(f"the task {what} runs")


# --8<-- [end:note]
# --8<-- [start:both]
@api.get("/both")
async def both(tasks: Tasks) -> JSONResponse:
    tasks.add_task(note, "of the group")
    own = BackgroundTask(note, "of the response")
    return JSONResponse({"ok": True}, background=own)


# --8<-- [end:both]
# --8<-- [start:kept]
WELCOME = JSONResponse({"welcome": True})


@api.get("/kept/{number}")
async def kept(number: int, tasks: Tasks) -> JSONResponse:
    tasks.add_task(note, f"of request {number}")
    return WELCOME


# --8<-- [end:kept]
# --8<-- [start:socket]
@api.websocket("/socket")
async def socket(websocket: WebSocket, tasks: Tasks) -> None:
    await websocket.accept()
    tasks.add_task(note, "of the socket")
    await websocket.close()
    tell("the handler has closed the socket")


# --8<-- [end:socket]
# --8<-- [start:keyword]
async def explain(func: str) -> None:
    tell(f"the task explains {func}")


@api.get("/keyword")
async def keyword(tasks: Tasks) -> dict[str, bool]:
    words = {"func": "print"}
    tasks.add_task(explain, **words)
    return {"ok": True}


# --8<-- [end:keyword]
# --8<-- [start:subclass]
class AuditedTasks(BackgroundTasks):
    """A group that is to say what is added."""


async def audited_tasks(tasks: Tasks) -> AuditedTasks:
    audited = AuditedTasks()
    tasks.add_task(audited)
    return audited


@api.get("/subclass")
async def subclass(
    tasks: Annotated[AuditedTasks, Depends(audited_tasks)],
) -> dict[str, bool]:
    tell(f"the handler gets {type(tasks).__name__}")
    tasks.add_task(note, "of the group")
    return {"ok": True}


# --8<-- [end:subclass]
# --8<-- [start:foreign]
class Newsletter:
    async def __call__(self) -> None:
        tell("the newsletter is sent")


@api.get("/foreign")
async def foreign(tasks: Tasks) -> dict[str, bool]:
    tasks.tasks.append(Newsletter())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    return {"ok": True}


# --8<-- [end:foreign]
# --8<-- [start:dependency]
async def audited(tasks: Tasks) -> BackgroundTasks:
    tasks.add_task(note, "of the dependency")
    return tasks


@api.get("/dependency")
async def dependency(
    of_dependency: Annotated[BackgroundTasks, Depends(audited)], tasks: Tasks
) -> dict[str, bool]:
    tasks.add_task(note, "of the handler")
    tell(f"the groups are {'one' if tasks is of_dependency else 'two'}")
    return {"ok": True}


# --8<-- [end:dependency]
