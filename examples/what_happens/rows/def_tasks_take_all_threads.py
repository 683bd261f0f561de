"""Do `def` handlers wait when more than 40 slow `def` tasks run?"""

import asyncio

from examples.what_happens.lab import Lab

NUMBER = "B33"
THEME = "threads"
USES = ("report", "def_task", "pings")


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answers = await asyncio.gather(*(server.get("/def-task") for _ in range(45)))
        assert {answer.status for answer in answers} == {200}, answers
        await server.tells("task starts", times=40, within=1)
        assert not server.count("task ends"), server.told_lines
        ping = await server.get("/ping-in-thread")
        if ping.status != 200:
            return f"a `def` handler answers {ping.status}"
        ended = await server.told("task ends")
    return "no" if ping.done < ended else "yes, until a task ends"
