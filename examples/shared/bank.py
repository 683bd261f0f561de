import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

calls: list[str] = []  # the card of each request
bookings: list[str] = []  # the card of each charge
known: set[str] = set()  # the idempotency keys of charges


class Counter(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        card = self.rfile.read(int(self.headers["Content-Length"])).decode()
        key = str(self.headers["Idempotency-Key"])
        calls.append(card)
        if card == "expired":
            self.send_response(402)
        elif card == "closed" or (card == "busy" and calls.count(card) <= 2):
            self.send_response(503)
        else:
            if key not in known:
                bookings.append(card)
                known.add(key)
            if card == "unlucky" and calls.count(card) == 1:
                return  # booked, and the connection breaks before the answer
            self.send_response(201)
        self.end_headers()

    def log_request(self, code: object = "", size: object = "") -> None:
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Counter)
url = f"http://127.0.0.1:{server.server_port}/charges"
threading.Thread(target=server.serve_forever, daemon=True).start()
