"""What does a handler get that awaits a task which raises a `ValueError`?"""

from examples.what_happens.lab import Lab

NUMBER = "B26"
THEME = "failures"
USES = ("fail", "awaited")


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answer = await server.get("/awaited")
        assert answer.status == 200, answer
    got = [text for _, text in server.told_lines if "Error" in text]
    assert len(got) == 1, server.told_lines
    return got[0]
