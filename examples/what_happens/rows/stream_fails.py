"""What happens to the task of a stream that fails on its way?"""

from examples.what_happens.lab import Lab

NUMBER = "B09"
THEME = "attach"
USES = ("work", "broken_stream")


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        client = await server.open()
        asked = await client.ask("/broken-stream")
        lab.note("GET /broken-stream", at=asked)
        answer = await client.head(asked)
        if answer.status != 200:
            lab.note(f"{answer.status} {(await client.rest(answer)).body.decode()}")
            return f"there is no stream: {answer.status}"
        await server.told("the stream fails")
        while await client.some():
            pass
        lab.note(f"{answer.status} {answer.reason}, and the connection is closed")
        ran = await server.tells("task ends")
    return "runs" if ran else "never runs"
