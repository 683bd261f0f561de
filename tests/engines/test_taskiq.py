"""taskiq: what its engine promises, with Redis and NATS and workers that are processes."""

from __future__ import annotations

import asyncio
import signal
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import trio
from postlude import EngineUnavailable, Message, NotDispatchable, TaskStatus
from postlude.engines.taskiq import TaskiqEngine
from redis.asyncio import Redis
from taskiq import InMemoryBroker
from taskiq.message import BrokerMessage, TaskiqMessage
from taskiq_nats import NatsBroker, PullBasedJetStreamBroker
from taskiq_redis import ListQueueBroker, RedisAsyncResultBackend, RedisStreamBroker
from tests.engines.asking import ended, message
from tests.engines.rounds import kill_at_random
from tests.engines.telling import JOBS, heard, told, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from taskiq import AsyncBroker
    from tests.engines.conftest import StartWorker
    from tests.engines.programs import Program
    from tests.engines.server import Server

pytestmark = pytest.mark.anyio
KINDS: dict[str, Callable[..., AsyncBroker]] = {
    "redis": RedisStreamBroker,
    "nats": PullBasedJetStreamBroker,
}
MAIN = """
import os

import jobs
from postlude.engines.taskiq import TaskiqEngine
from taskiq_{kind} import {broker}

broker = {broker}(os.environ["BROKER"]{more})
engine = TaskiqEngine(broker, lost_after=2.0, max_crashes=int(os.environ.get("MOST", "3")))
TaskiqEngine(broker, lost_after=2.0)  # once more does no harm
"""
LOST_AFTER = 2.0


@dataclass(frozen=True)
class Place:
    """One broker."""

    kind: str
    server: Server
    url: str


@pytest.fixture
def anyio_backend() -> str:
    """Brokers of taskiq know asyncio only."""
    return "asyncio"


@pytest.fixture(params=["redis", "nats"])
def place(request: pytest.FixtureRequest) -> Place:
    """A part of a broker that is the test's own."""
    kind = request.param
    url = request.getfixturevalue(f"{kind}_url")
    return Place(kind, request.getfixturevalue(f"{kind}_server"), url)


@pytest.fixture
async def broker(place: Place) -> AsyncIterator[AsyncBroker]:
    broker = KINDS[place.kind](place.url)
    yield broker
    if not (isinstance(broker, PullBasedJetStreamBroker) and not broker.client.is_connected):
        await broker.shutdown()


@pytest.fixture
def engine(broker: AsyncBroker) -> TaskiqEngine:
    return TaskiqEngine(broker, lost_after=LOST_AFTER)


@pytest.fixture
def start(worker: StartWorker, place: Place) -> Callable[..., Program]:
    """Start a worker with the jobs of `jobs.py`."""

    def start(options: str = "") -> Program:
        main = MAIN.format(kind=place.kind, broker=KINDS[place.kind].__name__, more="")
        return worker(
            f"taskiq worker main:broker --workers 1 --max-async-tasks 4 {options}",
            files={"main.py": main, "jobs.py": JOBS},
            env={"BROKER": place.url},
        )

    return start


# What a task goes through.


async def test_def_and_async_def_run_and_their_results_come_back(
    engine: TaskiqEngine, start: Callable[..., Program]
) -> None:
    blocking, coroutine = message("add", 1, 2), message("greet", "Ada")
    assert await engine.submit(blocking) == blocking.id
    await engine.submit(coroutine)
    assert (await engine.status(blocking.id)).status == "pending"
    start()
    state = await ended(engine, blocking.id)
    assert (state.status, state.result, state.error, state.attempts) == ("succeeded", 3, None, 1)
    assert state.enqueued_at
    assert state.started_at
    assert state.ended_at
    assert state.enqueued_at <= state.started_at <= state.ended_at
    assert (await ended(engine, coroutine.id)).result == {"hello": "Ada"}


async def test_an_id_that_nobody_knows_is_unknown_and_cannot_be_cancelled(
    engine: TaskiqEngine,
) -> None:
    for task_id in ("nobody", "no body/at \N{SNOWMAN} home.*", "", "half \ud800", "a\0"):
        assert (await engine.status(task_id)).status is TaskStatus.UNKNOWN
        assert not await engine.cancel(task_id)


async def test_a_failure_is_final_and_says_why(
    engine: TaskiqEngine, start: Callable[..., Program]
) -> None:
    failing = message("fail", "no such address")
    await engine.submit(failing)
    start()
    state = await ended(engine, failing.id)
    assert (state.status, state.error) == ("failed", "ValueError: no such address")
    assert state.attempts == 1


