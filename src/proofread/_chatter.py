"""What a server prints of itself, which a page need not show: these very lines, and no others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote, unquote

NOTHING = r"(?!)"
"""What no line is."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A request that the page itself sent, and the status that came back."""

    client: str
    """The address that it was sent from, `127.0.0.1:50000`."""
    method: str
    target: str
    status: int


@dataclass(frozen=True, slots=True)
class Chatter:
    """The lines of one server program, as patterns with its process and its port to fill in."""

    once: tuple[str, ...] = ()
    """About its own coming and going: each is hidden once, since an app can print it as well."""
    access: str = NOTHING
    late: str = NOTHING
    """Access lines that a thread of the framework's own writes when it gets to it: where one stands
    says nothing, so it is hidden wherever it stands, unless it tells of a server error."""
    anywhere: tuple[str, ...] = ()
    """What it says of itself again and again."""
    around: tuple[tuple[str, str], ...] = ()
    """The first and the last line of a banner, which is hidden with all that stands between."""

    def without(self, text: str, start: int, *, pid: int, port: int) -> str:
        """What stands behind `start`, without those lines."""
        left = [re.compile(pattern.format(pid=pid, port=port)) for pattern in self.once]
        always = [re.compile(pattern.format(pid=pid, port=port)) for pattern in self.anywhere]
        kept: list[str] = []
        at, end = 0, NOTHING
        for whole in text.splitlines(keepends=True):
            line = whole.rstrip("\r\n")
            found = next((p for p in left if p.fullmatch(line)), None)
            late = re.fullmatch(self.late, line)
            begun = next((end for first, end in self.around if re.fullmatch(first, line)), None)
            if end != NOTHING or begun:
                end = NOTHING if re.fullmatch(end, line) else begun or end
            elif found is not None:
                left.remove(found)
            elif at >= start and not (
                (late and int(late["status"]) < 500) or any(p.fullmatch(line) for p in always)
            ):
                kept.append(whole)
            at += len(whole)
        return "".join(kept)

    def unexplained(
        self, lines: Sequence[str], answers: Sequence[Answer], *, others: bool
    ) -> Iterator[str]:
        """The lines that are no access line of a request which the page shows.

        With `others`, the page's Python may have sent more: their access lines are known by their
        form alone. A server error among them is not hidden, as nothing else might show it.
        """
        known = [(a.client, a.method, _as_logged(a.target), a.status) for a in answers]
        for line in lines:
            found = re.fullmatch(self.access, line)
            status = int(found["status"]) if found else 0
            if found is None or not _is_phrase(status, found["phrase"]):
                yield line
                continue
            told = (found["client"], found["method"], found["target"], status)
            if told in known:
                known.remove(told)
            elif status >= 500 or not others:
                yield line


def _as_logged(target: str) -> str:
    path, mark, query = target.partition("?")
    return quote(unquote(path)) + (mark + query if query else "")


def _is_phrase(status: int, phrase: str) -> bool:
    try:
        return HTTPStatus(status).phrase == phrase
    except ValueError:
        return phrase == ""


UVICORN = Chatter(
    once=tuple(
        rf"INFO:     {line}"
        for line in (
            r"Started server process \[{pid}\]",
            r"Waiting for application startup\.",
            r"Application startup complete\.",
            r"Uvicorn running on http://[\w.]+:{port} \(Press CTRL\+C to quit\)",
            r"Shutting down",
            r"Waiting for connections to close\. \(CTRL\+C to force quit\)",
            r"Waiting for background tasks to complete\. \(CTRL\+C to force quit\)",
            r"Waiting for application shutdown\.",
            r"Application shutdown complete\.",
            r"Finished server process \[{pid}\]",
        )
    ),
    access=r'INFO:     (?P<client>127\.0\.0\.1:\d+) - "(?P<method>[A-Z]+) (?P<target>/\S*)'
    r' HTTP/1\.[01]" (?P<status>\d{3}) (?P<phrase>.*)',
)

GRANIAN = Chatter(
    once=tuple(
        rf"\[INFO\] {line}"
        for line in (
            r"Starting granian \(main PID: {pid}\)",
            r"Listening at: http://[\w.]+:{port}",
            r"Spawning worker-1 with PID: \d+",
            r"Started worker-1",
            r"Started worker-1 runtime-1",
            r"Shutting down granian",
            r"Stopping worker-1",
            r"Stopping worker-1 runtime-1",
            r"Stopped worker-1",
            r"Granian shutdown completed, see ya!",
        )
    ),
    access=NOTHING,  # it writes none unless it is told to
    late=r"[\d-]+ [\d:.]+ \| INFO     \| velithon\.middleware\.logging:\d+ - Processed .*"
    r"\bstatus=(?P<status>\d{3})\b.*",
)
