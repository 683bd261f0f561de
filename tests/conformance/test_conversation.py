"""What the check makes of what it hears, from an application that ends in the middle as well."""

from __future__ import annotations

import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from postlude.testing import probe_chunks
from postlude.testing._ledger import Ledger, Note, open_ledger
from postlude.testing._served import free_port
from postlude.testing._talk import Broken, Talk

if TYPE_CHECKING:
    from anyio.abc import SocketStream

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> Any:
    return request.param


async def report_to(key: str) -> SocketStream:
    """A connection, as the task or stream of this key has one."""
    return await anyio.connect_tcp("127.0.0.1", int(key.split(".")[1]))


async def heard(ledger: Ledger) -> list[tuple[str, str]]:
    """What is noted in the end, of tasks."""
    await ledger.settle()
    return [(note.kind, note.task) for note in ledger.notes if note.key != "nobody"]


async def test_a_task_that_hangs_up_before_its_report_leaves_no_note() -> None:
    async with open_ledger(10) as ledger:
        async with await report_to(ledger.key("single")) as line:
            await line.send(b"beg")
        assert await heard(ledger) == []


@pytest.mark.parametrize(
    "said",
    [b"GET / HTTP/1.1\r\n\r\n", b"\xff\n", b"\n", b"x" * 10_000, b""],
    ids=["a request", "no text", "no words", "no line", "nothing"],
)
async def test_a_stranger_who_mistook_the_port_disturbs_nobody(said: bytes) -> None:
    async with open_ledger(10) as ledger:
        async with await report_to(ledger.key("single")) as line:
            await line.send(said)
        assert await heard(ledger) == []


def test_each_server_has_a_port_that_the_system_hands_to_nobody() -> None:
    ports = [free_port() for _ in range(50)]
    assert len(set(ports)) == 50
    assert all(20_000 <= port < 32_000 for port in ports)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", ports[-1] + 1))
        assert free_port() != ports[-1] + 1


FORKS = """
import os
from postlude.testing._served import free_port

free_port()
if pid := os.fork():
    os.waitpid(pid, 0)
print(free_port(), flush=True)
"""


def test_a_process_that_was_forked_has_ports_of_its_own() -> None:
    ran = subprocess.run([sys.executable, "-c", FORKS], capture_output=True, text=True, check=True)
    ports = ran.stdout.split()
    assert len(ports) == len(set(ports)) == 2


async def test_a_stream_that_is_cut_off_at_a_chunk_cuts_off_no_task() -> None:
    async with open_ledger(10) as ledger:
        key = ledger.key("single")
        async with await report_to(key) as line:
            await line.send(f"begin {key} chunk early\n".encode())
            assert await line.receive(1) == b"."
        assert await heard(ledger) == []


async def test_a_task_that_is_gone_while_it_is_held_was_cut_off() -> None:
    async with open_ledger(10) as ledger:
        key = ledger.key("single", held=True)
        async with await report_to(key) as line:
            await line.send(f"begin {key} task late\n".encode())
            assert await ledger.until(lambda: bool(ledger.of(key, "begin")))
        assert await ledger.until(lambda: bool(ledger.of(key, "cut")))
        assert await heard(ledger) == [("begin", "task"), ("cut", "task")]


async def test_a_task_that_begins_and_does_not_end_is_named() -> None:
    async with open_ledger(0.05) as ledger:
        key = ledger.key("group")
        ledger.notes += [Note(kind, key, "first") for kind in ("begin", "end")]
        ledger.notes.append(Note("begin", key, "function"))
        talk = Talk("http://127.0.0.1", ledger, served=None, patience=0.05)
        with pytest.raises(Broken, match=r"'function' began and did not end within 0\.05 s, after"):
            await talk.ended(key, "a response of 200")


async def test_a_stream_whose_client_is_gone_unnoticed_does_not_go_on_for_ever() -> None:
    size, last = 0, b""
    async with open_ledger(10) as ledger:
        with anyio.fail_after(30):
            async for last in probe_chunks(ledger.key("endless")):
                size += len(last)
    assert last == b"last\n"
    assert size > 1_000_000  # more than a connection that nobody reads from takes
