"""An `http` block: the request that it sends and the response that must come back."""

from __future__ import annotations

import contextlib
import json
import time
from dataclasses import dataclass

import httpx

from proofread._expect import body_matches, difference, keep_json, keep_wildcards, matches


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
        content = request.body or None
        with client.stream(method, target, headers=headers, content=content) as response:
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
    """The difference between what the page shows and what came, or `None`."""
    fits = matches(expected.start, _status_line(response))
    fits = fits and all(_sent(*header, response) == header[1] for header in expected.headers)
    if not (fits and body_matches(expected.body, response.text)):
        return difference(_text(expected), came_back(expected, response))
    return None


def came_back(expected: Message, response: httpx.Response) -> str:
    """The response as the page would show it: its status, the headers the page names, its body."""
    headers = tuple((name, _sent(name, value, response)) for name, value in expected.headers)
    sent = tuple((name, value) for name, value in headers if value is not None)
    return _text(Message(_status_line(response), sent, _body(expected.body, response.text)))


def _sent(name: str, expected: str, response: httpx.Response) -> str | None:
    """What to show for a header: as it stands where that fits, else what was sent, if it was."""
    values: list[str] = response.headers.get_list(name)
    if not values:
        return None
    fits = any(matches(expected, value) for value in (*values, ", ".join(values)))
    return expected if fits else ", ".join(values)


def _body(expected: str, actual: str) -> str:
    if body_matches(expected, actual):
        return expected
    try:
        value = json.loads(actual)
    except ValueError:
        return keep_wildcards(expected, actual)
    with contextlib.suppress(ValueError):
        value = keep_json(json.loads(expected), value)
    return json.dumps(value, indent=2 if "\n" in expected else None, ensure_ascii=False)


def _status_line(response: httpx.Response) -> str:
    return f"{response.http_version} {response.status_code} {response.reason_phrase}"


def _text(message: Message) -> str:
    head = [message.start, *(f"{name}: {value}" for name, value in message.headers)]
    return "\n".join([*head, "", message.body]) if message.body else "\n".join(head)
