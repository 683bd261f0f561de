"""What happens to a task where nothing runs the lifespan?"""

from examples.what_happens.lab import Lab
from examples.what_happens.tested import run_test

NUMBER = "B75"
THEME = "clients"
USES = ("work", "slow", "test_without_lifespan")
NOT_APPLICABLE = {"Velithon": "It has no test client, and httpx has none for RSGI."}


async def scenario(lab: Lab) -> str:
    tested = await run_test(lab, "clients", "test_without_lifespan")
    has, ends = (tested.told.index(it) for it in ("the test has 200", "task ends"))
    if has < ends:
        return "runs, after the response"
    warned = any("no lifespan" in line for line in tested.log)
    return "runs, the client waits for it" + ("; a warning" if warned else "")
