"""Which promises engines keep, as their pages show.

Each engine is checked with what its page sets; Celery and RQ with their own defaults as well, and
taskiq over each of its brokers. Run as a program it checks them, and keeps with `--keep` what came.
"""

from __future__ import annotations

import argparse
import functools
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
from postlude.testing import EngineBroken, check_engine
from tests.conformance.asyncio_engines import check_procrastinate, check_taskiq
from tests.conformance.promised_page import COLUMNS, TITLES, keep, shown
from tests.conformance.test_engine import ENGINES
from tests.engines.servers import Nats, Postgres, Redis, programs
from tests.engines.warden import Warden

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from postlude.protocols import Engine
    from postlude.testing import EngineReport
    from tests.engines.server import Server

HERE = Path(__file__).parent
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
    """What fills a column of a table: its broker, its check."""

    server: type[Server]
    check: Callable[..., EngineReport]


_redis_streams = functools.partial(check_taskiq, "redis")
_jetstream = functools.partial(check_taskiq, "nats")
WAYS = {
    **{
        name: {
            "set": Way(Redis, functools.partial(set_up, name)),
            "plain": Way(Redis, functools.partial(plain, name)),
        }
        for name in PLAIN
    },
    "taskiq": {
        "redis": Way(Redis, functools.partial(on_asyncio, _redis_streams)),
        "nats": Way(Nats, functools.partial(on_asyncio, _jetstream)),
    },
    "procrastinate": {"set": Way(Postgres, functools.partial(on_asyncio, check_procrastinate))},
}


def _row(name: str, warden: Warden) -> dict[str, Any]:
    row: dict[str, Any] = {"version": version(name)}
    for way in COLUMNS[name]:
        column = WAYS[name][way]
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
