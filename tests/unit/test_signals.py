"""Signals noticed during a drain."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

from postlude._signals import on_signal

PROGRAM = """
import asyncio, os, signal
from postlude import BackgroundTask, TaskRunner


async def work():
    print("works", flush=True)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.sleep(60)


async def main():
    async with TaskRunner() as runner:
        runner.submit(BackgroundTask(work))


asyncio.run(main())
print("never printed")
"""


def test_a_signal_that_nobody_else_handles_ends_the_drain_and_then_the_process() -> None:
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == -signal.SIGTERM
    assert done.stdout == "works\n"
    assert done.stderr.count("was lost on attempt 1") == 1
    assert "SIGTERM ended the drain" in done.stderr
    assert "0 tasks finished, 1 did not" in done.stderr


def test_handlers_are_what_they_were_before() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    with on_signal(print):
        assert signal.getsignal(signal.SIGTERM) is not before[0]
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == before


def test_off_the_main_thread_nothing_is_touched() -> None:
    seen: list[object] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: seen.append(number))

    def drain() -> None:
        with on_signal(seen.append):
            os.kill(os.getpid(), signal.SIGTERM)

    try:
        thread = threading.Thread(target=drain)
        thread.start()
        thread.join()
        assert seen == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGTERM, before)
