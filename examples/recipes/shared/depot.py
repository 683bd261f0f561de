import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Desk(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        call = self.rfile.read(int(self.headers["Content-Length"]))
        print("the warehouse has got", json.loads(call))
        self.send_response(204)
        self.end_headers()

    def log_request(self, code: object = "", size: object = "") -> None:
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
url = f"http://127.0.0.1:{server.server_port}/orders"
threading.Thread(target=server.serve_forever, daemon=True).start()
