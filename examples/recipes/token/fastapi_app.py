from fastapi import FastAPI
from fastapi.responses import JSONResponse
from postlude import PostludeMiddleware
from resets import ask, redeem

api = FastAPI()


@api.post("/password-reset", status_code=202)
async def ask_for_reset(email: str) -> dict[str, str]:
    return ask(email)


@api.post("/password-reset/{token}")
async def reset(token: str) -> JSONResponse:
    answer, status = await redeem(token)
    return JSONResponse(answer, status)


app = PostludeMiddleware(api)
