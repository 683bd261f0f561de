"""Does a handler's task run when the handler is annotated with a response class?"""

from examples.what_happens.lab import Lab

NUMBER = "B53"
THEME = "handlers"
USES = ("note", "typed")
NOT_APPLICABLE = dict.fromkeys(
    ("Starlette", "FastAPI", "Lilya", "Velithon"),
    "Its route takes no task, only a response does.",
)


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answer = await server.get("/typed")
        assert answer.status == 200, answer
        ran = await server.tells("the task of the handler runs")
    return "runs" if ran else "never runs"
