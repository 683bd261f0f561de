"""Do a handler and its dependency add to the same group?"""

from examples.what_happens.lab import Lab

NUMBER = "B50"
THEME = "injection"
USES = ("note", "dependency")
NOT_APPLICABLE = dict.fromkeys(
    ("Starlette", "Litestar", "Lilya", "Ravyn", "Velithon"), "It injects no tasks."
)
IN_ORDER = [
    "the task of the dependency runs",
    "the task of the handler runs",
]


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answer = await server.get("/dependency")
        assert answer.status == 200, answer
        for task in IN_ORDER:
            await server.told(task)
        ran = [text for _, text in server.told_lines if text in IN_ORDER]
        is_one = server.count("the groups are one")
    order = "in the order added" if ran == IN_ORDER else "in another order"
    return f"{'yes' if is_one else 'no'}; they run {order}"
