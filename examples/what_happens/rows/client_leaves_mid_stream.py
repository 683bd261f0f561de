"""What happens to the task when the client leaves in the middle of a stream?"""

from examples.what_happens.lab import Lab

NUMBER = "B08"
THEME = "attach"
USES = ("work", "stream")


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        client = await server.open()
        asked = await client.ask("/stream")
        lab.note("GET /stream", at=asked)
        answer = await client.head(asked)
        if answer.status != 200:
            lab.note(f"{answer.status} {(await client.rest(answer)).body.decode()}")
            return f"there is no stream: {answer.status}"
        await client.some()
        lab.note(f"{answer.status} {answer.reason}, reads a little")
        client.leave()
        lab.note("leaves")
        ran = await server.tells("task ends", within=5)
    return "runs" if ran else "never runs"
