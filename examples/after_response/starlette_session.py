import asyncio

from narrator import Narrator
from postlude.frameworks.starlette import BackgroundTask
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


class Session(BaseHTTPMiddleware):
    async def dispatch(
        self, request: Request, call_next: RequestResponseEndpoint
    ) -> Response:
        print("session is open")
        request.state.session = "session"
        try:
            return await call_next(request)
        finally:
            print("session is closed")


async def send_receipt(order: str) -> None:
    await asyncio.sleep(0.1)
    print(f"receipt for {order} is sent")


async def order(request: Request) -> JSONResponse:
    task = BackgroundTask(send_receipt, "A-1")
    content = {"with": request.state.session}
    return JSONResponse(content, status_code=202, background=task)


api = Starlette(
    routes=[Route("/orders", order, methods=["POST"])],
    middleware=[Middleware(Session)],
)
app = Narrator(api)
