"""S1, S2, S13: to build a task, in time and in memory."""

from __future__ import annotations

import gc
import time
import tracemalloc
from typing import TYPE_CHECKING, Any

from litestar.background_tasks import BackgroundTask as LitestarTask
from postlude import BackgroundTask
from starlette.background import BackgroundTask as StarletteTask
from tests.benchmarks.rows import OURS, Goal, Row, in_turns, ratios
from velithon.background import BackgroundTask as VelithonTask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Velithon takes the arguments as a tuple.
CLASSES: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "Starlette": (StarletteTask, (1, 2)),
    "Litestar": (LitestarTask, (1, 2)),
    "Velithon": (VelithonTask, ((1, 2), {})),
    OURS: (BackgroundTask, (1, 2)),
}


async def on_the_loop(a: int, b: int) -> None:
    """Nothing."""


def in_a_thread(a: int, b: int) -> None:
    """Nothing."""


def rows(quick: bool) -> Iterator[Row]:
    """Measure them."""
    rounds, count = (5, 5_000) if quick else (9, 20_000)
    for key, func, work, goal in (
        ("S1", on_the_loop, "build BackgroundTask(async_f, 1, 2)", 0.6),
        ("S2", in_a_thread, "build BackgroundTask(def_f, 1, 2)", 0.3),
    ):
        builders = {name: _builder(*made, func, count) for name, made in CLASSES.items()}
        times = in_turns(builders, rounds)
        yield Row(key, work, "Starlette", Goal(goal), ratios("Starlette", times))
    sizes = in_turns({name: _weigher(*made, count) for name, made in CLASSES.items()}, 5)
    yield Row("S13", "bytes per task object", "Starlette", Goal(1.3), ratios("Starlette", sizes))


def _builder(
    cls: Callable[..., Any], args: tuple[Any, ...], func: Callable[..., Any], count: int
) -> Callable[[], float]:
    first, second = args

    def measure() -> float:
        gc.collect()
        gc.disable()
        kept = [None] * count
        places = range(count)
        began = time.perf_counter()
        for place in places:
            kept[place] = cls(func, first, second)
        took = time.perf_counter() - began
        gc.enable()
        _forget(kept)
        return took

    return measure


def _weigher(cls: Callable[..., Any], args: tuple[Any, ...], count: int) -> Callable[[], float]:
    def measure() -> float:
        gc.collect()
        kept: list[Any] = [None] * count
        tracemalloc.start()
        for place in range(count):
            kept[place] = cls(on_the_loop, *args)
        size, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        _forget(kept)
        return size / count

    return measure


def _forget(tasks: list[Any]) -> None:
    # A task that is thrown away without being run says so, which is no part of building one.
    for task in tasks:
        if isinstance(task, BackgroundTask):
            task.used = True
