from typing import Annotated

from ordering import place
from postlude.frameworks.velithon import PostludeMiddleware
from pydantic import BaseModel
from velithon import Velithon
from velithon.params import Body
from velithon.responses import JSONResponse

api = Velithon()


class Order(BaseModel):
    item: str
    quantity: int
    email: str


@api.post("/orders")
async def order(order: Annotated[Order, Body()]) -> JSONResponse:
    answer = place(order.item, order.quantity, order.email)
    return JSONResponse(answer, status_code=201)


app = PostludeMiddleware(api)
