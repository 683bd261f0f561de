"""The servers of these tests: there when they answer, their data kept, and gone in the end."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import nats
import nats.js.errors
import psycopg
import pytest
import redis
from tests.engines.server import Server
from tests.engines.servers import KINDS, Nats, Postgres, Redis, programs
from tests.engines.warden import members

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engines.warden import Warden

ROOT = Path(__file__).parents[2]


def put(url: str, word: str) -> None:
    """Let a server confirm that it has this."""
    if url.startswith("redis:"):
        with redis.Redis.from_url(url) as client:
            client.set("word", word)
    elif url.startswith("postgresql:"):
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE words (word text)")
            connection.execute("INSERT INTO words VALUES (%s)", [word])
    else:
        asyncio.run(_publish(url, word))


def got(url: str) -> str | None:
    """What it has, if it has anything."""
    if url.startswith("redis:"):
        with redis.Redis.from_url(url) as client:
            value = client.get("word")
            return value.decode() if isinstance(value, bytes) else None
    if url.startswith("postgresql:"):
        with psycopg.connect(url) as connection:
            try:
                row = connection.execute("SELECT word FROM words").fetchone()
            except psycopg.errors.UndefinedTable:
                return None
            return str(row[0]) if row else None
    return asyncio.run(_last(url))


async def _publish(url: str, word: str) -> None:
    client = await nats.connect(url)
    stream = client.jetstream()
    await stream.add_stream(name="words", subjects=["words"])
    await stream.publish("words", word.encode())
    await client.close()


async def _last(url: str) -> str | None:
    client = await nats.connect(url)
    try:
        message = await client.jetstream().get_last_msg("words", "words")
    except nats.js.errors.NotFoundError:
        return None
    finally:
        await client.close()
    return (message.data or b"").decode()


@pytest.fixture(params=["redis_server", "postgres_server", "nats_server"])
def server(request: pytest.FixtureRequest) -> Server:
    """Each of those that all tests share."""
    found = request.getfixturevalue(str(request.param))
    assert isinstance(found, Server)
    return found


def test_what_it_confirmed_outlives_a_stop(server: Server) -> None:
    url = server.scope()
    put(url, "kept")
    server.restart()
    assert got(url) == "kept"


def test_what_it_confirmed_outlives_kill_9_at_the_same_address(server: Server) -> None:
    url = server.scope()
    put(url, "kept")
    server.kill()
    server.start()
    assert got(url) == "kept"


def test_each_test_has_a_part_of_its_own(server: Server) -> None:
    mine, other = server.scope(), server.scope()
    put(mine, "mine")
    assert got(mine) == "mine"
    assert got(other) is None


def test_nobody_answers_once_it_is_stopped(server: Server) -> None:
    server.stop()
    assert not server.answers()


def test_the_next_test_finds_it_running_again(server: Server) -> None:
    assert server.answers()


@pytest.mark.parametrize(
    ("kind", "program"),
    [(kind, program) for kind in KINDS for program in programs(kind)],
    ids=[f"{kind.name}-{number}" for kind in KINDS for number, _ in enumerate(programs(kind))],
)
def test_every_program_that_is_installed_can_be_used(
    kind: type[Server], program: str, warden: Warden
) -> None:
    server = kind(program, warden)
    server.start()
    assert server.answers()
    server.stop()
    assert not server.answers()


ORPHANS = """
import sys
from tests.engines.servers import KINDS, programs
from tests.engines.warden import Warden
warden = Warden()
kind = next(kind for kind in KINDS if kind.name == sys.argv[1])
server = kind(programs(kind)[0], warden)
server.start()
print(server.running.pid, server.port, server.folder, flush=True)
input()
"""


@pytest.mark.parametrize("kind", [Redis, Postgres, Nats], ids=lambda kind: kind.name)
def test_a_server_ends_when_its_tests_are_killed(
    kind: type[Server], tests_of_another_run: Callable[[str], tuple[int, Path]]
) -> None:
    pid, folder = tests_of_another_run(kind.name)
    deadline = time.monotonic() + 30
    while (members(pid) or folder.exists()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not members(pid)
    assert not folder.exists()


@pytest.fixture
def tests_of_another_run() -> Callable[[str], tuple[int, Path]]:
    """Start a server from another process, and kill that with its group."""

    def start(name: str) -> tuple[int, Path]:
        with subprocess.Popen(
            [sys.executable, "-c", ORPHANS, name],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as tests:
            assert tests.stdout
            pid, _, folder = tests.stdout.readline().split()
            assert members(int(pid))
            os.killpg(tests.pid, signal.SIGKILL)
        return int(pid), Path(folder)

    return start
