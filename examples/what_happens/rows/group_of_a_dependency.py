"""Is a group that a dependency makes one and the same for a whole request?"""

from examples.what_happens.lab import Lab

NUMBER = "B52a"
THEME = "dependencies"
USES = ("group",)
NOT_APPLICABLE = {"Starlette": "It has no dependencies."}


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        for number in (1, 2):
            answer = await server.get("/group")
            assert answer.status == 200, answer
            await server.told("the task of the handler runs", times=number)
        ran = await server.tells("the task of the other dependency runs", times=2)
        made = server.count("a dependency makes a group")
    if ran:
        assert made == 2, made
        return "yes"
    assert made == 4, made
    return "no, the dependency's task never runs"
