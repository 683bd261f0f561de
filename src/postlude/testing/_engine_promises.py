"""What an engine promises, each as a trial of it."""

from __future__ import annotations

import re
import socket
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

import anyio
from postlude import _ids
from postlude._message import MAX_SIZE, Message
from postlude._retry import RetryPolicy
from postlude._status import TaskStatus
from postlude.errors import EngineUnavailable
from postlude.testing._logbook import DIE, RETURN, SLEEP, raising, returning
from postlude.testing._talk import Broken
from postlude.testing._trial import ENDS, Trial

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

    from anyio.abc import TaskStatus as Start
    from postlude.protocols import Engine

    Promise: TypeAlias = Callable[[Trial], Awaitable[None]]

VALUES: tuple[Any, ...] = ("Grüße 🌍", -1, 2**60, 0.1, True, None, [1, [2, {"x": []}]], "")
NAMED = {"named": {"deep": [{"er": None}]}, "empty": {}}


async def runs(trial: Trial) -> None:
    """What was submitted runs, a `def` and an `async def`, with the arguments it was given."""
    for is_async in (False, True):
        sent = await trial.submit(values=VALUES, named=NAMED, is_async=is_async)
        if sent.given != sent.id:
            raise Broken(f"submit() returned {sent.given!r} instead of the id {sent.id!r}")
        note, *_ = await trial.begun(sent)
        if (note.values, note.named) != (list(VALUES), NAMED):
            raise Broken(f"arguments came as {note.values}, {note.named}")
        await trial.succeeded(sent)
        if len(trial.logbook.of(sent.key)) > 1:
            raise Broken("a task that succeeded was run twice")


async def loop(trial: Trial) -> None:
    """A `def` runs outside all event loops, and each `async def` of a process on the same one."""
    notes = [(await trial.begun(await trial.submit(is_async=True)))[0] for _ in range(4)]
    for pid in {note.pid for note in notes}:
        if len({note.loop for note in notes if note.pid == pid}) > 1:
            raise Broken("two `async def` of one process ran on different event loops")
    note, *_ = await trial.begun(await trial.submit())
    if note.loop is not None:
        raise Broken("a `def` ran in an event loop, and would hold up all else there")


async def request(trial: Trial) -> None:
    """The request that a task was made for is known where it runs."""
    note, *_ = await trial.begun(await trial.submit(request="r-17"))
    if note.request_id != "r-17":
        raise Broken(f"the request's id came as {note.request_id!r} instead of 'r-17'")


async def result(trial: Trial) -> None:
    """What a task returned can be asked for."""
    for value in (41, {"rows": [1, 2]}, None):
        state = await trial.succeeded(await trial.submit(returning(value)))
        if state.result != value:
            raise Broken(f"the result of a task that returned {value!r} is {state.result!r}")


async def failure(trial: Trial) -> None:
    """A task that fails has failed, and its error can be asked for as text."""
    sent = await trial.submit(raising("no such address"))
    state = await trial.state(sent.id, TaskStatus.FAILED)
    if state.error != "ProbeError: no such address":
        raise Broken(f"the error is {state.error!r} instead of 'ProbeError: no such address'")


async def logging(trial: Trial) -> None:
    """A failure is logged once, with its traceback."""
    text = f"mark {_ids.new_id()}"
    sent = await trial.submit(raising(text))
    await trial.state(sent.id, TaskStatus.FAILED)
    await trial.serves("a failure")
    said = len(re.findall(rf"^\S*ProbeError: {text}$", trial.duty.printed(), re.MULTILINE))
    if said != 1:
        raise Broken(f"the worker printed the traceback of one failure {said} times")


async def retries(trial: Trial) -> None:
    """A task is tried again as often as its policy says, and after the time it says."""
    policy = RetryPolicy(2, initial_delay=1.0, exponential_backoff=False, jitter=0.0)
    for is_async in (False, True):
        sent = await trial.submit(
            raising("a"), raising("b"), returning("c"), is_async=is_async, retry_policy=policy
        )
        state = await trial.succeeded(sent)
        notes = trial.logbook.of(sent.key)
        if len(notes) != 3 or state.attempts not in (0, 3):
            raise Broken(f"of 3 attempts {len(notes)} were made, and {state.attempts} counted")
        if trial.gap(notes) < 0.99:
            raise Broken(f"an attempt followed after {trial.gap(notes):.2f} s instead of 1 s")
    sent = await trial.submit(raising("d"), retry_policy=policy)
    await trial.state(sent.id, TaskStatus.FAILED)
    if (count := len(trial.logbook.of(sent.key))) != 3:
        raise Broken(f"a task with 2 retries was tried {count} times")


