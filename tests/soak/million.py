"""A million tasks through one runner, some failing, some late, some cancelled: the books balance,
and so do those of a monitor that listens to half of them.

`nox -s soak` runs it on asyncio, uvloop and trio; `nox -s soak -- 50000` with fewer tasks.
"""

from __future__ import annotations

import gc
import logging
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import nullcontext
from contextvars import Context
from pathlib import Path

import anyio
import anyio.lowlevel
from postlude import (
    BackgroundTask,
    Cancelled,
    Outcome,
    TaskHandle,
    TaskMonitor,
    TaskRunner,
    subscribe,
)

BACKENDS: dict[str, tuple[str, dict[str, bool]]] = {
    "asyncio": ("asyncio", {"use_uvloop": False}),
    "uvloop": ("asyncio", {"use_uvloop": True}),
    "trio": ("trio", {}),
}
TASKS = 1_000_000
BATCH = 2_000
# What the process may grow by once it is warm: not ten bytes for each of a million tasks.
GROWTH = 8 * 1024 * 1024


class Work:
    """The tasks, which keep their own books of what really happened to them."""

    def __init__(self) -> None:
        self.happened: Counter[str] = Counter()
        self._lock = threading.Lock()

    def count(self, what: str) -> None:
        with self._lock:
            self.happened[what] += 1

    async def succeed(self) -> None:
        self.count("succeeded")

    async def wait_a_little(self) -> None:
        try:
            await anyio.lowlevel.checkpoint()
        except anyio.get_cancelled_exc_class():
            self.count("stopped")
            raise
        self.count("succeeded")

    def succeed_in_a_thread(self) -> None:
        self.count("succeeded")

    async def fail(self) -> None:
        self.count("failed")
        raise ValueError("planned")

    async def take_too_long(self) -> None:
        try:
            await anyio.sleep(60)
        finally:
            self.count("stopped")

    async def wait_to_be_cancelled(self) -> None:
        try:
            await anyio.sleep(60)
        finally:
            self.count("stopped")


class LogCount(logging.Handler):
    """Counts what is logged, and writes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.levels: Counter[str] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        self.levels[record.levelname] += 1


def memory() -> int:
    """Bytes of this process in memory."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096


def planned(work: Work, dice: random.Random) -> tuple[BackgroundTask, bool]:
    """A task by lot, and whether to cancel it."""
    lot = dice.random()
    if lot < 0.01:
        return BackgroundTask(work.fail), False
    if lot < 0.02:
        return BackgroundTask(work.take_too_long).with_options(timeout=0.002), False
    if lot < 0.025:
        return BackgroundTask(work.wait_to_be_cancelled), True
    if lot < 0.03:
        return BackgroundTask(work.wait_a_little), True  # which may come too late
    if lot < 0.05:
        return BackgroundTask(work.succeed_in_a_thread), False
    return BackgroundTask(work.wait_a_little if lot < 0.5 else work.succeed), False


async def soak(
    tasks: int, work: Work, outcomes: Counter[str], monitor: TaskMonitor, seen: Counter[str]
) -> list[int]:
    """Run them all, a batch at a time; the memory after each tenth.

    The monitor listens to every other batch, and `seen` are the outcomes of those.
    """
    dice = random.Random(7)
    grown: list[int] = []
    async with TaskRunner(max_pending=BATCH) as runner:
        for number in range(0, tasks, BATCH):
            listens = number // BATCH % 2 == 1
            with subscribe(monitor) if listens else nullcontext():
                ended = await run_batch(runner, min(BATCH, tasks - number), work, dice)
            outcomes.update(ended)
            if listens:
                seen.update(ended)
            if (number + BATCH) * 10 // tasks > number * 10 // tasks:
                grown.append(memory())
    return grown


async def run_batch(runner: TaskRunner, size: int, work: Work, dice: random.Random) -> Counter[str]:
    """Hand so many tasks over, cancel some, and wait for all."""
    ended: Counter[str] = Counter()
    handles: list[TaskHandle] = []
    doomed: list[TaskHandle] = []
    for _ in range(size):
        task, cancel = planned(work, dice)
        handles.append(runner.submit(task))
        if cancel:
            doomed.append(handles[-1])
    # So that some are cancelled before they begin, and some while they run.
    for _ in range(dice.randrange(40)):
        await anyio.lowlevel.checkpoint()
    for handle in doomed:
        handle.cancel()
    for handle in handles:
        outcome: Outcome = await handle.wait()
        ended[type(outcome).__name__] += 1
        ended["never started"] += isinstance(outcome, Cancelled) and not outcome.attempts
    return ended


