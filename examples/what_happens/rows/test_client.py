"""Does a test client have the response before the task ends?"""

from examples.what_happens.lab import Lab
from examples.what_happens.tested import run_test

NUMBER = "B71"
THEME = "clients"
USES = ("work", "slow", "client", "test_slow")
NOT_APPLICABLE = {"Velithon": "It has no test client, and httpx has none for RSGI."}


async def scenario(lab: Lab) -> str:
    tested = await run_test(lab, "clients", "test_slow")
    has, ends = (tested.told.index(it) for it in ("the test has 200", "task ends"))
    return "yes" if has < ends else "no, the client waits for it"
