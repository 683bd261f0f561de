"""Pool: what it takes it runs, or says why not."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

FORKS = """
import asyncio, os
from postlude import BackgroundTask, RunnerClosed, TaskRunner

async def main():
    async with TaskRunner() as runner:
        child = os.fork()
        if not child:
            try:
                runner.submit(BackgroundTask(len, "four"))
            except RunnerClosed as error:
                print(error, flush=True)
            os._exit(0)
        os.waitpid(child, 0)
        outcome = await runner.submit(BackgroundTask(len, "four")).wait()
        print(outcome.value)

asyncio.run(main())
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_a_forked_process_does_not_take_what_nobody_there_would_run() -> None:
    command = [sys.executable, "-c", FORKS]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert ran.stdout.splitlines() == [
        "the runner takes no task: it is open in the process that this one was forked from. "
        "Make another one here",
        "4",
    ]
