from litestar import Litestar, Response, post
from postlude import PostludeMiddleware
from resets import ask, redeem


@post("/password-reset", status_code=202)
async def ask_for_reset(email: str) -> dict[str, str]:
    return ask(email)


@post("/password-reset/{token:str}")
async def reset(token: str) -> Response[dict[str, str]]:
    answer, status = await redeem(token)
    return Response(answer, status_code=status)


app = PostludeMiddleware(Litestar([ask_for_reset, reset], logging_config=None))
