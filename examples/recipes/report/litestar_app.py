from dataclasses import dataclass

import bookkeeping
from litestar import Litestar, get, post
from litestar.exceptions import NotFoundException
from postlude import PostludeMiddleware


@dataclass
class Wish:
    month: str
    email: str


@post("/reports", status_code=202)
async def order(data: Wish) -> dict[str, str]:
    return bookkeeping.order(data.month, data.email)


@get("/reports/{job_id:str}")
async def status(job_id: str) -> dict[str, str | int]:
    state = bookkeeping.state_of(job_id)
    if state is None:
        raise NotFoundException("no such job")
    return state


api = Litestar([order, status], logging_config=None)
app = PostludeMiddleware(api, bookkeeping.runner)
