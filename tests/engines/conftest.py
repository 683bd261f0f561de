"""Brokers and workers for the tests of the engines: real ones, and gone when the tests are."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Protocol

import pytest
from tests.engines.server import Server
from tests.engines.servers import KINDS, Nats, Postgres, Redis, programs
from tests.engines.warden import Warden
from tests.engines.workers import start_worker, write

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.engines.programs import Program

SERVERS = {kind.name: (kind, found) for kind in KINDS if (found := programs(kind))}
"""What is there to be started; all but RabbitMQ come with the test dependencies."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which servers the engines were tried on."""
    for kind in KINDS:
        said = ", ".join(programs(kind)) or "not installed here, and nothing was tried on it"
        terminalreporter.write_line(f"{kind.name}: {said}")


class StartWorker(Protocol):
    """`worker("celery -A main.app worker -l info", files={"main.py": "…"})`."""

    def __call__(
        self,
        command: str,
        *,
        files: Mapping[str, str] = ...,
        ready: str | None = ...,
        times: int = ...,
        env: Mapping[str, str] | None = ...,
    ) -> Program:
        """Start a worker; it has ended when the test has."""
        ...


@pytest.fixture(scope="session")
def warden() -> Iterator[Warden]:
    """What ends everything that is still there at the end of the tests, whatever ended them."""
    warden = Warden()
    yield warden
    warden.close()


@pytest.fixture(scope="session")
def servers(warden: Warden) -> Iterator[dict[str, Server]]:
    """One server a kind, prepared when a test first asks for it."""
    started: dict[str, Server] = {}
    yield started
    for server in started.values():
        server.drop()


def _running(servers: dict[str, Server], warden: Warden, name: str) -> Server:
    if name not in servers:
        kind, found = SERVERS[name]
        servers[name] = kind(found[0], warden)
    servers[name].start()  # the test before may have stopped it
    return servers[name]


@pytest.fixture
def redis_server(servers: dict[str, Server], warden: Warden) -> Redis:
    """A running Redis that all tests share; a test may stop, kill and start it."""
    server = _running(servers, warden, "redis")
    assert isinstance(server, Redis)
    return server


@pytest.fixture
def redis_url(redis_server: Redis) -> str:
    """A database of Redis that is the test's own."""
    return redis_server.scope()


@pytest.fixture
def postgres_server(servers: dict[str, Server], warden: Warden) -> Postgres:
    """A running PostgreSQL that all tests share; a test may stop, kill and start it."""
    server = _running(servers, warden, "postgres")
    assert isinstance(server, Postgres)
    return server


@pytest.fixture
def postgres_url(postgres_server: Postgres) -> str:
    """A database of PostgreSQL that is the test's own."""
    return postgres_server.scope()


@pytest.fixture
def nats_server(servers: dict[str, Server], warden: Warden) -> Nats:
    """A running NATS with JetStream that all tests share; a test may stop, kill and start it."""
    server = _running(servers, warden, "nats")
    assert isinstance(server, Nats)
    return server


@pytest.fixture
def nats_url(nats_server: Nats) -> str:
    """An account of NATS that is the test's own: nobody else has its streams."""
    return nats_server.scope()


@pytest.fixture(params=[name for name in ("redis", "rabbitmq") if name in SERVERS])
def celery_broker(
    request: pytest.FixtureRequest, servers: dict[str, Server], warden: Warden
) -> Server:
    """Each broker of Celery that is installed; give queues names of their own."""
    return _running(servers, warden, str(request.param))


@pytest.fixture
def worker(tmp_path: Path, warden: Warden) -> Iterator[StartWorker]:
    """Start real workers in a directory of the test's own, with the files they need."""
    started: list[Program] = []
    numbers = itertools.count(1)

    def start(
        command: str,
        *,
        files: Mapping[str, str] | None = None,
        ready: str | None = None,
        times: int = 1,
        env: Mapping[str, str] | None = None,
    ) -> Program:
        write(tmp_path, files or {})
        name = f"worker-{next(numbers)}"
        program = start_worker(
            command, folder=tmp_path, warden=warden, ready=ready, times=times, env=env, name=name
        )
        started.append(program)
        return program

    yield start
    for program in started:
        program.dismiss()
