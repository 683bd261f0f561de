import asyncio
from typing import Annotated

from exports import export, page_of, remove, runner, set_price
from postlude.frameworks.velithon import BackgroundTask, PostludeMiddleware
from velithon import Velithon
from velithon.params import Path, Query
from velithon.responses import FileResponse, JSONResponse

api = Velithon()


@api.get("/orders.csv")
async def orders() -> FileResponse:
    file = await asyncio.to_thread(export)
    return FileResponse(file, background=BackgroundTask(remove, file))


@api.get("/pages/{item}")
async def page(item: Annotated[str, Path()]) -> JSONResponse:
    return JSONResponse({"page": page_of(item)})


@api.put("/prices/{item}")
async def price(
    item: Annotated[str, Path()], price: Annotated[int, Query()]
) -> JSONResponse:
    return JSONResponse(set_price(item, price))


app = PostludeMiddleware(api, runner)
