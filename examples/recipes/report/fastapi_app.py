import bookkeeping
from fastapi import FastAPI, HTTPException
from postlude import PostludeMiddleware
from pydantic import BaseModel

api = FastAPI()


class Wish(BaseModel):
    month: str
    email: str


@api.post("/reports", status_code=202)
async def order(wish: Wish) -> dict[str, str]:
    return bookkeeping.order(wish.month, wish.email)


@api.get("/reports/{job_id}")
async def status(job_id: str) -> dict[str, str | int]:
    state = bookkeeping.state_of(job_id)
    if state is None:
        raise HTTPException(404, "no such job")
    return state


app = PostludeMiddleware(api, bookkeeping.runner)
