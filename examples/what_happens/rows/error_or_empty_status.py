"""Does a task run when the response has the status 500, or 304?"""

from examples.what_happens.lab import Lab

NUMBER = "B12"
THEME = "answers"
USES = ("work", "status")


async def scenario(lab: Lab) -> str:
    cell: list[str] = []
    runs = 0
    async with lab.serving() as server:
        for status in (500, 304):
            answer = await server.get(f"/status/{status}")
            assert answer.status == status, answer
            ran = await server.tells("task runs", times=runs + 1, within=2.2)
            runs += ran
            cell.append(f"{status}: {'runs' if ran else 'never runs'}")
    return "; ".join(cell)
