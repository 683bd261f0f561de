"""S8 to S12: to serve requests whose tasks run after the response, over uvicorn or granian."""

from __future__ import annotations

import asyncio
import statistics
from functools import partial
from typing import TYPE_CHECKING

import uvloop
from tests.benchmarks.rows import OURS, Goal, Row, in_turns_async, ratios
from tests.benchmarks.servers import Connection, get, load, serving

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from tests.benchmarks.servers import Server

    Measure = Callable[[Server], Awaitable[float]]

NAMES = {
    "Starlette": "starlette",
    "FastAPI": "fastapi",
    "Litestar": "litestar",
    "Velithon (granian)": "velithon",
    OURS: "postlude",
}
# Velithon 0.6 answers 400 for each endpoint that is a `def`.
SYNC = {name: module for name, module in NAMES.items() if module != "velithon"}
AT_ONCE = 15
BETWEEN = 0.05


def rows(quick: bool) -> Iterator[Row]:
    """Measure them."""
    rounds, spell = (5, 0.5) if quick else (7, 1.0)
    for key, kind, bound in (("S8", "async", 0.95), ("S9", "def", 3.0)):
        work = f"requests/s of an endpoint with one {kind} no-op task"
        goal = Goal(bound, at_least=True)
        bare = _throughput("/no-task", spell)
        yield _row(key, work, "Starlette", goal, _throughput(f"/{kind}", spell), rounds, bare=bare)
    work = "p99 of a def endpoint whose def task runs 200 ms"
    yield _row("S10", work, "Starlette", Goal(0.3), _slowest(spell), rounds, names=SYNC)
    yield _beside(rounds, pending=500)
    work = "server memory per pending task"
    yield _row("S12", work, "Starlette", Goal(0.06), _weight(500 if quick else 2000), 1, fresh=5)


def _row(
    key: str,
    work: str,
    base: str,
    goal: Goal,
    measure: Measure,
    rounds: int,
    *,
    fresh: int = 0,
    names: Mapping[str, str] = NAMES,
    bare: Measure | None = None,
) -> Row:
    times: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(fresh or 1):
        with serving(*names.values()) as servers:

            def on(server: Server) -> Callable[[], Awaitable[float]]:
                return lambda: measure(server)

            contenders = {name: on(servers[module]) for name, module in names.items()}
            if bare is not None:  # what would be left of it if a task cost nothing
                contenders["Starlette, without a task"] = partial(bare, servers["starlette"])
            if fresh:  # a server that was measured cannot be measured again
                for name, contender in contenders.items():
                    times[name].append(uvloop.run(_awaited(contender)))
            else:
                times = uvloop.run(in_turns_async(contenders, rounds))
    return Row(key, work, base, goal, ratios(base, times))


async def _awaited(contender: Callable[[], Awaitable[float]]) -> float:
    return await contender()


def _throughput(path: str, spell: float) -> Measure:
    async def measure(server: Server) -> float:
        return len(await load(server.port, path, connections=16, seconds=spell)) / spell

    return measure


def _slowest(spell: float) -> Measure:
    async def measure(server: Server) -> float:
        taken = await load(server.port, "/sync-slow", connections=40, seconds=spell, pause=0.1)
        await asyncio.sleep(spell + 0.5)  # what is left must not meet the next one's
        return statistics.quantiles(taken, n=100)[98]

    return measure


def _beside(rounds: int, *, pending: int) -> Row:
    """A sync endpoint beside pending `def` tasks, for each against itself when idle."""

    async def now_and_then(server: Server) -> float:
        """The median of some that are sent one after the other, and wait for none before them."""
        open_ones = [await Connection.opened(server.port) for _ in range(AT_ONCE)]

        async def ask(number: int, connection: Connection) -> float:
            await asyncio.sleep(number * BETWEEN)
            return await connection.get("/sync")

        taken = await asyncio.gather(*(ask(*each) for each in enumerate(open_ones)))
        for each in open_ones:
            each.close()
        return statistics.median(taken)

    async def compare(server: Server) -> float:
        idle = await now_and_then(server)
        await asyncio.gather(*(get(server.port, "/pending") for _ in range(pending)))
        busy = await now_and_then(server)
        await asyncio.sleep(0.1 * pending / 40 + 0.5)
        return busy / idle

    with serving(*SYNC.values()) as servers:
        contenders: dict[str, Callable[[], Awaitable[float]]] = {}
        for name, module in SYNC.items():
            contenders[name] = lambda server=servers[module]: compare(server)  # type: ignore[misc]
        times = uvloop.run(in_turns_async(contenders, min(rounds, 5)))
    work = f"p50 of a sync endpoint while {pending} def tasks of 100 ms are pending"
    times["idle"] = [1.0] * len(times[OURS])
    return Row("S11", work, "idle", Goal(2.0), ratios("idle", times))


def _weight(pending: int) -> Measure:
    async def measure(server: Server) -> float:
        for _ in range(100):
            await get(server.port, "/forever")
        before = server.memory()
        for _ in range(pending // 50):
            await asyncio.gather(*(get(server.port, "/forever") for _ in range(50)))
        await asyncio.sleep(0.2)
        # Below a page per hundred tasks there is nothing to be seen.
        return max(server.memory() - before, 1) / pending

    return measure
