"""What happens to a task that runs beside one that fails?"""

from examples.what_happens.lab import Lab

NUMBER = "B19"
THEME = "groups"
USES = ("steps", "one_of_them_fails")
NOT_APPLICABLE = dict.fromkeys(
    ("Starlette", "FastAPI"),
    "Its groups run one task after another, never two together.",
)


async def scenario(lab: Lab) -> str:
    async with lab.serving() as server:
        answer = await server.get("/one-of-them-fails")
        assert answer.status == 200, answer
        await server.told("the sibling starts")
        await server.told("the second fails")
        ran = await server.tells("the sibling ends")
        cancelled = server.count("the sibling is cancelled")
    assert ran != bool(cancelled), server.told_lines
    return "runs to its end" if ran else "is cancelled"