async def timeout(trial: Trial) -> None:
    """An attempt that takes too long is ended, and counts as one that failed."""
    policy = RetryPolicy(1, initial_delay=0.5, jitter=0.0)
    for is_async in (False, True):
        sent = await trial.submit(SLEEP, is_async=is_async, timeout=1.0)
        state = await trial.state(sent.id, TaskStatus.TIMED_OUT)
        if state.ended_at and state.started_at:
            took = (state.ended_at - state.started_at).total_seconds()
            if took < 0.9:
                raise Broken(f"an attempt with a limit of 1 s was ended after {took:.2f} s")
        sent = await trial.submit(
            SLEEP, RETURN, is_async=is_async, timeout=1.0, retry_policy=policy
        )
        await trial.succeeded(sent)
        if (count := len(trial.logbook.of(sent.key))) != 2:
            raise Broken(f"{count} attempts were made where the second is in time")


async def delay(trial: Trial) -> None:
    """A task with a delay does not begin before, and is pending until then."""
    start = time.monotonic()
    sent = await trial.submit(delay=2.0)
    await trial.state(sent.id, TaskStatus.PENDING)
    note, *_ = await trial.begun(sent)
    if note.at - start < 1.99:
        raise Broken(f"a task with a delay of 2 s began after {note.at - start:.2f} s")


async def priority(trial: Trial) -> None:
    """Of those that wait, the one with the highest priority goes first."""
    first = await trial.submit(held=True)
    await trial.begun(first)
    # One may be in the worker's hands already.
    next_one = await trial.submit()
    waiting = [await trial.submit(priority=number) for number in (-1, 0, 1)]
    trial.logbook.release(first.key)
    for sent in (next_one, *waiting):
        await trial.begun(sent)
    keys = [sent.key for sent in waiting]
    order = [keys.index(note.key) - 1 for note in trial.logbook.notes if note.key in keys]
    if order != [1, 0, -1]:
        raise Broken(f"tasks of the priorities -1, 0 and 1 ran in the order {order}")


async def queue(trial: Trial) -> None:
    """A task goes to the queue that it names."""
    sent = await trial.submit(queue=trial.spare)
    await trial.serves("a task went to a queue that no worker serves")
    if trial.logbook.of(sent.key):
        raise Broken(f"a task for the queue {trial.spare!r} was run by a worker of another one")
    await trial.state(sent.id, TaskStatus.PENDING)
    await trial.engine.cancel(sent.id)


async def status(trial: Trial) -> None:
    """A task is pending, then running, then succeeded; one that nobody knows is unknown."""
    await trial.state(_ids.new_id(), TaskStatus.UNKNOWN)
    sent = await trial.submit(held=True)
    await trial.begun(sent)
    await trial.state(sent.id, TaskStatus.RUNNING)
    trial.logbook.release(sent.key)
    state = await trial.succeeded(sent)
    times = [state.enqueued_at, state.started_at, state.ended_at]
    known = [moment for moment in times if moment is not None]
    if any(moment.tzinfo is None for moment in known):
        raise Broken("a time has no time zone")
    if known != sorted(known):
        raise Broken(f"its times are out of order: {', '.join(map(str, times))}")


async def cancel(trial: Trial) -> None:
    """What has not begun can be cancelled, and `cancel` says whether it will not run."""
    first = await trial.submit(delay=2.0)
    later = await trial.submit(delay=3.0)
    if not await trial.engine.cancel(first.id):
        raise Broken("cancel() is False for a task that has not begun")
    await trial.state(first.id, TaskStatus.CANCELLED)
    await trial.begun(later)
    if trial.logbook.of(first.key):
        raise Broken("a task ran that cancel() said would not")
    if await trial.engine.cancel(_ids.new_id()):
        raise Broken("cancel() is True for an id that nobody knows")
    await trial.succeeded(later)
    held = await trial.submit(held=True)
    await trial.begun(held)
    for sent, what in ((later, "has ended"), (held, "runs")):
        if await trial.engine.cancel(sent.id):
            raise Broken(f"cancel() is True for a task that {what}")
    trial.logbook.release(held.key)
    await trial.succeeded(held)


class Forged(Message):
    """A message that says on the wire what nobody would write."""

    def encode(self) -> str:
        """What stands in its name."""
        return self.name


