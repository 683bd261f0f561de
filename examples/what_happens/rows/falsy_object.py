"""Does an object that is falsy run as the `background=` of a response?"""

from examples.what_happens.lab import Lab

NUMBER = "B56"
THEME = "places"
USES = ("falsy",)


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answer = await server.get("/falsy")
        assert answer.status == 200, answer
        ran = await server.tells("the outbox sends 0 letters")
    return "runs" if ran else "never runs"
