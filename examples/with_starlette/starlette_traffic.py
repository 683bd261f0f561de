import asyncio
import logging

import httpx
from postlude.frameworks.starlette import BackgroundTask
from starlette.applications import Starlette
from starlette.background import BackgroundTask as StarletteTask
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

logging.getLogger("postlude").disabled = True  # the failure is logged as well
ran: list[str] = []


def count_traffic() -> None:
    raise ConnectionError("no database")


class Traffic(BaseHTTPMiddleware):
    async def dispatch(
        self, request: Request, call_next: RequestResponseEndpoint
    ) -> Response:
        response = await call_next(request)
        if request.url.path == "/starlette":
            response.background = StarletteTask(count_traffic)
        else:
            response.background = BackgroundTask(count_traffic)
        return response


async def order(_: Request) -> JSONResponse:
    return JSONResponse({}, background=StarletteTask(ran.append, "the handler's"))


app = Starlette(
    routes=[Route("/starlette", order), Route("/postlude", order)],
    middleware=[Middleware(Traffic)],
)


async def main() -> None:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        for path in ("/starlette", "/postlude"):
            await client.get(path)
            print(f"{path:10}", "ran:", ", ".join(ran) or "nothing")
            ran.clear()


asyncio.run(main())