async def test_a_failure_is_logged_once_and_without_the_frames_of_the_engine(
    engine: TaskiqEngine, start: Callable[..., Program]
) -> None:
    failing, after = message("fail", "no such address"), message("add", 1, 2)
    program = start("--max-async-tasks 1")
    await engine.submit(failing)
    await engine.submit(after)
    await ended(engine, after.id)
    assert program.printed.count("no such address") == 1
    assert program.printed.count("Traceback") == 1
    assert "RemoteError" not in program.printed


async def test_a_retry_waits_and_is_counted(
    engine: TaskiqEngine, start: Callable[..., Program], tmp_path: Path
) -> None:
    flaky = message("flaky", "f", 2, retry={"max_retries": 3, "initial_delay": 1.0, "jitter": 0.0})
    await engine.submit(flaky)
    start()
    waiting = await until(engine, flaky.id, lambda state: state.status == "retrying")
    assert waiting.error == "OSError: call 1"
    state = await ended(engine, flaky.id)
    assert (state.status, state.result, state.attempts) == ("succeeded", 3, 3)
    first, second, third = (float(line.split()[1]) for line in told(tmp_path))
    assert second - first >= 1.0
    assert third - second >= 2.0


async def test_an_attempt_over_its_limit_is_tried_again_and_then_timed_out(
    engine: TaskiqEngine, start: Callable[..., Program], tmp_path: Path
) -> None:
    slow = message("slow", timeout=0.3)
    await engine.submit(slow)
    start()
    state = await ended(engine, slow.id)
    assert (state.status, state.attempts) == ("timed_out", 2)
    assert told(tmp_path) == ["slow begins"] * 2


async def test_a_result_that_is_no_json_is_none_and_the_worker_says_so(
    engine: TaskiqEngine, start: Callable[..., Program]
) -> None:
    odd = message("odd")
    await engine.submit(odd)
    program = start()
    state = await ended(engine, odd.id)
    assert (state.status, state.result) == ("succeeded", None)
    assert "of which JSON keeps nothing: its result is None" in program.printed


async def test_a_delayed_task_does_not_run_early_and_holds_up_no_other(
    engine: TaskiqEngine, start: Callable[..., Program]
) -> None:
    start("--max-async-tasks 1")
    late, now = message("greet", "late", delay=2.0), message("greet", "now")
    await engine.submit(late)
    await engine.submit(now)
    assert (await ended(engine, now.id)).status == "succeeded"
    assert (await engine.status(late.id)).status == "pending"
    state = await ended(engine, late.id)
    assert state.started_at
    assert state.enqueued_at
    assert (state.started_at - state.enqueued_at).total_seconds() >= 2.0


async def test_a_delay_outlives_a_killed_worker(
    engine: TaskiqEngine, start: Callable[..., Program]
) -> None:
    program = start()
    late = message("greet", "late", delay=3.0)
    await engine.submit(late)
    await asyncio.sleep(0.5)
    program.kill()
    start()
    state = await ended(engine, late.id)
    assert state.started_at
    assert state.enqueued_at
    assert (state.started_at - state.enqueued_at).total_seconds() >= 3.0


async def test_a_task_that_waits_is_cancelled_and_one_that_runs_is_not(
    engine: TaskiqEngine, start: Callable[..., Program], tmp_path: Path
) -> None:
    waiting, running = message("mark", "never"), message("nap", "n", 0.5)
    await engine.submit(waiting)
    assert await engine.cancel(waiting.id)
    assert not await engine.cancel(waiting.id)
    await engine.submit(running)
    start()
    await heard(tmp_path, "n begins")
    assert (await engine.status(running.id)).status == "running"
    assert not await engine.cancel(running.id)
    assert (await ended(engine, running.id)).status == "succeeded"
    assert (await engine.status(waiting.id)).status == "cancelled"
    assert "never" not in told(tmp_path)


async def test_the_same_id_twice_is_one_task(
    engine: TaskiqEngine, start: Callable[..., Program], tmp_path: Path
) -> None:
    once, after = message("mark", "once"), message("mark", "after")
    for each in (once, once, after):
        await engine.submit(each)
    start("--max-async-tasks 1")
    await ended(engine, after.id)
    assert told(tmp_path) == ["once", "after"]


