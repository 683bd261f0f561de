from postlude import PostludeMiddleware, current_tasks
from postlude.frameworks.ravyn import BackgroundTask
from ravyn import Gateway, HTTPException, JSONResponse, Ravyn, post


def write_audit(line: str) -> None:
    print(f"audit: {line}")


async def send_email(to: str) -> None:
    print(f"email to {to}")


def count_sale() -> None:
    print("analytics: one more sale")


def check_buyer(email: str) -> None:
    current_tasks().add_task(write_audit, f"{email} is buying")


@post("/buy/{item}")
async def buy(item: str, email: str) -> JSONResponse:
    check_buyer(email)
    if item == "ghost":
        raise HTTPException(status_code=409, detail="sold out")
    current_tasks().add_task(send_email, email)
    sale = BackgroundTask(count_sale)
    return JSONResponse({"bought": item}, status_code=201, background=sale)


site = Ravyn(routes=[Gateway(handler=buy)])
app = PostludeMiddleware(site)
