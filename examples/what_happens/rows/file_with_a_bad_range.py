"""What happens to the task of a file when the client asks for a bad range of it?"""

from examples.what_happens.lab import Lab

NUMBER = "B10"
THEME = "answers"
USES = ("work", "file")
RANGES = ("bytes=zzz", "bytes=999999-1000000")


async def scenario(lab: Lab) -> str:
    cell: list[str] = []
    runs = 0
    async with lab.serving() as server:
        for asked in RANGES:
            lab.note(f"Range: {asked}")
            answer = await server.send("GET", "/file", headers={"range": asked})
            ran = await server.tells("task runs", times=runs + 1, within=2.2)
            runs += ran
            cell.append(f"{answer.status}: {'runs' if ran else 'never runs'}")
    return "; ".join(cell)
