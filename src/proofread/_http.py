"""Send the request of an `http` block, and compare what comes back with what it shows."""

from __future__ import annotations

import contextlib
import importlib
import socket
import struct
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx

from proofread._chatter import Answer
from proofread._exchange import Malformed, Message, text_of
from proofread._expect import changes, keep_wildcards, matches
from proofread._json import (
    json_matches,
    keep_json,
    read_expected,
    read_json,
    write_expected,
)

if TYPE_CHECKING:
    from proofread._tape import Tape

LAST_DATA_RECEIVED = 52
"""Where in Linux's `struct tcp_info` this field stands."""

importlib.import_module("httpcore")  # now, and not with the first request, when all wait for it


def send(
    request: Message,
    *,
    port: int,
    shown: int,
    limit: float,
    heard: Callable[[Answer], None],
    tape: Tape | None = None,
) -> httpx.Response:
    """Send it over a real socket, to the free port, in the name of the one that is shown.

    Nothing is sent but what the page shows, a `Host` and the length of the body. `heard` is told
    as soon as the response begins, and `tape` when all of it has come.
    """
    method, target, _ = request.start.split()
    here = f"127.0.0.1:{shown}"
    headers = list(request.headers)
    named = [value for name, value in headers if name.lower() == "host"]
    if any(value not in {here, f"localhost:{shown}"} for value in named):
        raise Malformed(f"`Host: {named[0]}` is not the server of this section: that is {here}.")
    if not named:
        headers.append(("Host", here))
    length = str(len((request.body or "").encode()))
    for name, value in headers:
        if not f"{name}{value}".isascii():
            raise Malformed(f"`{name}: {value}` cannot be sent: headers are ASCII.")
        if name.lower() == "content-length" and value != length:
            raise Malformed(f"`{name}: {value}`, and the body is of {length} bytes: delete it.")
    with httpx.Client(
        base_url=f"http://127.0.0.1:{port}",
        timeout=limit,
        trust_env=False,
        verify=False,  # no HTTPS here, and to read all certificates takes longer than the rest
    ) as client:
        client.headers.clear()
        content = request.body or None
        sent = time.monotonic()
        with client.stream(method, target, headers=headers, content=content) as response:
            host, source = response.extensions["network_stream"].get_extra_info("client_addr")
            heard(Answer(f"{host}:{source}", method, target, response.status_code))
            whole = _whole(response, limit)
            if tape is not None:
                tape.exchanged(f"{method} {target}", sent, _came(response, sent))
            return whole


def _came(response: httpx.Response, sent: float) -> tuple[float, float, float]:
    """When the last byte was there: at the earliest, presumably, and at the latest.

    The client may be late to see it. Linux tells how long ago it came, in steps of up to 10 ms.
    """
    seen = time.monotonic()
    line = response.extensions["network_stream"].get_extra_info("socket")
    with contextlib.suppress(AttributeError, OSError, struct.error):
        told = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
        (ago,) = struct.unpack_from("I", told, LAST_DATA_RECEIVED)
        return max(sent, seen - ago / 1000 - 0.01), max(sent, seen - ago / 1000), seen
    return sent, seen, seen


def _whole(response: httpx.Response, limit: float) -> httpx.Response:
    """The response with its body; httpx alone would follow one that never ends."""
    deadline = time.monotonic() + limit
    body = b""
    for chunk in response.iter_bytes():
        body += chunk
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout(f"the response was still coming after {limit:g} s")
    # Decoded by now, so without the headers that say how to.
    coded = {"content-encoding", "transfer-encoding"}
    plain = httpx.Response(
        response.status_code, content=body, extensions=response.extensions,
        headers=[item for item in response.headers.multi_items() if item[0] not in coded],
    )  # fmt: skip
    plain.headers = response.headers
    return plain


def compare(expected: Message, response: httpx.Response) -> str | None:
    """The difference between what the page shows and what came, or `None`.

    The status line must be equal, and so must each header that is shown, whatever the case of its
    name; others may have come. A header shown twice must have been sent twice.
    """
    fits = matches(expected.start, _status_line(response))
    fits = fits and _headers(expected, response) == list(expected.headers)
    if not (fits and _body_matches(expected.body, response)):
        return changes(text_of(expected), came_back(expected, response))
    return None


def came_back(expected: Message, response: httpx.Response) -> str:
    """The response as the page would show it: its status, the headers the page names, its body."""
    headers = tuple(_headers(expected, response))
    return text_of(Message(_status_line(response), headers, _body(expected.body, response)))


def _headers(expected: Message, response: httpx.Response) -> list[tuple[str, str]]:
    """For each header of the page the line as it stands, or as it was sent, if it was."""
    sent: dict[str, list[str]] = {}
    told: list[tuple[str, str]] = []
    for name, value in expected.headers:
        left = sent.setdefault(name.lower(), response.headers.get_list(name))
        if not left:
            continue
        fits = next((n for n, came in enumerate(left) if matches(value, came)), None)
        came = left.pop(fits or 0)
        told.append((name, value if fits is not None else came))
    return told


def _body_matches(expected: str, response: httpx.Response) -> bool:
    """Whether a body fits: as JSON where it is sent as that, else as text."""
    values = _as_json(expected, response)
    return json_matches(*values) if values else matches(expected, response.text)


def _as_json(expected: str, response: httpx.Response) -> tuple[Any, Any] | None:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json" or kind.endswith("+json"):
        with contextlib.suppress(ValueError):
            return read_expected(expected), read_json(response.text)
    return None


def _body(expected: str, response: httpx.Response) -> str:
    if _body_matches(expected, response):
        return expected
    values = _as_json(expected, response)
    if values is None:
        return keep_wildcards(expected, response.text)
    return write_expected(keep_json(*values), indent=2 if "\n" in expected else None)


def _status_line(response: httpx.Response) -> str:
    return f"{response.http_version} {response.status_code} {response.reason_phrase}"
