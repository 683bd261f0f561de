"""What an `http` block says: a request, and the response that must come back."""

from __future__ import annotations

import re
from dataclasses import dataclass

import httpx

from proofread._expect import ANY
from proofread._json import Ambiguous, read_expected

REQUEST = re.compile(r"[A-Z]+ (/(?!/)\S*) HTTP/1\.1")
STATUS = re.compile(r"HTTP/1\.[01] \d{3}(?: \S.*)?")


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


def text_of(message: Message) -> str:
    """As it is written on a page."""
    head = [message.start, *(f"{name}: {value}" for name, value in message.headers)]
    return "\n".join([*head, "", message.body]) if message.body else "\n".join(head)
