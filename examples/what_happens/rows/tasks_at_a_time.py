"""How many of twelve tasks of one response run at a time?"""

from examples.what_happens.lab import Lab
from examples.what_happens.server import Server

NUMBER = "B27"
THEME = "groups"
USES = ("steps", "twelve")


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        default = await most_together(server, "/twelve")
        option = await most_together(server, "/twelve-by-option")
    return f"{default}, or {option} by an option" if option else str(default)


async def most_together(server: Server, path: str) -> int:
    """The most that ran together; 0 if there is no such path."""
    before = len(server.told_lines)
    answer = await server.get(path)
    if answer.status == 404:
        return 0
    assert answer.status == 200, answer
    for number in range(12):
        await server.told(f"task {number} ends", times=2 if before else 1)
    running = [0]
    for _, text in server.told_lines[before:]:
        running.append(running[-1] + (1 if text.endswith("starts") else -1))
    return max(running)
