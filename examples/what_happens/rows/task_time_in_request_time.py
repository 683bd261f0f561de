"""Does the time of the task count as time of the request?"""

from examples.what_happens.lab import Lab

NUMBER = "B06"
THEME = "attach"
USES = ("work", "slow_task")
LOG = ["--access-log", "--access-log-fmt", "logged %(path)s %(dt_ms).0f"]


async def scenario(lab: Lab) -> str:
    async with lab.serving("granian", granian=LOG) as server:
        answer = await server.get("/slow-task")
        assert answer.status == 200, answer
        ended = await server.told("task ends")
        line = await server.printed("logged /slow-task")
    seconds = int(line.split()[-1]) / 1000
    counted = seconds > answer.seconds + 1
    logged = f"logs that it took {int(seconds * 2) / 2:.1f} s"
    lab.note(logged, at=max(ended, answer.done), who="server")
    return "yes, the access log counts it" if counted else "no"
