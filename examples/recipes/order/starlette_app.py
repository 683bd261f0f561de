from postlude import PostludeMiddleware
from sales import place_order
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def order(request: Request) -> JSONResponse:
    new = await request.json()
    order_id = await run_in_threadpool(place_order, new["email"], new["items"])
    if order_id is None:
        return JSONResponse({"detail": "not in stock"}, status_code=409)
    answer = {"order_id": order_id, "status": "processing"}
    return JSONResponse(answer, status_code=201)


api = Starlette(routes=[Route("/orders", order, methods=["POST"])])
app = PostludeMiddleware(api)
