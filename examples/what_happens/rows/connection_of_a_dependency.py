"""Does a request wait for the connection of one whose task still runs?"""

from examples.what_happens.lab import Lab

NUMBER = "B42"
THEME = "dependencies"
USES = ("pool",)
NOT_APPLICABLE = {
    "Starlette": "It has no dependencies.",
    "Ravyn": "Its dependencies have no `yield`: a handler gets the generator itself.",
    "Velithon": "Its dependencies have no `yield`.",
}


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        for number in (1, 2):
            answer = await server.get("/pool")
            assert answer.status == 200, answer
            await server.told("task starts", times=number)
        third = await server.get("/pool")
        assert third.status == 200, third
        waited = third.done > await server.told("task ends")
    return "yes, until a task ends" if waited else "no"
