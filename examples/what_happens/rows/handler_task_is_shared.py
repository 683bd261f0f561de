"""Is a handler's task the same object for two requests at a time?"""

import asyncio

from examples.what_happens.lab import Lab

NUMBER = "B55"
THEME = "handlers"
USES = ("shared",)
NOT_APPLICABLE = dict.fromkeys(
    ("Starlette", "FastAPI", "Lilya", "Velithon"),
    "Its route takes no task, only a response does.",
)


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answers = await asyncio.gather(server.get("/shared"), server.get("/shared"))
        assert {answer.status for answer in answers} == {200}, answers
        await server.told("the work is done", times=2)
        same = server.count("run 2 of this task")
        assert same or server.count("run 1 of this task") == 2, server.told_lines
    return "the same object" if same else "a copy for each request"
