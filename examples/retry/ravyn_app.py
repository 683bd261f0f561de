from payments import charge, later
from postlude.frameworks.ravyn import BackgroundTask
from ravyn import Gateway, JSONResponse, Ravyn, post


@post("/orders")
async def order(number: str, card: str) -> JSONResponse:
    task = BackgroundTask(charge, card, number).with_options(retry_policy=later)
    return JSONResponse({"order": number}, status_code=202, background=task)


app = Ravyn(routes=[Gateway(handler=order)])
