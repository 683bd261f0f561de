"""Do the tasks of one response run one after another?"""

from examples.what_happens.lab import Lab

NUMBER = "B17"
THEME = "groups"
USES = ("steps", "three")


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answer = await server.get("/three")
        assert answer.status == 200, answer
        names = ("the first", "the second", "the third")
        for name in names:
            await server.told(f"{name} ends")
        told = [text for _, text in server.told_lines]
    if told == [f"{name} {what}" for name in names for what in ("starts", "ends")]:
        return "one after another"
    assert {*told[:3]} == {f"{name} starts" for name in names}, told
    return "together"
