from payments import charge, later
from postlude.frameworks.starlette import BackgroundTask
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def order(request: Request) -> JSONResponse:
    number, card = request.query_params["number"], request.query_params["card"]
    task = BackgroundTask(charge, card, number).with_options(retry_policy=later)
    return JSONResponse({"order": number}, status_code=202, background=task)


app = Starlette(routes=[Route("/orders", order, methods=["POST"])])
