from litestar import Litestar, Response, post
from litestar.di import Provide
from litestar.exceptions import HTTPException
from postlude import BackgroundTasks
from postlude.frameworks.litestar import BackgroundTask, PostludePlugin


def write_audit(line: str) -> None:
    print(f"audit: {line}")


async def send_email(to: str) -> None:
    print(f"email to {to}")


def count_sale() -> None:
    print("analytics: one more sale")


async def buyer(email: str, tasks: BackgroundTasks) -> str:
    tasks.add_task(write_audit, f"{email} is buying")
    return email


@post("/buy/{item:str}", dependencies={"buyer": Provide(buyer)})
async def buy(
    item: str, buyer: str, tasks: BackgroundTasks
) -> Response[dict[str, str]]:
    if item == "ghost":
        raise HTTPException("sold out", status_code=409)
    tasks.add_task(send_email, buyer)
    sale = BackgroundTask(count_sale)
    return Response({"bought": item}, status_code=201, background=sale)


app = Litestar([buy], plugins=[PostludePlugin()], logging_config=None)
