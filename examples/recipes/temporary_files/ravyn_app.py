import asyncio
import logging

from exports import export, page_of, remove, runner, set_price
from lilya.responses import FileResponse
from postlude import PostludeMiddleware
from postlude.frameworks.ravyn import BackgroundTask
from ravyn import Gateway, JSONResponse, Ravyn, get, put

logging.getLogger("postlude").setLevel(logging.WARNING)  # Ravyn shows INFO


@get("/orders.csv")
async def orders() -> FileResponse:
    file = await asyncio.to_thread(export)
    return FileResponse(file, background=BackgroundTask(remove, file))


@get("/pages/{item}")
async def page(item: str) -> JSONResponse:
    return JSONResponse({"page": page_of(item)})


@put("/prices/{item}")
async def price(item: str, price: int) -> JSONResponse:
    return JSONResponse(set_price(item, price))


api = Ravyn(routes=[Gateway(handler=each) for each in (orders, page, price)])
app = PostludeMiddleware(api, runner)
