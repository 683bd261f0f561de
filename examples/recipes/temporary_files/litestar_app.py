from exports import export, page_of, remove, runner, set_price
from litestar import Litestar, get, put
from litestar.response import File
from postlude import PostludeMiddleware
from postlude.frameworks.litestar import BackgroundTask


@get("/orders.csv", sync_to_thread=True)
def orders() -> File:
    file = export()
    return File(file, background=BackgroundTask(remove, file))


@get("/pages/{item:str}")
async def page(item: str) -> dict[str, str]:
    return {"page": page_of(item)}


@put("/prices/{item:str}")
async def price(item: str, price: int) -> dict[str, int]:
    return set_price(item, price)


api = Litestar([orders, page, price], logging_config=None)
app = PostludeMiddleware(api, runner)
