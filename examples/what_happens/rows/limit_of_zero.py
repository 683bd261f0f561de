"""What happens to the task of a group whose limit is 0?"""

from examples.what_happens.lab import Lab

NUMBER = "B90"
THEME = "groups"
USES = ("steps", "limit_of_zero")
NOT_APPLICABLE = dict.fromkeys(
    ("Starlette", "FastAPI", "Litestar", "Lilya", "Ravyn"),
    "Its groups take no number of tasks that may run together.",
)


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answer = await server.get("/limit-of-zero")
        if answer.status == 500:
            said = await server.printed("Error: max_concurrent")
            lab.note(said, who="server")
            return f"a {said.partition(':')[0]}, the client gets 500"
        assert answer.status == 200, answer
        ran = await server.tells("the task ends")
    return "runs" if ran else "never runs"
