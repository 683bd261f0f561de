from postlude import PostludeMiddleware
from ravyn import Gateway, JSONResponse, Ravyn, post
from resets import ask, redeem


@post("/password-reset")
async def ask_for_reset(email: str) -> JSONResponse:
    return JSONResponse(ask(email), status_code=202)


@post("/password-reset/{token}", status_code=200)
async def reset(token: str) -> JSONResponse:
    answer, status = await redeem(token)
    return JSONResponse(answer, status_code=status)


api = Ravyn(routes=[Gateway(handler=ask_for_reset), Gateway(handler=reset)])
app = PostludeMiddleware(api)