async def test_what_runs_longer_than_a_lease_runs_once(
    engine: TaskiqEngine, start: Callable[..., Program], tmp_path: Path
) -> None:
    start()
    start()
    for name in ("nap", "block"):
        long = message(name, name, 3 * LOST_AFTER)
        await engine.submit(long)
        assert (await ended(engine, long.id)).attempts == 1
    assert told(tmp_path) == ["nap begins", "nap ends", "block begins", "block ends"]


async def test_a_worker_that_is_told_to_stop_gives_back_what_it_cannot_finish(
    engine: TaskiqEngine, start: Callable[..., Program], tmp_path: Path
) -> None:
    long = message("nap", "n", 3.0)
    await engine.submit(long)
    program = start("--wait-tasks-timeout 0.1")
    await heard(tmp_path, "n begins")
    program.stop(signal.SIGTERM)
    state = await engine.status(long.id)
    assert (state.status, state.attempts) == ("pending", 0)
    start()
    state = await ended(engine, long.id)
    assert (state.status, state.attempts) == ("succeeded", 1)


@pytest.fixture
async def redis_broker(redis_url: str) -> AsyncIterator[RedisStreamBroker]:
    broker = RedisStreamBroker(redis_url)
    yield broker
    await broker.shutdown()


async def test_a_stream_of_redis_is_a_queue(
    redis_url: str, redis_broker: RedisStreamBroker, worker: StartWorker, tmp_path: Path
) -> None:
    engine = TaskiqEngine(redis_broker, lost_after=LOST_AFTER)
    elsewhere, here = message("mark", "no", queue="other"), message("mark", "yes", queue="mail")
    await engine.submit(elsewhere)
    await engine.submit(here)
    await engine.submit(message("mark", "too", queue="mail", delay=0.5))
    main = MAIN.format(kind="redis", broker="RedisStreamBroker", more=', queue_name="mail"')
    files = {"main.py": main, "jobs.py": JOBS}
    worker("taskiq worker main:broker -w 1", files=files, env={"BROKER": redis_url})
    await heard(tmp_path, "too")
    assert told(tmp_path) == ["yes", "too"]


async def test_tasks_of_taskiqs_own_run_beside_and_their_results_are_kept(
    place: Place, broker: AsyncBroker, engine: TaskiqEngine, worker: StartWorker, redis_url: str
) -> None:
    backend: RedisAsyncResultBackend[Any] = RedisAsyncResultBackend(redis_url)
    broker.with_result_backend(backend)

    @broker.task(task_name="own")
    async def own(number: int) -> int:
        return number

    ours = message("add", 20, 22)
    await engine.submit(ours)
    theirs = await own.kiq(17)
    main = MAIN.format(kind=place.kind, broker=type(broker).__name__, more="")
    main += (
        "from taskiq_redis import RedisAsyncResultBackend\n"
        "broker.with_result_backend(RedisAsyncResultBackend(os.environ['RESULTS']))\n"
        "@broker.task(task_name='own')\n"
        "async def own(number: int) -> int:\n"
        "    return number * 2\n"
    )
    files, env = {"main.py": main, "jobs.py": JOBS}, {"BROKER": place.url, "RESULTS": redis_url}
    worker("taskiq worker main:broker -w 1", files=files, env=env)
    assert (await theirs.wait_result(timeout=20)).return_value == 34
    assert (await ended(engine, ours.id)).result == 42
    deadline = time.monotonic() + 20
    while not await backend.is_result_ready(ours.id):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
    assert (await backend.get_result(ours.id)).return_value == 42


# What goes wrong.


