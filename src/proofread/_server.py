"""A real server that a page has started: up on a free port, its log, and its end."""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from proofread._chatter import GRANIAN, UVICORN, Answer, Chatter
from proofread._expect import diverged, matches
from proofread._sandbox import Process
from proofread._service import Service

SHOWN_PORT = 8000
KINDS: Mapping[str, Chatter] = {"granian": GRANIAN, "uvicorn": UVICORN}

# Not where pages look for ports of their own, nor where the system does for clients.
PORTS = range(10_000, 12_000)
MOST_AT_ONCE = 200
_ports = itertools.cycle(PORTS)
for _ in range(os.getpid() * 7 % len(PORTS)):
    next(_ports)
_claims: dict[int, socket.socket] = {}
"""By port, what keeps other engines from it: of the last ones, as earlier servers have ended."""


def free_port() -> int:
    """A port that is free now, and that no other engine on this machine has taken."""
    while True:
        port = next(_ports)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            if _is_ours(port):
                return port


def _is_ours(port: int) -> bool:
    """Whether this process may use it; a server binds it only later, and others look as well."""
    if sys.platform != "linux" or port in _claims:
        return True
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0proofread-port-{port}")
    except OSError:
        claim.close()
        return False
    _claims[port] = claim
    if len(_claims) > MOST_AT_ONCE:
        _claims.pop(next(iter(_claims))).close()
    return True


def with_port(argv: list[str]) -> tuple[list[str], int, int]:
    """The command on a free port, the port that the page shows, and the free one."""
    free, shown = free_port(), SHOWN_PORT
    rest = list(argv)
    for at, word in enumerate(argv):
        name, equals, value = word.partition("=")
        value = value if equals else "".join(argv[at + 1 : at + 2])
        if name == "--port" and value.isdigit():
            shown = int(value)
            del rest[at : at + (1 if equals else 2)]
            break
    return [*rest, "--port", str(free)], shown, free


class Server(Service):
    """A server under way, and the requests that the page has sent it."""

    def __init__(
        self, process: Process, chatter: Chatter, log: Path, *, shown: int, port: int
    ) -> None:
        super().__init__(process, chatter, log, ports={shown: port})
        self.answered: list[Answer] = []
        """The requests of the page's own `http` blocks."""
        self.was_called = False
        """Whether the page's Python may have sent others."""
        self.shown = shown
        self.port = port

    def wait_until_up(self, limit: float) -> str | None:
        """Wait until it accepts connections; otherwise why it does not."""
        deadline = time.monotonic() + limit
        while time.monotonic() < deadline:
            status = self.process.wait(0.005)
            if status is not None:
                return self.failed_to_start(status)
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return None
        return self.never_came_up(limit)

    def wait_as_a_reader(self, above: str, limit: float) -> None:
        """Wait until the log shows what the page shows above its next request.

        That request's own handler may print lines above it too, so no longer than until nothing
        has come for a while; a short one if nobody has asked the server for anything yet.
        """
        silence = 0.5 if self.answered or self.was_called else 0.2
        began = time.monotonic()
        text, moved = "", began
        while time.monotonic() < min(began + limit, moved + silence):
            new = self._so_far()
            if matches(above, came := self._news(new)) or diverged(above, came):
                return
            if new != text:
                text, moved = new, time.monotonic()
            if self.process.wait(0.01) is not None:
                return

    def _unexplained(self, news: Sequence[str]) -> Iterable[str]:
        return self._chatter.unexplained(news, self.answered, others=self.was_called)
