from dataclasses import dataclass
from typing import Any

from litestar import Litestar, post
from ordering import place
from postlude import PostludeMiddleware


@dataclass
class Order:
    item: str
    quantity: int
    email: str


@post("/orders", sync_to_thread=True)
def order(data: Order) -> dict[str, Any]:
    return place(data.item, data.quantity, data.email)


app = PostludeMiddleware(Litestar([order], logging_config=None))
