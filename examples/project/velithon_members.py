from typing import Annotated

from bookshop.members.tasks import welcome
from postlude import current_tasks
from velithon.params import Query
from velithon.responses import JSONResponse
from velithon.routing import Router

router = Router()


@router.post("/members")
async def add_member(email: Annotated[str, Query()]) -> JSONResponse:
    current_tasks().add_task(welcome, email)
    return JSONResponse({"added": email}, status_code=201)
