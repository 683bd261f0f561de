from litestar import Litestar, Response, post
from postlude.frameworks.litestar import BackgroundTask


def log_request(line: str) -> None:
    print(f"request: {line}")


@post("/value", background=BackgroundTask(log_request, "/value"))
async def value() -> dict[str, str]:
    return {"returned": "a value"}


@post("/response", background=BackgroundTask(log_request, "/response"))
async def response() -> Response[dict[str, str]]:
    return Response({"returned": "a response"})


@post("/both", background=BackgroundTask(log_request, "/both, the handler's"))
async def both() -> Response[dict[str, str]]:
    task = BackgroundTask(log_request, "/both, the response's")
    return Response({"returned": "a response with a task"}, background=task)


app = Litestar([value, response, both])
