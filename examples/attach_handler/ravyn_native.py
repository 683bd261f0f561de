from typing import Any

from postlude.frameworks.ravyn import BackgroundTask
from ravyn import Gateway, JSONResponse, Ravyn, post


def log_request(line: str) -> None:
    print(f"request: {line}")


@post("/value", background=BackgroundTask(log_request, "/value"))
async def value() -> dict[str, str]:
    return {"returned": "a value"}


@post("/response", background=BackgroundTask(log_request, "/response"))
async def response() -> JSONResponse:
    return JSONResponse({"returned": "a response"}, status_code=201)


@post("/both", background=BackgroundTask(log_request, "/both, the handler's"))
async def both() -> Any:
    task = BackgroundTask(log_request, "/both, the response's")
    return JSONResponse(
        {"returned": "a response with a task"}, status_code=201, background=task
    )


app = Ravyn(routes=[Gateway(handler=handler) for handler in (value, response, both)])
