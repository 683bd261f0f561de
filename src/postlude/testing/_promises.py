"""What tasks attached to a response promise, each as a conversation with a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import anyio
from postlude.testing._exchange import ERRORS, open_exchange
from postlude.testing._probe import ENDLESS, FIRST, LAST, PIECES, PLANS
from postlude.testing._talk import Broken

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from postlude.testing._ledger import Ledger
    from postlude.testing._talk import Talk

    Promise: TypeAlias = Callable[[Talk], Awaitable[None]]


async def response_first(talk: Talk) -> None:
    """The client has the whole response while the task still waits for that."""
    for plan in ("single", "function", "group"):
        key = talk.ledger.key(plan, held=True)
        try:
            await talk.ask(key)
        finally:
            talk.ledger.release(key)
        await talk.ended(key, "a response of 200")


async def order(talk: Talk) -> None:
    """Tasks of a group run one after another, as they were added."""
    key = talk.ledger.key("group")
    await talk.ask(key)
    await talk.ended(key, "a response of 200")
    seen = [*dict.fromkeys(f"{note.task} {note.kind}s" for note in talk.ledger.of(key, *_STEPS))]
    due = [f"{name} {kind}s" for name in PLANS["group"] for kind in _STEPS]
    if seen != due:
        raise Broken(f"the tasks did not run in order: seen {', '.join(seen)}")


async def isolation(talk: Talk) -> None:
    """A task that fails stops no other of its group."""
    key = talk.ledger.key("failing")
    await talk.ask(key)
    await talk.ended(key, "another task of its group had failed")


async def logging(talk: Talk) -> None:
    """A failure is logged."""
    key = talk.ledger.key("failing")
    await talk.ask(key)
    if not await talk.ledger.until(lambda: bool(talk.ledger.of(key, "log"))):
        raise Broken(
            f"no failure of task 'failing' was logged {talk.within}, as an error with its "
            "traceback on the logger 'postlude': is that logger disabled, or its level too high?"
        )


async def exactly_once(talk: Talk) -> None:
    """Each task runs; that none runs twice shows at the end."""
    for plan in ("single", "group"):
        key = talk.ledger.key(plan)
        await talk.ask(key)
        await talk.ended(key, "a response of 200")


async def error_responses(talk: Talk) -> None:
    """Tasks also run after responses that say that something is wrong."""
    for status in (404, 503):
        key = talk.ledger.key("single")
        await talk.ask(key, status=status)
        await talk.ended(key, f"a response of {status}")


async def head(talk: Talk) -> None:
    """Tasks also run after a response that has no body."""
    key = talk.ledger.key("single")
    await talk.ask(key, method="HEAD")
    await talk.ended(key, "the response to HEAD")


async def streaming(talk: Talk) -> None:
    """The tasks of a stream wait for its last chunk."""
    key = talk.ledger.key("single", held=True)
    path = f"/stream/{key}"
    try:
        async with open_exchange(talk.url, path, patience=talk.patience) as exchange:
            body = await exchange.read(len(FIRST)) + await exchange.rest()
            status = await exchange.status()
    except ERRORS as error:
        raise talk.unanswered(key, f"GET {path}", error) from error
    finally:
        talk.ledger.release(key)
    if status != 200 or body != FIRST + b"piece\n" * PIECES + LAST:
        raise Broken(f"GET {path} did not stream what probe_chunks() gives: {body[:40]!r}")
    if any(note.early for note in talk.ledger.of(key, "begin")):
        raise Broken("task 'task' began before the last chunk of its response was sent")
    await talk.ended(key, "the last chunk of a stream")


async def disconnect(talk: Talk) -> None:
    """Tasks also run when the client hangs up in the middle of the response."""
    key = talk.ledger.key("endless")
    path = f"/stream/{key}"
    try:
        async with open_exchange(talk.url, path, patience=talk.patience) as exchange:
            if await exchange.read(len(FIRST)) != FIRST:
                raise Broken(f"GET {path} did not stream what probe_chunks() gives")
            exchange.hang_up()
    except ERRORS as error:
        raise talk.unanswered(key, f"GET {path}", error) from error
    # A server that never notices sends to the end before it is the task's turn.
    after = "the client had hung up in the middle of the response"
    await talk.ended(key, after, more=ENDLESS)


async def concurrency(talk: Talk) -> None:
    """A task holds up no other request, nor its tasks."""
    waiting = talk.ledger.key("single", held=True)
    found: list[Broken] = []

    async def try_to(do: Awaitable[None]) -> None:
        try:
            await do
        except Broken as broken:
            found.append(broken)

    async def ask_and_wait(key: str) -> None:
        await talk.ask(key)
        await talk.ended(key, "a response of 200, while the task of another request ran")

    async with anyio.create_task_group() as first:
        first.start_soon(_ask_quietly, talk, waiting)
        await talk.ledger.until(lambda: bool(talk.ledger.of(waiting, "begin")))
        async with anyio.create_task_group() as others:
            for _ in range(4):
                others.start_soon(try_to, ask_and_wait(talk.ledger.key("group")))
        talk.ledger.release(waiting)
    if found:
        raise Broken(f"while the task of one request ran, another request suffered: {found[0]}")
    await talk.ended(waiting, "a response of 200")


async def drain(talk: Talk) -> None:
    """A server that is told to stop lets its tasks finish."""
    assert talk.served
    key = talk.ledger.key("group", held=True)
    async with anyio.create_task_group() as group:
        group.start_soon(_ask_quietly, talk, key)
        await talk.ledger.until(lambda: bool(talk.ledger.of(key, "begin")))
        talk.served.ask_to_stop()
        await talk.served.until_it_refuses(talk.patience)
        # What does not wait for its tasks has ended by then.
        with anyio.move_on_after(_MORE):
            await talk.ledger.until(lambda: bool(talk.ledger.of(key, "cut")))
        talk.ledger.release(key)
    await talk.ended(key, "SIGTERM")
    if not await talk.served.until_it_has_ended(talk.patience):
        raise Broken(f"the server did not end {talk.within} of the end of its last task")


async def _ask_quietly(talk: Talk, key: str) -> None:
    """A request whose response is not what is looked at."""
    try:
        await talk.ask(key)
    except Broken:
        return


_STEPS = ("begin", "end")
_MORE = 1.0  # seconds
PROMISES: dict[str, Promise] = {
    "response-first": response_first,
    "order": order,
    "isolation": isolation,
    "logging": logging,
    "exactly-once": exactly_once,
    "error-responses": error_responses,
    "head": head,
    "streaming": streaming,
    "disconnect": disconnect,
    "concurrency": concurrency,
    "drain": drain,
}


def broken_at_the_end(ledger: Ledger) -> dict[str, str]:
    """What only shows when the server has ended: by name, each promise that was broken."""
    broken: dict[str, str] = {}
    for key in dict.fromkeys(note.key for note in ledger.notes):
        begun = ledger.tasks(key, "begin")
        for name in dict.fromkeys(begun):
            if begun.count(name) > 1:
                broken["exactly-once"] = (
                    f"task {name!r} of one request ran {begun.count(name)} times"
                )
        logged, failed = len(ledger.of(key, "log")), begun.count("failing")
        if logged > failed:
            broken["logging"] = f"one failure of task 'failing' was logged {logged} times"
    return broken
