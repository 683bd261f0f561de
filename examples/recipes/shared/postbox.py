import threading
import time
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer

FOLDER = Path("inbox")
FOLDER.mkdir(exist_ok=True)


class Postman(StreamRequestHandler):
    def handle(self) -> None:
        self.say("220 postbox")
        while line := self.rfile.readline().decode().strip():
            match line.upper().split(":<"):
                case ["RCPT TO", address] if address.startswith("NOBODY@"):
                    self.say("550 no such mailbox")
                case ["DATA"]:
                    self.say("354 go on")
                    self.keep()
                    self.say("250 kept")
                case ["QUIT"]:
                    self.say("221 bye")
                    return
                case _:
                    self.say("250 fine")

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def keep(self) -> None:
        part = FOLDER / f"{time.monotonic_ns():020}.part"
        with part.open("wb") as file:
            while (line := self.rfile.readline()) != b".\r\n":
                file.write(line.removeprefix(b"."))
        part.rename(part.with_suffix(".eml"))


server = ThreadingTCPServer(("127.0.0.1", 0), Postman)
address = f"127.0.0.1:{server.server_address[1]}"
threading.Thread(target=server.serve_forever, daemon=True).start()
