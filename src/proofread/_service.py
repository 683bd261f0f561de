"""A program that a page has started and that stays: its log, from where the page last looked."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from proofread._chatter import Answer, Chatter
from proofread._expect import diverged, matches
from proofread._sandbox import Process
from proofread._stamps import read_notes, unmixed

NO_PROCESS = r"(?<!process \[)(?<!PID: )"
"""Before a number that a server gives as its process: it may be the same as that of its port."""
INTERRUPTED = frozenset({0, 128 + signal.SIGINT})
"""How a program ends that was stopped as Ctrl-C does."""


class Service:
    """A server, a broker or a worker under way."""

    what = "server"
    """What it is called where something is said of it."""
    ends_by: signal.Signals = signal.SIGINT
    ends_with: frozenset[int] = INTERRUPTED

    def __init__(
        self, process: Process, chatter: Chatter, log: Path, *, ports: Mapping[int, int]
    ) -> None:
        self.process = process
        self.ports = ports
        """From the ports that the page shows to those that were free."""
        self.was_killed = False
        """Whether the page itself has sent it a signal."""
        self._chatter = chatter
        self._log = log
        self._seen = 0

    def text(self) -> str:
        """Everything it has printed, with the ports that the page shows."""
        return "".join(self._read())

    def _read(self) -> tuple[str, str]:
        """What is settled, and what the end of a line may still change."""
        raw = self._log.read_bytes() if self._log.exists() else b""
        settled, rest = unmixed(raw, list(read_notes(notes_of(self._log))))
        return self._as_shown(settled), self._as_shown(rest)

    def _as_shown(self, raw: bytes) -> str:
        text = raw.decode(errors="replace").replace("\r\n", "\n").replace("\r", "\n")
        return as_shown(text, self.ports)

    def wait_until_it_says(self, ready: str, limit: float, *, times: int = 1) -> str | None:
        """Wait until its log has what it prints once it is up; otherwise why it has not."""
        deadline = time.monotonic() + limit
        while len(re.findall(ready, self.text(), re.MULTILINE)) < times:
            status = self.process.wait(0.005)
            if status is not None:
                return self.failed_to_start(status)
            if time.monotonic() > deadline:
                return self.never_came_up(limit)
        return None

    def failed_to_start(self, status: int) -> str:
        said = f"The {self.what} ended with status {status} while starting. Its log:"
        return f"{said}\n{self.text()}"

    def never_came_up(self, limit: float) -> str:
        return f"The {self.what} did not come up within {limit:g} s. Its log:\n{self.text()}"

    def _news(self, text: str) -> str:
        """What it has printed since the page last looked, without its chatter."""
        port = next(iter(self.ports), 0)
        return self._chatter.without(text, self._seen, pid=self.process.pid, port=port)

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
        settled, rest = self._read()
        # The rest of its last line may still come.
        return settled + rest if over else settled[: settled.rfind("\n") + 1]

    def has_ended(self) -> bool:
        return self.process.wait(0) is not None

    def ask_to_stop(self) -> str | None:
        """Send what stops it; otherwise that it has ended by itself."""
        ended = self.process.wait(0)
        if ended is not None and not self.was_killed:
            return self._ended_by_itself(ended)
        self.process.signal(self.ends_by)
        return None

    def _ended_by_itself(self, status: int) -> str:
        said = f"The {self.what} ended by itself, with status {status}. Its log:"
        return f"{said}\n{self.text()}"

    def stop(self, limit: float, *, asked: bool = False) -> str | None:
        """Stop it, unless it is asked to already; otherwise what it kept, or that it would not."""
        alone = None if asked else self.ask_to_stop()
        ended = self.process.wait(limit)
        self.process.kill()
        if alone:
            return alone
        if ended is None:
            how = "Ctrl-C" if self.ends_by == signal.SIGINT else self.ends_by.name
            said = f"The {self.what} did not stop within {limit:g} s of {how}. Its log:"
            return f"{said}\n{self.text()}"
        if not self.was_killed:
            if ended not in self.ends_with:
                return self._ended_by_itself(ended)
            if left := self.process.problem(server=True):
                return left
        return self._unshown(list(self._unexplained(self._news(self.text()).splitlines())))

    def _unshown(self, lines: Sequence[str]) -> str | None:
        """What no block shows, which a page must."""
        title = f"{self.what.capitalize()} log"
        said = f'The {self.what} printed what no ```text title="{title}" shows:'
        return "\n".join([said, *lines]) if lines else None

    def _unexplained(self, news: Sequence[str]) -> Iterable[str]:
        return self._chatter.unexplained(news, list[Answer](), others=False)


class Worker(Service):
    """What takes work from a broker; all that it prints of it is shown."""

    what = "worker"
    command = ""
    ends_by = signal.SIGTERM
    ends_with = frozenset({0})


class Broker(Service):
    """What holds the work; its log is its own affair, unless it fails."""

    what = "broker"

    def _unexplained(self, news: Sequence[str]) -> Iterable[str]:
        return ()


def notes_of(log: Path) -> Path:
    """Where a program notes what it prints."""
    return log.with_suffix(".notes")


def as_shown(text: str, ports: Mapping[int, int]) -> str:
    """With the ports that the page shows, instead of those that were free."""
    for shown, port in ports.items():
        text = re.sub(rf"{NO_PROCESS}\b{port}\b", str(shown), text)
    return text


def as_run(text: str, ports: Mapping[int, int]) -> str:
    """With the ports that were free, instead of those that the page shows."""
    for shown, port in ports.items():
        text = re.sub(rf"(?<![\w.]){shown}\b(?!\.\w)", str(port), text)
    return text
