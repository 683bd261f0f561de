"""When does it show that a handler asks for a single task, which nothing injects?"""

import importlib

from examples.what_happens.columns import COLUMNS
from examples.what_happens.lab import Lab
from examples.what_happens.server import Never

NUMBER = "B51"
THEME = "parameters"
USES = ("single",)
SERVED = "single"
NOT_APPLICABLE = {"Starlette": "Its handlers take the request and nothing else."}
FACTORY = ("--factory",)


async def scenario(lab: Lab) -> str:
    try:
        async with lab.serving(uvicorn=FACTORY, granian=FACTORY) as server:
            answer = await server.get("/single")
    except Never:
        lab.note(f"does not start: {refusal(lab.column)}", who="server")
        return "at the start"
    assert answer.status in {400, 500}, answer
    return f"at the request, with {answer.status}"


def refusal(column: str) -> str:
    """Why the column's application cannot be made."""
    stem = next(each.stem for each in COLUMNS if each.name == column)
    theme = importlib.import_module(f"examples.what_happens.{THEME}.{stem}")
    try:
        theme.single()
    except Exception as error:
        return f"{type(error).__name__}: {str(error).partition('!')[0]}"
    raise AssertionError("It can be made, and does not start.")
