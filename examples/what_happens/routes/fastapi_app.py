"""FastAPI: how a handler is declared and added."""

# That a handler has no return annotation is what is asked.
# mypy: disable-error-code="no-untyped-def"

from examples.what_happens.told import tell
from fastapi import APIRouter, BackgroundTasks, FastAPI


# --8<-- [start:note]
async def note(what: str) -> None:
    tell(f"the task {what} runs")


# --8<-- [end:note]
# --8<-- [start:unannotated]
def unannotated() -> FastAPI:
    app = FastAPI()

    @app.get("/orders")
    async def orders(tasks: BackgroundTasks):
        tasks.add_task(note, "of the response")
        return {"ok": True}

    return app


# --8<-- [end:unannotated]
# --8<-- [start:twice]
def twice() -> FastAPI:
    router = APIRouter()

    @router.get("/orders")
    async def orders(tasks: BackgroundTasks) -> dict[str, bool]:
        tasks.add_task(note, "of the response")
        return {"ok": True}

    app = FastAPI()
    app.include_router(router, prefix="/orders")
    return app


# --8<-- [end:twice]
