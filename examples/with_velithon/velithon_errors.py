from typing import Any

from postlude import current_tasks
from postlude.frameworks.velithon import PostludeMiddleware
from velithon import Velithon, background
from velithon.responses import JSONResponse

api = Velithon()
VelithonTask: Any = background.BackgroundTask  # its own types are not right


def write_audit(line: str) -> None:
    print(f"audit: {line}")


def refuse() -> None:
    raise PermissionError("it is shipped already")


@api.post("/raises")
async def raises() -> JSONResponse:
    current_tasks().add_task(write_audit, "/raises")
    raise PermissionError("it is shipped already")


@api.post("/fails")
async def fails() -> JSONResponse:
    print("the handler of /fails")
    return JSONResponse({}, background=VelithonTask(refuse, (), {}))


app = PostludeMiddleware(api)
