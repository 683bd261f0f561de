import bookkeeping
from postlude import PostludeMiddleware
from pydantic import BaseModel
from ravyn import Gateway, HTTPException, JSONResponse, Ravyn, get, post


class Wish(BaseModel):
    month: str
    email: str


@post("/reports")
async def order(data: Wish) -> JSONResponse:
    return JSONResponse(bookkeeping.order(data.month, data.email), status_code=202)


@get("/reports/{job_id}")
async def status(job_id: str) -> JSONResponse:
    state = bookkeeping.state_of(job_id)
    if state is None:
        raise HTTPException(status_code=404, detail="no such job")
    return JSONResponse(state)


api = Ravyn(routes=[Gateway(handler=order), Gateway(handler=status)])
app = PostludeMiddleware(api, bookkeeping.runner)
