from typing import Annotated

from payments import charge, later
from postlude.frameworks.velithon import BackgroundTask
from velithon import Velithon
from velithon.params import Query
from velithon.responses import JSONResponse

app = Velithon()


@app.post("/orders")
async def order(
    number: Annotated[str, Query()], card: Annotated[str, Query()]
) -> JSONResponse:
    task = BackgroundTask(charge, card, number).with_options(retry_policy=later)
    return JSONResponse({"order": number}, status_code=202, background=task)
