import asyncio
import subprocess
import time

from kitchen import cook, queue
from postlude import BackgroundTask

COMMAND = ["postlude", "worker", "kitchen:pool"]
DISHES = 10


def start() -> subprocess.Popen[bytes]:
    worker = subprocess.Popen(COMMAND, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert worker.stdout is not None
    assert b"serving" in worker.stdout.readline()
    return worker


async def dishes_a_second() -> float:
    begun = time.perf_counter()
    dishes = [BackgroundTask(cook, number) for number in range(DISHES)]
    for handle in await asyncio.gather(*map(queue.put, dishes)):
        await handle.wait()
    return DISHES / (time.perf_counter() - begun)


async def main() -> None:
    rates: list[float] = []
    workers: list[subprocess.Popen[bytes]] = []
    for _ in range(2):
        workers.append(start())
        rates.append(max([await dishes_a_second() for _ in range(3)]))
    for worker in workers:
        worker.terminate()
        worker.communicate()
    one, two = rates
    print(f"two worker processes: {two / one:.0f} times as many dishes a second")


asyncio.run(main())
