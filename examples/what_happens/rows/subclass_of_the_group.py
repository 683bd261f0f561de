"""Which class does an injected group have when its parameter names a subclass?"""

from examples.what_happens.lab import Lab

NUMBER = "B48"
THEME = "injection"
USES = ("note", "subclass")
NOT_APPLICABLE = dict.fromkeys(
    ("Starlette", "Litestar", "Lilya", "Ravyn", "Velithon"), "It injects no tasks."
)


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answer = await server.get("/subclass")
        assert answer.status == 200, answer
        await server.told("the task of the group runs")
        asked_for = server.count("the handler gets AuditedTasks")
        assert asked_for or server.count("the handler gets BackgroundTasks")
    return "the subclass" if asked_for else "the framework's own class"
