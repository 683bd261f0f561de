"""Does the task run for HEAD and OPTIONS, when the handler has these methods too?"""

from examples.what_happens.lab import Lab

NUMBER = "B11"
THEME = "answers"
USES = ("work", "any_method")


async def scenario(lab: Lab) -> str:
    cell: list[str] = []
    async with lab.serving() as server:
        answer = await server.get("/any-method")
        assert answer.status == 200, answer
        await server.told("task runs")
        ran = handled = 1
        for method in ("HEAD", "OPTIONS"):
            answer = await server.send(method, "/any-method")
            came = await server.tells("task runs", times=ran + 1, within=2.2)
            ran += came
            if answer.status != 200:
                assert server.count("handler runs") == handled
                cell.append(f"{method}: {answer.status}")
                continue
            handled += 1
            cell.append(f"{method}: {'runs' if came else 'never runs'}")
    return "; ".join(cell)
