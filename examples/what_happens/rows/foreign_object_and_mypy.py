"""Does mypy take an object for `background=` whose class is not the framework's?"""

import time

from examples.what_happens.lab import Lab
from examples.what_happens.typecheck import MYPY, errors

NUMBER = "B57"
THEME = "places"
USES = ("types",)


async def scenario(lab: Lab) -> str:
    begun = time.monotonic()
    lab.note(" ".join([*MYPY, "main.py"]), at=begun)
    found = await errors(lab, THEME, "types")
    for line in found or ["no errors"]:
        lab.note(line, at=begun)
    assert all("[arg-type]" in line and "background" in line for line in found), found
    return "no, an error" if found else "yes"
