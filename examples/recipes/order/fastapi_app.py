from typing import Any

from fastapi import FastAPI
from ordering import place
from postlude import PostludeMiddleware
from pydantic import BaseModel

api = FastAPI()


class Order(BaseModel):
    item: str
    quantity: int
    email: str


@api.post("/orders", status_code=201)
def order(order: Order) -> dict[str, Any]:
    return place(order.item, order.quantity, order.email)


app = PostludeMiddleware(api)
