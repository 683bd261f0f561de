"""What the pages of engines show of their checks, made from what was kept and never by hand.

Each engine is checked with what its page sets; Celery and RQ with their own defaults as well, and
taskiq over each of its brokers. Run as a program it checks them, and keeps with `--keep` what came.
"""

from __future__ import annotations

import argparse
import functools
import inspect
import json
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
from postlude.testing import EngineBroken, check_engine
from postlude.testing._engine_promises import PROMISES
from tests.conformance.asyncio_engines import check_procrastinate, check_taskiq
from tests.conformance.test_engine import ENGINES
from tests.engines.servers import Nats, Postgres, Redis, programs
from tests.engines.warden import Warden

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from postlude.protocols import Engine
    from postlude.testing import EngineReport
    from tests.engines.server import Server

HERE = Path(__file__).parent
KEPT = HERE / "promised.json"
TITLES = {"celery": "Celery", "rq": "RQ", "taskiq": "taskiq", "procrastinate": "Procrastinate"}
PLAIN = {
    "celery": "-m celery -A tests.conformance.celery_plain worker -c 1",
    "rq": "-m rq.cli worker -c tests.conformance.rq_worker --serializer json top high default low",
}
"""Their workers with their own defaults; RQ's pickle would refuse each message."""


def set_up(name: str, url: str, *, without: Collection[str] = ()) -> EngineReport:
    """The check of an engine with what its page sets."""
    return _checked(name, url, ENGINES[name][1], lease=30.0, patience=30.0, without=without)


def plain(name: str, url: str, *, without: Collection[str] = ()) -> EngineReport:
    """The check of an engine with its own defaults."""
    return _checked(name, url, PLAIN[name], lease=5.0, patience=5.0, without=without)


def on_asyncio(
    check: Callable[..., Awaitable[EngineReport]], url: str, *, without: Collection[str] = ()
) -> EngineReport:
    """The check of an engine that needs an event loop from its first moment on."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            return anyio.run(functools.partial(check, url, Path(folder), without=without))
        except EngineBroken as error:
            return error.report


def _checked(name: str, url: str, command: str, **options: Any) -> EngineReport:
    make, _ = ENGINES[name]

    def elsewhere(place: str) -> Engine:
        return make(f"redis://{place}/0", timeout=2.0)

    checking = functools.partial(
        check_engine,
        make(url),
        [sys.executable, *command.split()],
        elsewhere=elsewhere,
        spare="spare",
        cwd=HERE.parents[1],
        env={"BROKER": url, "RQ_REDIS_URL": url},
        **options,
    )
    try:
        return anyio.run(checking)
    except EngineBroken as error:
        return error.report


@dataclass(frozen=True)
class Way:
    """One column of a table: its title, its broker, its check."""

    title: str
    server: type[Server]
    check: Callable[..., EngineReport]


_redis_streams = functools.partial(check_taskiq, "redis")
_jetstream = functools.partial(check_taskiq, "nats")
WAYS = {
    **{
        name: {
            "set": Way("as here", Redis, functools.partial(set_up, name)),
            "plain": Way("as it comes", Redis, functools.partial(plain, name)),
        }
        for name in PLAIN
    },
    "taskiq": {
        "redis": Way("Redis streams", Redis, functools.partial(on_asyncio, _redis_streams)),
        "nats": Way("NATS JetStream", Nats, functools.partial(on_asyncio, _jetstream)),
    },
    "procrastinate": {
        "set": Way("as here", Postgres, functools.partial(on_asyncio, check_procrastinate))
    },
}


def kept() -> dict[str, Any]:
    """What was kept of each engine: its version, and the broken promises of each check."""
    rows: dict[str, Any] = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    return rows


def shown_in(name: str) -> Path:
    """The file that its page includes."""
    return HERE / f"promised-{name}.md"


def shown(name: str, row: dict[str, Any]) -> str:
    """The table of an engine."""
    title = f"{TITLES[name]} {row['version']}"
    ways = WAYS[name]
    heads = [f"{title}, {way.title}" for way in ways.values()]
    lines = [f"| Promise | {' | '.join(heads)} |", "|---" * (1 + len(ways)) + "|"]
    for promise, func in PROMISES.items():
        text = f"`{promise}`: {(inspect.getdoc(func) or '').rstrip('.')}"
        cells = [_cell(row[way], promise) for way in ways]
        lines.append(f"| {text} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cell(broken: dict[str, str], promise: str) -> str:
    return f"**no:** {broken[promise]}" if promise in broken else "yes"


def keep(rows: dict[str, Any]) -> None:
    """Write the record and the tables, which are committed together."""
    every = kept() | rows
    KEPT.write_text(json.dumps(every, indent=2) + "\n")
    for name, row in every.items():
        shown_in(name).write_text(shown(name, row))


def _row(name: str, warden: Warden) -> dict[str, Any]:
    row: dict[str, Any] = {"version": version(name)}
    for way, column in WAYS[name].items():
        server = column.server(programs(column.server)[0], warden)
        server.start()
        try:
            row[way] = dict(column.check(server.scope()).broken)
        finally:
            server.drop()
    print(shown(name, row), flush=True)
    return row


def main() -> None:
    """Check, and print the tables."""
    parser = argparse.ArgumentParser(prog="nox -s promises --", description=__doc__)
    parser.add_argument("engines", nargs="*", choices=[*TITLES, []], help="by default all")
    parser.add_argument("--keep", action="store_true", help="for the pages to show")
    options = parser.parse_args()
    warden = Warden()
    rows = {name: _row(name, warden) for name in options.engines or TITLES}
    warden.close()
    if options.keep:
        keep(rows)


if __name__ == "__main__":
    main()
