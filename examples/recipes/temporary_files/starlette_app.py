from exports import export, page_of, remove, runner, set_price
from postlude import PostludeMiddleware
from postlude.frameworks.starlette import BackgroundTask
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse
from starlette.routing import Route


def orders(request: Request) -> FileResponse:
    file = export()
    return FileResponse(file, background=BackgroundTask(remove, file))


async def page(request: Request) -> JSONResponse:
    return JSONResponse({"page": page_of(request.path_params["item"])})


async def price(request: Request) -> JSONResponse:
    item, price = request.path_params["item"], request.query_params["price"]
    return JSONResponse(set_price(item, int(price)))


api = Starlette(
    routes=[
        Route("/orders.csv", orders),
        Route("/pages/{item}", page),
        Route("/prices/{item}", price, methods=["PUT"]),
    ]
)
app = PostludeMiddleware(api, runner)
