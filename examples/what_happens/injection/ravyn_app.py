"""Ravyn: how tasks come to a response."""

# Not all of its methods have types.
# pyright: reportUnknownMemberType=false

from examples.what_happens.told import tell
from ravyn import JSONResponse, Ravyn, get
from ravyn.background import BackgroundTask, BackgroundTasks

app = Ravyn()


# --8<-- [start:note]
async def note(what: str) -> None:
    tell(f"the task {what} runs")


# --8<-- [end:note]
# --8<-- [start:kept]
WELCOME = JSONResponse({"welcome": True})


@get("/kept/{number}")
async def kept(number: int) -> JSONResponse:
    WELCOME.background = BackgroundTask(note, f"of request {number}")
    return WELCOME


app.add_route("/", kept)


# --8<-- [end:kept]
# --8<-- [start:keyword]
async def explain(func: str) -> None:
    tell(f"the task explains {func}")


@get("/keyword")
async def keyword() -> JSONResponse:
    words = {"func": "print"}
    task = BackgroundTask(explain, **words)
    return JSONResponse({"ok": True}, background=task)


app.add_route("/", keyword)


# --8<-- [end:keyword]
# --8<-- [start:foreign]
class Newsletter:
    async def __call__(self) -> None:
        tell("the newsletter is sent")


@get("/foreign")
async def foreign() -> JSONResponse:
    tasks = BackgroundTasks([Newsletter()])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    return JSONResponse({"ok": True}, background=tasks)


app.add_route("/", foreign)


# --8<-- [end:foreign]
