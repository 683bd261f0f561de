"""Does a task run that a WebSocket handler adds to its injected group?"""

from examples.what_happens.lab import Lab

NUMBER = "B46"
THEME = "injection"
USES = ("note", "socket")
NOT_APPLICABLE = dict.fromkeys(
    ("Starlette", "Litestar", "Lilya", "Ravyn", "Velithon"), "It injects no tasks."
)
HANDSHAKE = {
    "connection": "Upgrade",
    "upgrade": "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
}
CLOSED = b"\x88\x02\x03\xe8"
"""The frame that closes a socket, with the code for its normal end."""


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        client = await server.open()
        asked = await client.ask("/socket", headers=HANDSHAKE)
        lab.note("opens the socket", at=asked)
        answer = await client.head(asked)
        assert answer.status == 101, answer
        frame = await client.some()
        assert frame == CLOSED, frame
        lab.note("is told that the socket is closed")
        client.leave()
        await server.told("the handler has closed the socket")
        ran = await server.tells("the task of the socket runs")
    return "runs" if ran else "never runs"
