"""S19: to import the package."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

from tests.benchmarks.rows import OURS, Goal, Row, in_turns, ratios

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def rows(quick: bool) -> Iterator[Row]:
    """Measure it."""
    contenders = {"import anyio": "anyio", "taskiq": "taskiq", OURS: "postlude"}
    times = in_turns({n: _importer(m) for n, m in contenders.items()}, 5 if quick else 11)
    yield Row("S19", "import postlude", "import anyio", Goal(1.3), ratios("import anyio", times))


def _importer(module: str) -> Callable[[], float]:
    def measure() -> float:
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
        return time.perf_counter() - began

    return measure
