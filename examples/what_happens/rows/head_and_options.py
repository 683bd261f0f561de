"""Does the task run for HEAD and OPTIONS, when the handler has these methods too?"""

from examples.what_happens.lab import Lab

NUMBER = "B11"
THEME = "answers"
USES = ("work", "any_method")


async def scenario(lab: Lab) -> str:
    ran: list[str] = []
    async with lab.serving() as server:
        await server.get("/any-method")
        await server.told("task runs")
        for number, method in enumerate(("HEAD", "OPTIONS"), start=2):
            answer = await server.send(method, "/any-method")
            assert answer.status == 200, answer
            await server.told("handler runs", times=number)
            if await server.tells("task runs", times=len(ran) + 2, within=2.2):
                ran.append(method)
    if len(ran) == 1:
        return f"runs only for {ran[0]}"
    return "runs" if ran else "never runs"
