from typing import Annotated

from postlude.frameworks.velithon import PostludeMiddleware
from resets import ask, redeem
from velithon import Velithon
from velithon.params import Path, Query
from velithon.responses import JSONResponse

api = Velithon()


@api.post("/password-reset")
async def ask_for_reset(email: Annotated[str, Query()]) -> JSONResponse:
    return JSONResponse(ask(email), 202)


@api.post("/password-reset/{token}")
async def reset(token: Annotated[str, Path()]) -> JSONResponse:
    answer, status = await redeem(token)
    return JSONResponse(answer, status)


app = PostludeMiddleware(api)
