"""Which tasks run when both the handler and its response have one?"""

from examples.what_happens.lab import Lab

NUMBER = "B54"
THEME = "handlers"
USES = ("note", "both")
NOT_APPLICABLE = dict.fromkeys(
    ("Starlette", "FastAPI", "Lilya", "Velithon"),
    "Its route takes no task, only a response does.",
)


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answer = await server.get("/both")
        assert answer.status == 200, answer
        own = await server.told("the task of the response runs")
        if not await server.tells("the task of the handler runs"):
            return "only the response's"
        of_handler = await server.told("the task of the handler runs")
    first = "handler's" if of_handler < own else "response's"
    return f"both, the {first} first"
