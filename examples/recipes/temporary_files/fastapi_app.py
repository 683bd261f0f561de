from exports import export, page_of, remove, runner, set_price
from fastapi import FastAPI
from fastapi.responses import FileResponse
from postlude import PostludeMiddleware
from postlude.frameworks.fastapi import BackgroundTask

api = FastAPI()


@api.get("/orders.csv")
def orders() -> FileResponse:
    file = export()
    return FileResponse(file, background=BackgroundTask(remove, file))


@api.get("/pages/{item}")
async def page(item: str) -> dict[str, str]:
    return {"page": page_of(item)}


@api.put("/prices/{item}")
async def price(item: str, price: int) -> dict[str, int]:
    return set_price(item, price)


app = PostludeMiddleware(api, runner)
