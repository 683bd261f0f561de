"""An `http` block: the request that it sends and the response that must come back."""

from __future__ import annotations

import json
from dataclasses import dataclass

import httpx

from proofread._expect import body_matches, difference, matches


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
    words = exchange.request.start.split()
    if len(words) not in {2, 3} or not words[1].startswith("/"):
        raise Malformed(f"{exchange.request.start!r} is no request: write `GET /path HTTP/1.1`.")
    if len(exchange.response.start.split()) < 2 or not exchange.response.start.split()[1].isdigit():
        raise Malformed(f"{exchange.response.start!r} is no status line: write `HTTP/1.1 200 OK`.")
    return exchange


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


def send(request: Message, *, port: int, shown: int, limit: float) -> httpx.Response:
    """Send it over a real socket, to the free port, in the name of the one that is shown."""
    method, target, *_ = request.start.split()
    headers = list(request.headers)
    if not any(name.lower() == "host" for name, _ in headers):
        headers.append(("Host", f"127.0.0.1:{shown}"))
    with httpx.Client(
        base_url=f"http://127.0.0.1:{port}", timeout=limit, trust_env=False
    ) as client:
        return client.request(method, target, headers=headers, content=request.body or None)


def compare(expected: Message, response: httpx.Response) -> str | None:
    """The difference between what the page shows and what came, or `None`."""
    fits = matches(expected.start, _status_line(response))
    for name, value in expected.headers:
        fits = fits and matches(value, response.headers.get(name, ""))
    if not (fits and body_matches(expected.body, response.text)):
        return difference(_text(expected), came_back(expected, response))
    return None


def came_back(expected: Message, response: httpx.Response) -> str:
    """The response as the page would show it: its status, the headers the page names, its body."""
    named = tuple((name, response.headers.get(name, "(not sent)")) for name, _ in expected.headers)
    kept = tuple((n, old if matches(old, new) else new)
                 for (n, new), (_, old) in zip(named, expected.headers, strict=True))  # fmt: skip
    body = (
        expected.body
        if body_matches(expected.body, response.text)
        else _pretty(expected.body, response.text)
    )
    return _text(Message(_status_line(response), kept, body))


def _pretty(expected: str, body: str) -> str:
    indent = 2 if "\n" in expected else None
    try:
        return json.dumps(json.loads(body), indent=indent, ensure_ascii=False)
    except ValueError:
        return body


def _status_line(response: httpx.Response) -> str:
    return f"{response.http_version} {response.status_code} {response.reason_phrase}"


def _text(message: Message) -> str:
    head = [message.start, *(f"{name}: {value}" for name, value in message.headers)]
    return "\n".join([*head, "", message.body]) if message.body else "\n".join(head)
