from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Narrator:
    """Says what an application hands to the server."""

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if not scope.get("path", "").startswith("/orders"):
            await self.app(scope, receive, send)
            return

        async def send_and_say(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.start":
                print("status and headers are out")
            elif not message.get("more_body"):
                print("last byte is out")

        await self.app(scope, receive, send_and_say)
        print("request is over")