def check_monitor(monitor: TaskMonitor, seen: Counter[str]) -> list[str]:
    """What the monitor has counted otherwise than it was."""
    sums = {
        "total": (monitor.total_tasks, seen.total() - seen["never started"]),
        "completed": (monitor.completed_tasks, seen["Succeeded"]),
        "failed": (monitor.failed_tasks, seen["Failed"] + seen["TimedOut"]),
        "timed out": (monitor.timed_out_tasks, seen["TimedOut"]),
        "cancelled": (monitor.cancelled_tasks, seen["Cancelled"]),
        "pending": (monitor.pending_tasks, 0),
        "running": (monitor.running_tasks, 0),
    }
    return [
        f"monitor: {what} is {one}, and was {other}"
        for what, (one, other) in sums.items()
        if one != other or (not other and what not in {"pending", "running"})
    ]


def check(tasks: int, work: Work, outcomes: Counter[str], log: LogCount) -> list[str]:
    """What does not add up."""
    happened, ended = work.happened, ("Succeeded", "Failed", "TimedOut", "Cancelled")
    # A task that was stopped while it ran is either late or cancelled; one that lost the race
    # against its own end has succeeded.
    stopped = outcomes["TimedOut"] + outcomes["Cancelled"] - outcomes["never started"]
    sums = {
        "every task has one outcome": (sum(outcomes[name] for name in ended), tasks),
        "succeeded": (outcomes["Succeeded"], happened["succeeded"]),
        "failed": (outcomes["Failed"], happened["failed"]),
        "stopped while they ran": (stopped, happened["stopped"]),
        "errors logged": (log.levels["ERROR"], outcomes["Failed"] + outcomes["TimedOut"]),
    }
    wrong = [f"{what}: {one} and {other}" for what, (one, other) in sums.items() if one != other]
    kinds = [name for name in (*ended, "never started") if not outcomes[name]]
    return wrong + [f"no task is {name!r}: the test tests nothing" for name in kinds]


def left_over(threads: set[threading.Thread]) -> list[str]:
    """Threads, contexts and tasks that outlived the runner."""
    deadline = time.monotonic() + 15
    # Trio keeps its idle threads for the next event loop.
    while more := {
        thread
        for thread in set(threading.enumerate()) - threads
        if not thread.name.startswith("Trio thread")
    }:
        if time.monotonic() > deadline:
            break
        time.sleep(0.05)
    gc.collect()
    kept = [item for item in gc.get_objects() if isinstance(item, Context | BackgroundTask)]
    # The main thread's own context, and those of the modules that are loaded.
    found = [f"{len(kept)} contexts and tasks are still there"] if len(kept) > 20 else []
    return found + [f"a thread is still there: {thread.name}" for thread in more]


def run(name: str, tasks: int) -> list[str]:
    """Soak one event loop, and say what does not hold."""
    work, outcomes, log = Work(), Counter[str](), LogCount()
    logger = logging.getLogger("postlude")
    logger.handlers, logger.propagate = [log], False
    threads = set(threading.enumerate())
    started = time.perf_counter()
    backend, options = BACKENDS[name]
    monitor, seen = TaskMonitor(), Counter[str]()
    arguments = (tasks, work, outcomes, monitor, seen)
    grown = anyio.run(soak, *arguments, backend=backend, backend_options=options)
    seconds = time.perf_counter() - started
    growth = max(grown[2:]) - grown[1]
    wrong = check(tasks, work, outcomes, log) + check_monitor(monitor, seen) + left_over(threads)
    if growth > GROWTH:
        wrong.append(f"memory grew by {growth / 1024:.0f} KiB after the first fifth")
    counts = ", ".join(f"{what} {number:,}" for what, number in sorted(outcomes.items()))
    memory_grown = f"memory after the first fifth: {growth / 1024:+.0f} KiB at most"
    line = f"{name}: {tasks:,} tasks in {seconds:.0f} s: {counts}\n  {memory_grown}; "
    print(f"{line}{len(wrong)} problems\n", end="", flush=True)
    return wrong


def main() -> int:
    """Soak every event loop in a process of its own; the status says whether all holds."""
    tasks = sys.argv[1] if len(sys.argv) > 1 else str(TASKS)
    soaking = [subprocess.Popen([sys.executable, __file__, tasks, name]) for name in BACKENDS]
    return max(abs(process.wait()) for process in soaking)


def main_of_one(name: str) -> int:
    """Soak one event loop; the status says whether all holds."""
    wrong = run(name, int(sys.argv[1]))
    print("".join(f"{name}: {problem}\n" for problem in wrong), end="", flush=True)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main_of_one(sys.argv[2]) if len(sys.argv) > 2 else main())
