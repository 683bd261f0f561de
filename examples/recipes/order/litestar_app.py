from dataclasses import dataclass
from typing import Any

from litestar import Litestar, Response, post
from postlude import PostludeMiddleware
from sales import place_order


@dataclass
class Order:
    email: str
    items: dict[str, int]


@post("/orders", sync_to_thread=True)
def order(data: Order) -> Response[dict[str, Any]]:
    order_id = place_order(data.email, data.items)
    if order_id is None:
        return Response({"detail": "not in stock"}, status_code=409)
    return Response({"order_id": order_id, "status": "processing"})


app = PostludeMiddleware(Litestar([order], logging_config=None))
