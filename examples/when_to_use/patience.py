import asyncio
import logging

from film import begun, cut, queue, store, worker
from postlude import BackgroundTask, TaskRunner

logging.getLogger("postlude").disabled = True  # what is lost is logged as well


async def in_memory(name: str, drain_timeout: float) -> None:
    async with TaskRunner(drain_timeout=drain_timeout) as runner:
        begun.clear()
        handle = runner.submit(BackgroundTask(cut, name))
        await begun.wait()
    print(f"{name}: {handle.status}")


async def in_a_file(name: str, drain_timeout: float) -> None:
    async with worker(drain_timeout):
        begun.clear()
        await begun.wait()
    print(f"{name}: {(await store.status(name)).status}")


async def main() -> None:
    await in_memory("short patience", 0.1)
    await in_memory("long patience", 30)
    async with store:
        await queue.put(BackgroundTask(cut, "film").with_options(task_id="film"))
        await in_a_file("film", 0.1)
        await in_a_file("film", 30)


asyncio.run(main())
