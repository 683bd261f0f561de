from ordering import place
from postlude import PostludeMiddleware
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def order(request: Request) -> JSONResponse:
    order = await request.json()
    answer = place(order["item"], order["quantity"], order["email"])
    return JSONResponse(answer, status_code=201)


app = PostludeMiddleware(Starlette(routes=[Route("/orders", order, methods=["POST"])]))
