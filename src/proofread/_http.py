"""An `http` block: the request that it sends and the response that must come back."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from proofread._chatter import Answer
from proofread._expect import ANY, changes, keep_wildcards, matches
from proofread._json import (
    Ambiguous,
    json_matches,
    keep_json,
    read_expected,
    read_json,
    write_expected,
)

REQUEST = re.compile(r"[A-Z]+ (/(?!/)\S*) HTTP/1\.1")
STATUS = re.compile(r"HTTP/1\.[01] \d{3} \S.*")


class Malformed(ValueError):
    """An `http` block that is not a request and a response."""


@dataclass(frozen=True, slots=True)
class Message:
    """A start line, headers and a body, as written."""

    start: str
    headers: tuple[tuple[str, str], ...]
    body: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its response."""

    request: Message
    response: Message


def parse(text: str) -> Exchange:
    """Read a block; the response begins at the line that starts with `HTTP/`."""
    lines = text.strip().splitlines()
    split = next((n for n, line in enumerate(lines) if n and line.startswith("HTTP/")), None)
    if split is None:
        raise Malformed(
            "No response: write `HTTP/1.1 200 OK` under the request, headers, the body."
        )
    exchange = Exchange(_message(lines[:split]), _message(lines[split:]))
    _check_request(exchange.request)
    _check_response(exchange.response)
    return exchange


def _check_request(request: Message) -> None:
    found = REQUEST.fullmatch(request.start)
    if found is None:
        raise Malformed(f"{request.start!r} is no request: write `GET /path HTTP/1.1`.")
    sent = httpx.URL(found[1]).raw_path.decode()
    if sent != found[1]:
        raise Malformed(f"{found[1]!r} would be sent as {sent!r}: write that.")


def _check_response(response: Message) -> None:
    if not STATUS.fullmatch(response.start):
        raise Malformed(f"{response.start!r} is no status line: write `HTTP/1.1 200 OK`.")
    if response.body and not response.body.replace(ANY, "").strip():
        raise Malformed("Only `...` for a body expects nothing. Show a line of it.")
    if response.body.startswith(("{", "[")):
        try:
            read_expected(response.body)
        except Ambiguous as error:
            raise Malformed(f"No client reads this body as it stands here: {error}.") from None
        except ValueError:
            pass  # it is compared as text


def _message(lines: list[str]) -> Message:
    headers: list[tuple[str, str]] = []
    rest = iter(lines[1:])
    for line in rest:
        if not line.strip():
            break
        name, colon, value = line.partition(":")
        if not colon:
            raise Malformed(
                f"{line!r} is no header: write `name: value`, and an empty line before the body."
            )
        headers.append((name.strip(), value.strip()))
    return Message(lines[0].strip(), tuple(headers), "\n".join(rest).strip())


def send(
    request: Message, *, port: int, shown: int, limit: float, heard: Callable[[Answer], None]
) -> httpx.Response:
    """Send it over a real socket, to the free port, in the name of the one that is shown.

    Nothing is sent but what the page shows, a `Host` and the length of the body. `heard` is told
    as soon as the response begins.
    """
    method, target, _ = request.start.split()
    here = f"127.0.0.1:{shown}"
    headers = list(request.headers)
    named = [value for name, value in headers if name.lower() == "host"]
    if any(value not in {here, f"localhost:{shown}"} for value in named):
        raise Malformed(f"`Host: {named[0]}` is not the server of this section: that is {here}.")
    if not named:
        headers.append(("Host", here))
    with httpx.Client(
        base_url=f"http://127.0.0.1:{port}", timeout=limit, trust_env=False
    ) as client:
        client.headers.clear()
        content = request.body or None
        with client.stream(method, target, headers=headers, content=content) as response:
            host, source = response.extensions["network_stream"].get_extra_info("client_addr")
            heard(Answer(f"{host}:{source}", method, target, response.status_code))
            return _whole(response, limit)


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
        return changes(_text(expected), came_back(expected, response))
    return None


def came_back(expected: Message, response: httpx.Response) -> str:
    """The response as the page would show it: its status, the headers the page names, its body."""
    headers = tuple(_headers(expected, response))
    return _text(Message(_status_line(response), headers, _body(expected.body, response)))


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


def _text(message: Message) -> str:
    head = [message.start, *(f"{name}: {value}" for name, value in message.headers)]
    return "\n".join([*head, "", message.body]) if message.body else "\n".join(head)
