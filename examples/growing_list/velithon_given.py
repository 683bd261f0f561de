from typing import Annotated

from postlude import current_tasks
from postlude.frameworks.velithon import BackgroundTask, PostludeMiddleware
from velithon import Velithon
from velithon.params import Path, Query
from velithon.responses import JSONResponse

api = Velithon()


def write_audit(line: str) -> None:
    print(f"audit: {line}")


async def send_email(to: str) -> None:
    print(f"email to {to}")


def count_sale() -> None:
    print("analytics: one more sale")


def check_buyer(email: str) -> None:
    current_tasks().add_task(write_audit, f"{email} is buying")


@api.post("/buy/{item}")
async def buy(
    item: Annotated[str, Path()], email: Annotated[str, Query()]
) -> JSONResponse:
    check_buyer(email)
    if item == "ghost":
        return JSONResponse({"detail": "sold out"}, status_code=409)
    current_tasks().add_task(send_email, email)
    sale = BackgroundTask(count_sale)
    return JSONResponse({"bought": item}, status_code=201, background=sale)


app = PostludeMiddleware(api)
