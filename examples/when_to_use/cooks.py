import asyncio
import subprocess

from kitchen import cook, queue
from postlude import BackgroundTask, Succeeded

COMMAND = ["postlude", "worker", "kitchen:pool"]


def start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(COMMAND, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


async def together(processes: int, patience: float) -> int:
    workers = [start() for _ in range(processes)]
    for worker in workers:
        assert worker.stdout is not None
        assert b"serving" in worker.stdout.readline()
    dishes = [BackgroundTask(cook, dish, patience) for dish in ("soup", "fish")]
    handles = [await queue.put(dish) for dish in dishes]
    outcomes = [await handle.wait() for handle in handles]
    for worker in workers:
        worker.terminate()
        worker.communicate()
    return max(int(meal.value) for meal in outcomes if isinstance(meal, Succeeded))


async def main() -> None:
    print("one worker process:", await together(1, patience=0.2))
    print("two worker processes:", await together(2, patience=20))


asyncio.run(main())
