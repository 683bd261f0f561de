"""A folder behind a real HTTP server, as a host of pages serves it: text is compressed."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from functools import lru_cache
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

TEXT = frozenset({".css", ".html", ".js", ".json", ".md", ".svg", ".txt", ".xml"})
# A page builds the index of the whole site when it loads: once for each page is once too often.
INDEX = "/search/search_index.json"


@contextmanager
def served(folder: Path, *, searchable: bool = True) -> Generator[str]:
    """Its address, until the end; without search each page loads the index of an empty site."""

    class Handler(_Handler):
        def answer(self, path: Path) -> bytes:
            if not searchable and self.path.partition("?")[0] == INDEX:
                return gzip.compress(
                    json.dumps({**json.loads(path.read_bytes()), "docs": []}).encode()
                )
            return _compressed(path)

        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments, directory=str(folder))  # type: ignore[arg-type]

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, path: Path) -> bytes:
        raise NotImplementedError

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if path.is_dir():
            path /= "index.html"
        if path.suffix not in TEXT or not path.is_file():
            super().do_GET()
            return
        body = self.answer(path)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Nobody reads it."""


@lru_cache(maxsize=64)
def _compressed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), compresslevel=6)
