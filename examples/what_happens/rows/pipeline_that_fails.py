"""What happens to the third step when a handler awaits steps and the second fails?"""

from examples.what_happens.lab import Lab

NUMBER = "B24"
THEME = "groups"
USES = ("steps", "steps_in_turn")


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answer = await server.get("/steps-in-turn")
        assert answer.status == 200, answer
        await server.told("the first ends")
        await server.told("the second fails")
        ran = await server.tells("the third ends")
        raised = [text for _, text in server.told_lines if text.endswith("is raised")]
    assert len(raised) == 1, server.told_lines
    return f"{'runs' if ran else 'never runs'}; {raised[0]}"
