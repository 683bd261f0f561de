"""A real server that a page has started: up on a free port, its log, and its end."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from proofread._chatter import GRANIAN, UVICORN, Answer, Chatter
from proofread._expect import diverged, matches
from proofread._sandbox import Process

SHOWN_PORT = 8000
INTERRUPTED = frozenset({0, 128 + signal.SIGINT})
"""How a server ends that was stopped."""


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


class Server:
    """A server under way. Its log is read from where the page last looked."""

    def __init__(
        self, process: Process, chatter: Chatter, log: Path, *, shown: int, port: int
    ) -> None:
        self.process = process
        self.answered: list[Answer] = []
        """The requests of the page's own `http` blocks."""
        self.was_called = False
        """Whether the page's Python may have sent others."""
        self._chatter = chatter
        self.shown = shown
        self.port = port
        self._log = log
        self._seen = 0

    def wait_until_up(self, limit: float) -> str | None:
        """Wait until it accepts connections; otherwise why it does not."""
        deadline = time.monotonic() + limit
        while time.monotonic() < deadline:
            status = self.process.wait(0.005)
            if status is not None:
                return (
                    f"The server ended with status {status} while starting. Its log:\n{self.text()}"
                )
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return None
        return f"The server did not come up within {limit:g} s. Its log:\n{self.text()}"

    def text(self) -> str:
        """Everything it has printed, with the port that the page shows."""
        raw = self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""
        return re.sub(rf"\b{self.port}\b", str(self.shown), raw)

    def _news(self, text: str) -> str:
        """What it has printed since the page last looked, without its chatter."""
        return self._chatter.without(text, self._seen, pid=self.process.pid, port=self.shown)

    def wait_for_start(self, expected: str, limit: float) -> str:
        """All that it has printed, once that is what the page shows, or can no longer become it."""
        return self._wait_for(expected, str, limit)[0]

    def expect(self, expected: str, limit: float) -> str | None:
        """Wait until the news are what the page shows; otherwise what came."""
        came, fits = self._wait_for(expected, self._news, limit)
        return None if fits else came

    def _wait_for(
        self, expected: str, shown: Callable[[str], str], limit: float
    ) -> tuple[str, bool]:
        deadline = time.monotonic() + limit
        while True:
            over = time.monotonic() > deadline or self.process.wait(0.01) is not None
            text = self._so_far(over=over)
            # One reading for both, or a line that comes in between would count as seen.
            came = shown(text)
            fits = matches(expected, came)
            if fits or over or diverged(expected, came):
                self._seen = len(text)
                return came, fits

    def _so_far(self, *, over: bool = False) -> str:
        text = self.text()
        # The rest of its last line may still come.
        return text if over else text[: text.rfind("\n") + 1]

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

    def stop(self, limit: float) -> str | None:
        """Stop it as Ctrl-C does; otherwise what it kept to itself, or that it would not stop."""
        alone = self.process.wait(0) is not None
        self.process.signal(signal.SIGINT)
        ended = self.process.wait(limit)
        self.process.kill()
        if alone or ended not in {None, *INTERRUPTED}:
            return f"The server ended by itself, with status {ended}. Its log:\n{self.text()}"
        if ended is None:
            return f"The server did not stop within {limit:g} s of Ctrl-C. Its log:\n{self.text()}"
        left = self.process.problem(server=True)
        if left:
            return left
        news = self._news(self.text()).splitlines()
        unseen = list(self._chatter.unexplained(news, self.answered, others=self.was_called))
        if unseen:
            said = 'The server printed what no ```text title="Server log" shows:'
            return "\n".join([said, *unseen])
        return None
