"""Do other requests wait for a slow `def` handler?"""

from examples.what_happens.lab import Lab

NUMBER = "B34"
THEME = "threads"
USES = ("slow_handler", "pings")


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        slow = await server.open()
        asked = await slow.ask("/slow-handler")
        lab.note("GET /slow-handler", at=asked)
        if not await server.tells("handler starts"):
            answer = await slow.head(asked)
            lab.note(f"{answer.status} {(await slow.rest(answer)).body.decode()}")
            return f"a `def` handler answers {answer.status}"
        ping = await server.get("/ping")
        assert ping.status == 200, ping
        ended = await server.told("handler ends")
    return "no" if ping.done < ended else "yes, they wait"