async def hostile(trial: Trial) -> None:
    """What is no task of the worker's own is refused, once, and the worker goes on."""
    probe = trial.probe_message
    texts = (
        "no JSON",
        "[" * 5000,
        '{"v": 99}',
        '{"v": 1, "task": 5, "id": "x", "name": "x"}',
        f'{{"v": 1, "pad": "{"x" * MAX_SIZE}"}}',
    )
    sent = [await trial.hand_over(probe(task="os.system", args=("true",)))]
    sent.append(await trial.hand_over(probe(args=(1,))))
    forged = [Forged("forged", id=_ids.new_id(), name=text) for text in texts]
    sent += [await trial.hand_over(message) for message in forged]
    await trial.serves("hostile messages")
    for task_id in sent:
        await trial.state(task_id, TaskStatus.FAILED, TaskStatus.UNKNOWN)
    said = trial.duty.printed()
    for part in ("'os.system' is not known here", "no JSON", "version 99", "at most"):
        if part not in said:
            raise Broken(f"the worker did not log what it refused: nothing says {part!r}")
    await anyio.sleep(2.0)  # for those that come again
    await trial.serves("hostile messages")
    again = trial.duty.printed()
    if again.count("is not known here") != said.count("is not known here"):
        raise Broken("a message that was refused came again")


async def crash(trial: Trial) -> None:
    """A task whose process is killed runs again."""
    sent = await trial.submit(DIE, RETURN)
    await trial.begun(sent, 2, more=trial.lease)
    await trial.succeeded(sent, more=trial.lease)


async def poison(trial: Trial) -> None:
    """A task that kills its process each time ends as failed, and others run."""
    sent = await trial.submit(DIE)
    state = await trial.state(sent.id, *ENDS, more=10 * trial.lease)
    count = len(trial.logbook.of(sent.key))
    if state.status is not TaskStatus.FAILED:
        raise Broken(f"its status is {str(state.status)!r} after {count} attempts")
    await trial.serves("a task that had killed its process")
    if len(trial.logbook.of(sent.key)) > count:
        raise Broken("it began again after it had failed")


async def lost_worker(trial: Trial) -> None:
    """A task whose whole worker is killed runs again on another one, and so does what waits."""
    held = await trial.submit(held=True)
    note, *_ = await trial.begun(held)
    waiting = [await trial.submit() for _ in range(3)]
    trial.duty.kill(note.pid)
    trial.logbook.release(held.key)
    await trial.begun(held, 2, more=trial.lease)
    for sent in (held, *waiting):
        await trial.succeeded(sent, more=trial.lease)


async def unavailable(trial: Trial) -> None:
    """Where the broker is down, hangs or has no address, that is an error within its time."""
    with silent_server() as silent, ExitStack() as stack:
        closed = stack.enter_context(socket.socket())
        closed.bind(("127.0.0.1", 0))  # taken, and nobody listens
        places = {
            "refuses": f"127.0.0.1:{closed.getsockname()[1]}",
            "hangs": f"127.0.0.1:{silent}",
            "has no address": "broker.invalid:4",
        }
        for what, place in places.items():
            assert trial.elsewhere is not None
            await _refuses(trial, trial.elsewhere(f"tester:hunter2@{place}"), what, place)


async def _refuses(trial: Trial, engine: Engine, what: str, place: str) -> None:
    start, gaps = time.monotonic(), [0.0]
    raised: Exception | None = None
    async with anyio.create_task_group() as group:
        await group.start(_measure, gaps)
        try:
            with anyio.fail_after(trial.patience):
                await engine.submit(trial.probe_message())
        except Exception as error:
            raised = error
        group.cancel_scope.cancel()
    took, said = time.monotonic() - start, str(raised)
    if raised is None:
        raise Broken(f"submit() returned although the broker {what}")
    if not isinstance(raised, EngineUnavailable):
        kind = type(raised).__name__
        raise Broken(f"a broker that {what} gives {kind} after {took:.1f} s: {said}") from raised
    if max(gaps) > 1.0:
        raise Broken(f"submit() held up the event loop for {max(gaps):.1f} s")
    if "hunter2" in said or place.partition(":")[0] not in said or engine.name not in said:
        raise Broken(f"the error is to name the engine and the broker, not its password: {said}")


async def _measure(gaps: list[float], *, task_status: Start[None]) -> None:
    """Note for how long nothing else could run."""
    task_status.started()
    while True:
        before = time.monotonic()
        await anyio.sleep(0.02)
        gaps.append(time.monotonic() - before)


@contextmanager
def silent_server() -> Generator[int]:
    """A port that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


PROMISES: dict[str, Promise] = {
    "runs": runs,
    "loop": loop,
    "request": request,
    "result": result,
    "failure": failure,
    "logging": logging,
    "retries": retries,
    "timeout": timeout,
    "delay": delay,
    "priority": priority,
    "queue": queue,
    "status": status,
    "cancel": cancel,
    "hostile": hostile,
    "crash": crash,
    "poison": poison,
    "lost-worker": lost_worker,
    "unavailable": unavailable,
}
