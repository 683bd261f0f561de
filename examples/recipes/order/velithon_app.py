import asyncio
from typing import Annotated

from postlude.frameworks.velithon import PostludeMiddleware
from pydantic import BaseModel
from sales import place_order
from velithon import Velithon
from velithon.params import Body
from velithon.responses import JSONResponse

api = Velithon()


class Order(BaseModel):
    email: str
    items: dict[str, int]


@api.post("/orders")
async def order(new: Annotated[Order, Body()]) -> JSONResponse:
    order_id = await asyncio.to_thread(place_order, new.email, new.items)
    if order_id is None:
        return JSONResponse({"detail": "not in stock"}, status_code=409)
    answer = {"order_id": order_id, "status": "processing"}
    return JSONResponse(answer, status_code=201)


app = PostludeMiddleware(api)
