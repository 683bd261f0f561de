from typing import Annotated

import bookkeeping
from postlude.frameworks.velithon import PostludeMiddleware
from pydantic import BaseModel
from velithon import Velithon
from velithon.params import Body, Path
from velithon.responses import JSONResponse

api = Velithon()


class Wish(BaseModel):
    month: str
    email: str


@api.post("/reports")
async def order(wish: Annotated[Wish, Body()]) -> JSONResponse:
    return JSONResponse(bookkeeping.order(wish.month, wish.email), status_code=202)


@api.get("/reports/{job_id}")
async def status(job_id: Annotated[str, Path()]) -> JSONResponse:
    state = bookkeeping.state_of(job_id)
    if state is None:
        return JSONResponse({"detail": "no such job"}, status_code=404)
    return JSONResponse(state)


app = PostludeMiddleware(api, bookkeeping.runner)
