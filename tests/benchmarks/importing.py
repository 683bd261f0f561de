"""S19: to import the package."""

from __future__ import annotations

import resource
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.benchmarks.rows import OURS, Goal, Row, in_turns, ratios

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


BASE = "import anyio, asyncio"
NAMES = "from postlude import BackgroundTask, PostludeMiddleware, TaskRunner"


def rows(quick: bool) -> Iterator[Row]:
    """Measure it."""
    base, rounds = "import anyio", 5 if quick else 11
    code = {base: base, "taskiq": "import taskiq", OURS: "import postlude"}
    times = in_turns({name: _importer(one) for name, one in code.items()}, rounds)
    yield Row("S19", "import postlude", base, Goal(1.3), ratios(base, times))
    # Names are imported when they are first asked for: this is what a server then pays, which
    # has asyncio anyway.
    times = in_turns({BASE: _importer(BASE), OURS: _importer(NAMES)}, rounds)
    yield Row("S19b", f"{NAMES}; the goal is S19's", BASE, Goal(1.3), ratios(BASE, times))


def _importer(code: str) -> Callable[[], float]:
    def measure() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", code], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        # Of the processor, since others use it as well.
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return measure
