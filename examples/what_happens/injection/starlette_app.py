"""Starlette: how tasks come to a response."""

from examples.what_happens.told import tell
from starlette.applications import Starlette
from starlette.background import BackgroundTask, BackgroundTasks
from starlette.requests import Request
from starlette.responses import JSONResponse

app = Starlette()


# --8<-- [start:note]
async def note(what: str) -> None:
    tell(f"the task {what} runs")


# --8<-- [end:note]
# --8<-- [start:kept]
WELCOME = JSONResponse({"welcome": True})


async def kept(request: Request) -> JSONResponse:
    number = request.path_params["number"]
    WELCOME.background = BackgroundTask(note, f"of request {number}")
    return WELCOME


app.add_route("/kept/{number}", kept)


# --8<-- [end:kept]
# --8<-- [start:keyword]
async def explain(func: str) -> None:
    tell(f"the task explains {func}")


async def keyword(request: Request) -> JSONResponse:
    tasks = BackgroundTasks()
    words = {"func": "print"}
    tasks.add_task(explain, **words)
    return JSONResponse({"ok": True}, background=tasks)


app.add_route("/keyword", keyword)


# --8<-- [end:keyword]
# --8<-- [start:foreign]
class Newsletter:
    async def __call__(self) -> None:
        tell("the newsletter is sent")


async def foreign(request: Request) -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.tasks.append(Newsletter())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    return JSONResponse({"ok": True}, background=tasks)


app.add_route("/foreign", foreign)


# --8<-- [end:foreign]