async def test_hostile_messages_are_refused_once_and_the_worker_lives(
    broker: AsyncBroker, engine: TaskiqEngine, start: Callable[..., Program]
) -> None:
    def good() -> str:
        return message("add", 2, 3).encode()

    async def send(*args: Any, task_id: str = "t", **kwargs: Any) -> None:
        sent = TaskiqMessage(
            task_id=task_id,
            task_name="postlude.run",
            labels={"ack_type": "nonsense"},
            args=list(args),
            kwargs=kwargs,
        )
        await broker.kick(broker.formatter.dumps(sent))

    honest = message("add", 2, 3)
    await engine.submit(honest)
    await send()
    await send(None)
    await send("no json")
    await send(good(), "more")
    await send(good(), mark="forged")
    await send(good().replace('"v":1', '"v":2'))
    await send(good().replace('"add"', '"os.system"'))
    await send(good().replace("[2,3]", "[1,2,3,4]"), task_id="other")
    await send('{"v":1,"task":"add","x":"' + "x" * 1_000_000 + '"}')
    await send(Message("add", (1, 2), id="i" * 5000, name="add").encode(), task_id="t" * 5000)
    raw = (b"no json", b"{}", b"\xff" * 100)
    for each in raw:
        await broker.kick(BrokerMessage(task_id="t", task_name="x", message=each, labels={}))
    program = start()
    assert (await ended(engine, honest.id)).result == 5
    after = message("add", 1, 1)
    await engine.submit(after)
    assert (await ended(engine, after.id)).result == 2
    await asyncio.sleep(LOST_AFTER * 1.5)  # nothing comes again
    assert program.printed.count(", which is refused: ") == 10
    assert program.printed.count("Cannot parse message") == len(raw)
    assert "task 'os.system' is not known here" in program.printed
    assert "at most 1048576" in program.printed or "no JSON" in program.printed


