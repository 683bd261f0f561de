import asyncio

from postlude import PostludeMiddleware
from pydantic import BaseModel
from ravyn import Gateway, JSONResponse, Ravyn, post
from sales import place_order


class Order(BaseModel):
    email: str
    items: dict[str, int]


@post("/orders")
async def order(data: Order) -> JSONResponse:
    order_id = await asyncio.to_thread(place_order, data.email, data.items)
    if order_id is None:
        return JSONResponse({"detail": "not in stock"}, status_code=409)
    answer = {"order_id": order_id, "status": "processing"}
    return JSONResponse(answer, status_code=201)


app = PostludeMiddleware(Ravyn(routes=[Gateway(handler=order)]))
