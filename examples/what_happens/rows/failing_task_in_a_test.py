"""What does a test client do when the task fails?"""

from examples.what_happens.lab import Lab
from examples.what_happens.tested import run_test

NUMBER = "B72"
THEME = "clients"
USES = ("fail", "failing", "client", "test_failing")
NOT_APPLICABLE = {"Velithon": "It has no test client, and httpx has none for RSGI."}


async def scenario(lab: Lab) -> str:
    tested = await run_test(lab, "clients", "test_failing")
    assert "task starts" in tested.told, tested
    if "the test has 200" in tested.told:
        return "returns 200"
    return f"raises {tested.raised}"
