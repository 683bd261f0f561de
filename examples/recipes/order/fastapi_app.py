from typing import Any

from fastapi import FastAPI, HTTPException
from postlude import PostludeMiddleware
from pydantic import BaseModel
from sales import place_order

api = FastAPI()


class Order(BaseModel):
    email: str
    items: dict[str, int]


@api.post("/orders", status_code=201)
def order(new: Order) -> dict[str, Any]:
    order_id = place_order(new.email, new.items)
    if order_id is None:
        raise HTTPException(409, "not in stock")
    return {"order_id": order_id, "status": "processing"}


app = PostludeMiddleware(api)
