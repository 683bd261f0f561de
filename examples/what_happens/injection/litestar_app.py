"""Litestar: how tasks come to a response."""

from examples.what_happens.told import tell
from litestar import Litestar, Response, get
from litestar.background_tasks import BackgroundTask, BackgroundTasks

app = Litestar()


# --8<-- [start:note]
async def note(what: str) -> None:
    tell(f"the task {what} runs")


# --8<-- [end:note]
# --8<-- [start:kept]
WELCOME = Response({"welcome": True})


@get("/kept/{number:int}")
async def kept(number: int) -> Response[dict[str, bool]]:
    WELCOME.background = BackgroundTask(note, f"of request {number}")
    return WELCOME


app.register(kept)


# --8<-- [end:kept]
# --8<-- [start:keyword]
async def explain(func: str) -> None:
    tell(f"the task explains {func}")


@get("/keyword")
async def keyword() -> Response[dict[str, bool]]:
    words = {"func": "print"}
    task = BackgroundTask(explain, **words)
    return Response({"ok": True}, background=task)


app.register(keyword)


# --8<-- [end:keyword]
# --8<-- [start:foreign]
class Newsletter:
    async def __call__(self) -> None:
        tell("the newsletter is sent")


@get("/foreign")
async def foreign() -> Response[dict[str, bool]]:
    tasks = BackgroundTasks([Newsletter()])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    return Response({"ok": True}, background=tasks)


app.register(foreign)


# --8<-- [end:foreign]
