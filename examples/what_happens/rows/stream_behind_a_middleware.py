"""Behind a middleware, does the task of a stream wait until all is sent?"""

from examples.what_happens.lab import Lab

NUMBER = "B07"
THEME = "middleware"
USES = ("middleware", "stream")
END = b"0\r\n\r\n"


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        client = await server.open()
        asked = await client.ask("/stream")
        lab.note("GET /stream", at=asked)
        answer = await client.head(asked)
        if answer.status != 200:
            lab.note(f"{answer.status} {(await client.rest(answer)).body.decode()}")
            return f"there is no stream: {answer.status}"
        lab.note(f"{answer.status} {answer.reason}, and reads no further")
        early = await server.tells("task runs", within=2.2)
        lab.note("reads the rest")
        last = b""
        while last != END:
            last = (last + await client.some())[-len(END) :]
        lab.note("has it all")
        await server.told("task runs")
    return "no, it runs while the client waits" if early else "yes"
