"""A real server in a process of its own: what it is asked, what it says, its end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
import time
from typing import TYPE_CHECKING

from examples.what_happens.wire import Answer, Connection

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from examples.what_happens.lab import Lab

COMMANDS = {
    "uvicorn": "uvicorn {app} --port {port} --http h11 --loop asyncio --no-access-log",
    "hypercorn": "hypercorn {app} --bind 127.0.0.1:{port}",
    "granian": "granian {app} --port {port}",
    "gunicorn": "gunicorn {app} -k asgi --bind 127.0.0.1:{port} --no-control-socket",
}
TOLD = re.compile(r"told ([\d.]+) (.*)")
ERROR = re.compile(
    r"(?:[\s|+-]*)((?:\w+\.)*\w+(?:Error|Exception|Group|\w+ed)(?::.*)?)"
)
PATIENCE = 15.0
"""Seconds until something that must come has not come."""


class Never(Exception):
    """What was waited for did not come."""


class Server:
    """One that runs until the scenario is left."""

    def __init__(self, command: Sequence[str], port: int, lab: Lab) -> None:
        """Made by `Lab.serving`."""
        self.port = port
        self.told_lines: list[tuple[float, str]] = []
        """What the app has told, with the times it said."""
        self.log: list[str] = []
        """What else was printed."""
        self._command = command
        self._lab = lab
        self._news = asyncio.Condition()

    async def start(self) -> None:
        """Wait until it takes connections."""
        self.process = await asyncio.create_subprocess_exec(
            *self._command,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # so that its workers can be ended with it
        )
        self._listening = asyncio.create_task(self._listen())
        until = time.monotonic() + 60
        while time.monotonic() < until and self.process.returncode is None:
            with contextlib.suppress(OSError):
                (await Connection.to(self.port)).leave()
                return
            await asyncio.sleep(0.05)
        raise Never("The server did not come up:\n" + "\n".join(self.log))

    async def _listen(self) -> None:
        assert self.process.stdout is not None
        async for raw in self.process.stdout:
            line = raw.decode(errors="replace").rstrip()
            told = TOLD.search(line)
            async with self._news:
                if told:
                    self.told_lines.append((float(told[1]), told[2]))
                else:
                    self.log.append(line)
                self._news.notify_all()

    # Requests

    async def open(self) -> Connection:
        """A connection, for scenarios that do not wait for the end of a response."""
        return await Connection.to(self.port)

    async def get(self, path: str, *, on: Connection | None = None) -> Answer:
        """Ask on a connection of its own, or on one that is open, and note both."""
        return await self.send("GET", path, on=on)

    async def send(
        self,
        method: str,
        path: str,
        *,
        on: Connection | None = None,
        headers: dict[str, str] | None = None,
        body: bytes = b"",
    ) -> Answer:
        """Ask, wait for the whole response, and note both."""
        connection = on or await self.open()
        asked = await connection.ask(path, method=method, headers=headers, body=body)
        self._lab.note(f"{method} {path}", at=asked)
        answer = await connection.rest(await connection.head(asked), method=method)
        self._lab.note(f"{answer.status} {answer.reason}".rstrip(), at=answer.done)
        if on is None:
            connection.leave()
        return answer

    # What the app tells

    def count(self, what: str) -> int:
        """How often the app has told it by now."""
        return sum(text == what for _, text in self.told_lines)

    async def told(self, what: str, *, times: int = 1) -> float:
        """Wait until the app has told it so often; when it said so."""
        await self._wait(lambda: self.count(what) >= times, f"{what!r} was not told")
        at = [at for at, text in self.told_lines if text == what][times - 1]
        self._lab.hear(at)
        return at

    async def tells(self, what: str, *, times: int = 1, within: float = 2.5) -> bool:
        """Whether the app tells it within so many seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self.told(what, times=times)
                return True
        return False

    async def printed(self, text: str) -> str:
        """Wait for a line of the log that holds this; the line."""
        await self._wait(lambda: any(text in line for line in self.log), f"no {text!r}")
        return next(line for line in self.log if text in line)

    def tracebacks(self) -> list[str]:
        """The last line of each traceback in the log by now: `ValueError: no`."""
        last: list[str] = []
        for number, line in enumerate(self.log):
            if line.strip(" |+").startswith("Traceback (most recent call last)"):
                below = (ERROR.fullmatch(later) for later in self.log[number + 1 :])
                last.append(next((found[1] for found in below if found), "cut off"))
        return last

    async def _wait(self, is_so: Callable[[], bool], otherwise: str) -> None:
        try:
            async with asyncio.timeout(PATIENCE), self._news:
                await self._news.wait_for(is_so)
        except TimeoutError:
            told = [f"told {text}" for _, text in self.told_lines]
            raise Never("\n".join([otherwise, *told, *self.log[-40:]])) from None

    # Its end

    def signal(self, number: signal.Signals) -> float:
        """Send its process a signal, and note it; when that was."""
        now = time.monotonic()
        self._lab.note(f"sends {number.name}", at=now)
        self.process.send_signal(number)
        return now

    async def ended(self) -> float:
        """Wait until it is gone and all that it printed is read; when that was."""
        async with asyncio.timeout(4 * PATIENCE):
            await self.process.wait()
            now = time.monotonic()
            await self._listening
        self._lab.note(f"gone, status {self.process.returncode}", at=now, who="server")
        return now

    async def kill(self) -> None:
        """End it and its workers, whatever they do."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        await self.process.wait()
        await self._listening


def command(server: str, app: str, port: int, *, options: Sequence[str]) -> list[str]:
    """How it is started."""
    words = COMMANDS[server].format(app=app, port=port).split()
    return [sys.executable, "-m", *words, *options]