async def test_a_refused_task_has_failed(
    engine: TaskiqEngine, start: Callable[..., Program]
) -> None:
    unknown = message("os.system", "true")
    await engine.submit(unknown)
    start()
    state = await ended(engine, unknown.id)
    assert state.status == "failed"
    assert state.error
    assert "'os.system' is not known here" in state.error


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("broken", ["down", "silent", "unresolved"])
async def test_a_broker_that_is_not_there_is_told_in_time_without_the_password(
    kind: str, broken: str, silent: int
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        closed = free.getsockname()[1]
    host, port = {
        "down": ("127.0.0.1", closed),
        "silent": ("127.0.0.1", silent),
        "unresolved": ("no-such-host.invalid", 4222),
    }[broken]
    broker = KINDS[kind](f"{kind}://u:s3cret@{host}:{port}")
    engine = TaskiqEngine(broker, timeout=0.7)
    for ask in (engine.submit(message("add", 1, 2)), engine.status("x"), engine.cancel("x")):
        begun = time.monotonic()
        with pytest.raises(EngineUnavailable) as caught:
            await ask
        assert time.monotonic() - begun < 1.7
        assert str(caught.value).startswith(f"taskiq at {host}:{port}")
        assert "is not available: " in str(caught.value)
        assert "s3cret" not in str(caught.value)
    assert "s3cret" not in repr(engine)
    await broker.shutdown()


async def test_a_broker_that_was_gone_is_used_again_by_both_sides(
    place: Place, broker: AsyncBroker, start: Callable[..., Program]
) -> None:
    engine = TaskiqEngine(broker, timeout=1.0, lost_after=LOST_AFTER)
    first = message("add", 1, 2)
    await engine.submit(first)
    start()
    await ended(engine, first.id)
    place.server.stop()
    with pytest.raises(EngineUnavailable):
        await engine.submit(message("add", 1, 2))
    place.server.start()
    again = message("add", 3, 4)
    deadline = time.monotonic() + 30
    while True:
        try:
            await engine.submit(again)
        except EngineUnavailable:
            assert time.monotonic() < deadline
        else:
            break
    assert (await ended(engine, again.id)).result == 7


async def test_what_ends_while_the_broker_is_gone_is_noted_when_it_is_back(
    place: Place, engine: TaskiqEngine, start: Callable[..., Program], tmp_path: Path
) -> None:
    start()
    running = message("nap", "n", 1.0)
    await engine.submit(running)
    await heard(tmp_path, "n begins")
    place.server.stop()
    await heard(tmp_path, "n ends")
    place.server.start()
    deadline = time.monotonic() + 30
    while True:
        try:
            state = await ended(engine, running.id)
        except EngineUnavailable:
            assert time.monotonic() < deadline
        else:
            break
    assert (state.status, state.attempts) == ("succeeded", 1)


async def test_what_a_broker_cannot_keep_is_not_dispatched(
    place: Place, engine: TaskiqEngine
) -> None:
    with pytest.raises(NotDispatchable, match="an id of 251 characters"):
        await engine.submit(Message("add", (1, 2), id="i" * 251, name="add"))
    with pytest.raises(NotDispatchable, match="priority=3"):
        await engine.submit(message("add", 1, 2, priority=3))
    if place.kind == "nats":
        with pytest.raises(NotDispatchable, match="queue='mail'"):
            await engine.submit(message("add", 1, 2, queue="mail"))


def test_on_trio_it_says_that_it_needs_asyncio() -> None:
    engine = TaskiqEngine(RedisStreamBroker("redis://127.0.0.1"))
    with pytest.raises(NotDispatchable, match=r"works on asyncio, and this is trio"):
        trio.run(engine.submit, message("add", 1, 2))


@pytest.mark.parametrize(
    "broker",
    [
        ListQueueBroker("redis://127.0.0.1"),
        NatsBroker("nats://127.0.0.1"),
        InMemoryBroker(),
        RedisStreamBroker("redis://127.0.0.1", maxlen=100),
    ],
    ids=["list", "nats", "memory", "maxlen"],
)
def test_a_broker_that_loses_tasks_is_refused(broker: AsyncBroker) -> None:
    with pytest.raises(TypeError, match=r"RedisStreamBroker|maxlen"):
        TaskiqEngine(broker)


# Workers that are killed.


async def test_what_a_killed_worker_had_is_run_by_another(
    engine: TaskiqEngine, start: Callable[..., Program], tmp_path: Path
) -> None:
    lost = message("nap", "n", 1.0)
    await engine.submit(lost)
    program = start()
    await heard(tmp_path, "n begins")
    program.kill()
    start()  # and nothing new is sent
    state = await ended(engine, lost.id)
    assert (state.status, state.attempts) == ("succeeded", 2)
    assert told(tmp_path) == ["n begins", "n begins", "n ends"]


async def test_a_worker_that_was_given_up_and_comes_back_changes_nothing(
    engine: TaskiqEngine, start: Callable[..., Program], tmp_path: Path
) -> None:
    held_up = message("hog", "h", 6.0)
    await engine.submit(held_up)
    first = start()
    await heard(tmp_path, "h")
    start()
    state = await ended(engine, held_up.id)
    assert (state.status, state.result, state.attempts) == ("succeeded", 2, 2)
    first.until(lambda: "was given up for lost and is with another worker" in first.printed)
    assert await engine.status(held_up.id) == state
    after = message("add", 1, 2)
    await engine.submit(after)
    assert (await ended(engine, after.id)).result == 3


async def test_a_task_that_kills_its_worker_each_time_ends_as_failed(
    engine: TaskiqEngine, start: Callable[..., Program], tmp_path: Path
) -> None:
    deadly = message("die", "dying")
    await engine.submit(deadly)
    start()  # taskiq starts its killed processes again
    state = await ended(engine, deadly.id)
    assert state.status == "failed"
    assert state.error == "it was lost 3 times with the worker that ran it"
    assert told(tmp_path) == ["dying"] * 3
    honest = message("add", 1, 2)
    await engine.submit(honest)
    assert (await ended(engine, honest.id)).result == 3


async def test_a_task_that_kills_its_worker_takes_its_neighbours_along_once_at_most(
    engine: TaskiqEngine, start: Callable[..., Program], tmp_path: Path
) -> None:
    others = [message("nap", f"n{place}", 1.0) for place in range(3)]
    deadly = message("die", "dying")
    for each in (*others, deadly):
        await engine.submit(each)
    start()
    states = [await ended(engine, each.id) for each in (deadly, *others)]
    assert [state.status for state in states] == ["failed", *["succeeded"] * 3]
    assert told(tmp_path).count("dying") == 3
    for place in range(3):
        assert told(tmp_path).count(f"n{place} begins") <= 2


async def test_what_is_done_leaves_nothing_in_the_stream(
    redis_url: str, redis_broker: RedisStreamBroker, worker: StartWorker
) -> None:
    engine = TaskiqEngine(redis_broker, lost_after=LOST_AFTER)
    done = message("add", 1, 2)
    await engine.submit(done)
    main = MAIN.format(kind="redis", broker="RedisStreamBroker", more="")
    files = {"main.py": main, "jobs.py": JOBS}
    worker("taskiq worker main:broker -w 1", files=files, env={"BROKER": redis_url})
    await ended(engine, done.id)
    redis: Any = Redis.from_url(redis_url)
    deadline = time.monotonic() + 10
    while await redis.xlen("taskiq"):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
    await redis.aclose()


async def test_rounds_of_kill_9_lose_no_task_and_run_none_in_two_places(
    engine: TaskiqEngine,
    start: Callable[..., Program],
    worker: StartWorker,
    place: Place,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MOST", "20")  # or one in a thousand has met three kills
    env = {"BROKER": place.url}
    await kill_at_random(engine, start=start, worker=worker, env=env, folder=tmp_path)
