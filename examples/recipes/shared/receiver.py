import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Hook(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Receiver)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(json.loads(body))
        self.send_response(204)
        self.end_headers()

    def log_request(self, code: object = "", size: object = "") -> None:
        pass


class Receiver(ThreadingHTTPServer):
    """Has an address at once, and answers there when it is up."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Hook, bind_and_activate=False)
        self.server_bind()
        self.url = f"http://127.0.0.1:{self.server_port}/hook"
        self.got: list[dict[str, Any]] = []

    def up(self) -> None:
        self.server_activate()
        threading.Thread(target=self.serve_forever, daemon=True).start()
