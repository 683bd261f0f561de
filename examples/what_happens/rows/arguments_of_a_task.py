"""Does a task take its arguments as a call of the function would?"""

from examples.what_happens.lab import Lab

NUMBER = "B61"
THEME = "places"
USES = ("arguments",)


async def scenario(lab: Lab) -> str:
    ways = {"/arguments": "hello Ada", "/added": "hello Bob"}
    if lab.column == "Litestar":
        del ways["/added"]  # its group has nothing to add with
    statuses: set[int] = set()
    async with lab.serving() as server:
        for path, what in ways.items():
            answer = await server.get(path)
            statuses.add(answer.status)
            if answer.status == 200:
                await server.told(what)
    assert statuses in ({200}, {500}), statuses
    return "yes" if statuses == {200} else "no, the client gets 500"
