"""What a writer's browser hears while pages change: the verdict, on the page itself."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal

EVENTS = "/-/proofread/events"
SCRIPT = "/-/proofread/live.js"
SOURCE = Path(__file__).with_name("_live.js")
TAG = f'<script src="{SCRIPT}" async></script>'
# Seconds between two signs of life, by which a browser that has left is noticed.
SILENCE = 15.0


@dataclass(frozen=True)
class Verdict:
    """What is known of the pages that are being written.

    `new` says that the whole site has been built anew, and that a reader should load it.
    """

    state: Literal["proving", "refused", "proven", "new"]
    pages: tuple[str, ...] = ()
    text: str = ""


class Verdicts:
    """The last verdict, and a way to wait for the next."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._number = 0
        self._last: Verdict | None = None

    def say(self, verdict: Verdict) -> None:
        """Tell all who wait."""
        with self._changed:
            self._number += 1
            self._last = verdict
            self._changed.notify_all()

    def after(self, number: int, patience: float) -> tuple[int, Verdict | None]:
        """The verdict that comes after one of that number; `None` if none comes in time."""
        with self._changed:
            self._changed.wait_for(lambda: self._number > number, patience)
            return self._number, self._last if self._number > number else None

    def begin(self) -> int:
        """The number to ask `after` with first: what is still so is told to a page that opens."""
        with self._changed:
            is_open = self._last is not None and self._last.state in ("proving", "refused")
            return self._number - is_open


class Handler(http.server.SimpleHTTPRequestHandler):
    """The files of the site; each page loads the script that shows verdicts."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *args: Any, verdicts: Verdicts, **options: Any) -> None:
        self.verdicts = verdicts
        super().__init__(*args, **options)

    def do_GET(self) -> None:
        """Send a file, the script or the verdicts to come."""
        path = self.path.partition("?")[0]
        if path == EVENTS:
            self._send_verdicts()
        elif path == SCRIPT:
            self._send(SOURCE.read_bytes(), {"Content-Type": "text/javascript; charset=utf-8"})
        elif page := self._page(path):
            self._send(_with_script(page), {"Content-Type": "text/html; charset=utf-8"})
        else:
            super().do_GET()

    def _page(self, path: str) -> Path | None:
        file = Path(self.translate_path(path))
        if path.endswith("/"):
            file /= "index.html"
        return file if file.suffix == ".html" and file.is_file() else None

    def _send(self, content: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(HTTPStatus.OK)
        for name, value in {
            **headers,
            "Content-Length": str(len(content)),
            "Cache-Control": "no-store",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _send_verdicts(self) -> None:
        self.close_connection = True
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        number = self.verdicts.begin()
        try:
            self.wfile.write(b": here are verdicts\n\n")
            while True:
                number, verdict = self.verdicts.after(number, SILENCE)
                said = f"data: {json.dumps(asdict(verdict))}" if verdict else ": nothing new"
                self.wfile.write(f"{said}\n\n".encode())
        except OSError:
            pass  # the page was left

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """No line for each request."""
        del format, args


def _with_script(page: Path) -> bytes:
    before, end, after = page.read_bytes().rpartition(b"</body>")
    return before + TAG.encode() + end + after if end else after
