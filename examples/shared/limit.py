from collections.abc import Awaitable, Callable

from velithon.datastructures import Protocol, Scope
from velithon.middleware.base import BaseHTTPMiddleware
from velithon.responses import PlainTextResponse


class Limit(BaseHTTPMiddleware):
    def __init__(self, app: Callable[[Scope, Protocol], Awaitable[None]]) -> None:
        super().__init__(app)
        self.open = 0

    async def process_http_request(self, scope: Scope, protocol: Protocol) -> None:
        if self.open == 3:
            print("Exceeded concurrency limit.")
            await PlainTextResponse("busy", status_code=503)(scope, protocol)
            return
        self.open += 1
        try:
            await self.app(scope, protocol)
        finally:
            self.open -= 1
