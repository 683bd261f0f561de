"""Servers of pages: the port that each of them gets."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from proofread import _server

ASKS = "from proofread._server import free_port; print(*(free_port() for _ in range(300)))"


def engine() -> subprocess.Popen[str]:
    """One that has chosen its ports, and goes on until it is told something."""
    command = [sys.executable, "-c", f"{ASKS}; input()"]
    return subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def test_two_engines_never_choose_one_port() -> None:
    both = [engine(), engine()]
    chosen: list[set[str]] = []
    for one in both:
        assert one.stdout
        chosen.append({*one.stdout.readline().split()[-_server.MOST_AT_ONCE :]})
    for one in both:
        one.communicate("\n", timeout=20)
    assert len(chosen[0]) == len(chosen[1]) == _server.MOST_AT_ONCE
    assert not chosen[0] & chosen[1]


def test_a_port_that_is_taken_is_left_out() -> None:
    port = _server.free_port()
    following = port + 1 if port + 1 in _server.PORTS else _server.PORTS[0]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", following))
        assert _server.free_port() != following


def test_an_engine_that_goes_on_and_on_comes_back_to_its_first_ports() -> None:
    ports = [_server.free_port() for _ in range(2 * len(_server.PORTS))]
    assert {*ports} <= {*_server.PORTS}
    assert len(_server._claims) <= _server.MOST_AT_ONCE  # pyright: ignore[reportPrivateUsage]


@pytest.mark.parametrize("written", [["--port", "8001"], ["--port=8001"]])
def test_the_port_that_a_page_shows_is_replaced(written: list[str]) -> None:
    argv, shown, free = _server.with_port(["uvicorn", "main:app", *written, "--reload"])
    assert argv == ["uvicorn", "main:app", "--reload", "--port", str(free)]
    assert shown == 8001
    assert free in _server.PORTS
