from litestar import Litestar, Response, post
from payments import charge, later
from postlude.frameworks.litestar import BackgroundTask


@post("/orders")
async def order(number: str, card: str) -> Response[dict[str, str]]:
    task = BackgroundTask(charge, card, number).with_options(retry_policy=later)
    return Response({"order": number}, status_code=202, background=task)


app = Litestar([order], logging_config=None)
