from ordering import place
from postlude import PostludeMiddleware
from pydantic import BaseModel
from ravyn import Gateway, JSONResponse, Ravyn, post


class Order(BaseModel):
    item: str
    quantity: int
    email: str


@post("/orders")
def order(data: Order) -> JSONResponse:
    return JSONResponse(place(data.item, data.quantity, data.email), status_code=201)


app = PostludeMiddleware(Ravyn(routes=[Gateway(handler=order)]))
