"""procrastinate: what its engine promises, with PostgreSQL and workers that are processes."""

from __future__ import annotations

import asyncio
import signal
import socket
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import procrastinate
import psycopg
import pytest
import trio
from postlude import EngineUnavailable, NotDispatchable, TaskStatus
from postlude.engines.procrastinate import ProcrastinateEngine
from postlude.engines.procrastinate._table import STATUS
from tests.engines.asking import ended, message
from tests.engines.rounds import kill_at_random
from tests.engines.telling import JOBS, heard, told, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from tests.engines.conftest import StartWorker
    from tests.engines.programs import Program
    from tests.engines.servers import Postgres

pytestmark = pytest.mark.anyio
MAIN = """
import os

import jobs
from postlude.engines.procrastinate import ProcrastinateEngine
from procrastinate import App, PsycopgConnector

app = App(
    connector=PsycopgConnector(conninfo=os.environ["DATABASE"]),
    worker_defaults={"update_heartbeat_interval": 0.3, "fetch_job_polling_interval": 0.1},
)
engine = ProcrastinateEngine(app, lost_after=2.0, max_crashes=int(os.environ.get("MOST", "3")))
ProcrastinateEngine(app, lost_after=2.0)  # once more does no harm
"""


@pytest.fixture
def anyio_backend() -> str:
    """psycopg knows asyncio only."""
    return "asyncio"


@pytest.fixture
async def app(postgres_url: str) -> AsyncIterator[procrastinate.App]:
    """An app on a database with procrastinate's schema."""
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=postgres_url))
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        yield app


@pytest.fixture
def engine(app: procrastinate.App) -> ProcrastinateEngine:
    return ProcrastinateEngine(app)


@pytest.fixture
def start(worker: StartWorker, postgres_url: str, app: object) -> Callable[..., Program]:
    """Start a worker with the jobs of `jobs.py`."""

    def start(options: str = "") -> Program:
        return worker(
            f"procrastinate --app main.app worker --concurrency 4 {options}",
            files={"main.py": MAIN, "jobs.py": JOBS},
            env={"DATABASE": postgres_url},
        )

    return start


# What a task goes through.


async def test_def_and_async_def_run_and_their_results_come_back(
    engine: ProcrastinateEngine, start: Callable[..., Program]
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
    engine: ProcrastinateEngine,
) -> None:
    for task_id in ("nobody", "", "half \ud800", "a\0"):
        assert (await engine.status(task_id)).status is TaskStatus.UNKNOWN
        assert not await engine.cancel(task_id)


@pytest.mark.parametrize("options", [{"id": "a\0"}, {"queue": "a\0"}, {"delay": 1e300}])
async def test_what_postgresql_cannot_hold_is_no_fault_of_the_database(
    engine: ProcrastinateEngine, options: dict[str, Any]
) -> None:
    with pytest.raises(NotDispatchable, match=r"no such character|than a century"):
        await engine.submit(replace(message("add", 1, 2), **options))


async def test_a_failure_is_final_and_says_why(
    engine: ProcrastinateEngine, start: Callable[..., Program]
) -> None:
    failing = message("fail", "no such address")
    await engine.submit(failing)
    start()
    state = await ended(engine, failing.id)
    assert (state.status, state.error) == ("failed", "ValueError: no such address")
    assert state.attempts == 1


async def test_a_failure_is_logged_with_one_traceback_which_is_the_tasks_own(
    engine: ProcrastinateEngine, start: Callable[..., Program]
) -> None:
    failing, after = message("fail", "no such address"), message("add", 1, 2)
    await engine.submit(failing)
    await engine.submit(after)
    program = start("--concurrency 1")
    await ended(engine, after.id)
    assert program.printed.count("Traceback") == 1
    assert program.printed.count("ValueError: no such address") == 1
    assert "ended with status: Error" in program.printed


async def test_a_retry_waits_and_is_counted(
    engine: ProcrastinateEngine, start: Callable[..., Program], tmp_path: Path
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
    engine: ProcrastinateEngine, start: Callable[..., Program], tmp_path: Path
) -> None:
    slow = message("slow", timeout=0.3)
    await engine.submit(slow)
    start()
    state = await ended(engine, slow.id)
    assert (state.status, state.attempts) == ("timed_out", 2)
    assert told(tmp_path) == ["slow begins"] * 2


async def test_a_result_that_is_no_json_is_none_and_the_worker_says_so(
    engine: ProcrastinateEngine, start: Callable[..., Program]
) -> None:
    odd = message("odd")
    await engine.submit(odd)
    program = start()
    state = await ended(engine, odd.id)
    assert (state.status, state.result) == ("succeeded", None)
    assert "of which JSON keeps nothing: its result is None" in program.printed


async def test_a_delayed_task_does_not_run_early(
    engine: ProcrastinateEngine, start: Callable[..., Program]
) -> None:
    start()
    late = message("greet", "late", delay=2.0)
    await engine.submit(late)
    state = await ended(engine, late.id)
    assert state.started_at
    assert state.enqueued_at
    assert (state.started_at - state.enqueued_at).total_seconds() >= 2.0


async def test_higher_priority_goes_first(
    engine: ProcrastinateEngine, start: Callable[..., Program], tmp_path: Path
) -> None:
    for priority in (0, -5, 7):
        await engine.submit(message("mark", f"{priority}", priority=priority))
    start("--concurrency 1")
    await heard(tmp_path, "-5")
    assert told(tmp_path) == ["7", "0", "-5"]


async def test_a_worker_takes_from_its_queues_only(
    engine: ProcrastinateEngine, start: Callable[..., Program], tmp_path: Path
) -> None:
    elsewhere, here = message("mark", "no", queue="other"), message("mark", "yes", queue="mail")
    await engine.submit(elsewhere)
    await engine.submit(here)
    start("--queues mail,postlude")
    await ended(engine, here.id)
    assert (await engine.status(elsewhere.id)).status == "pending"
    assert told(tmp_path) == ["yes"]


async def test_a_task_that_waits_is_cancelled_and_one_that_runs_is_not(
    engine: ProcrastinateEngine, start: Callable[..., Program], tmp_path: Path
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
    engine: ProcrastinateEngine, start: Callable[..., Program], tmp_path: Path
) -> None:
    once = message("mark", "once")
    await engine.submit(once)
    await engine.submit(once)
    after = message("mark", "after")
    await engine.submit(after)
    start("--concurrency 1")
    await ended(engine, after.id)
    assert told(tmp_path) == ["once", "after"]


async def test_a_task_is_committed_with_the_transaction_it_was_submitted_in_or_not_at_all(
    engine: ProcrastinateEngine, start: Callable[..., Program], postgres_url: str, tmp_path: Path
) -> None:
    kept, dropped = message("mark", "kept"), message("mark", "dropped")
    async with await psycopg.AsyncConnection.connect(postgres_url) as connection:
        await connection.execute("CREATE TABLE orders (id text PRIMARY KEY)")
        await connection.commit()
        for each in (kept, dropped):
            await engine.submit(each, connection=connection)
            assert (await engine.status(each.id)).status == "unknown"
            await connection.execute("INSERT INTO orders VALUES (%s)", [each.id])
            await engine.submit(each, connection=connection)  # an id that is there leaves all else
            assert (await engine.status(each.id)).status == "unknown"
            await (connection.commit() if each is kept else connection.rollback())
        rows = await (await connection.execute("SELECT id FROM orders")).fetchall()
    assert rows == [(kept.id,)]
    assert (await engine.status(kept.id)).status == "pending"
    start("--concurrency 1")
    await ended(engine, kept.id)
    assert (await engine.status(dropped.id)).status == "unknown"
    assert told(tmp_path) == ["kept"]


async def test_a_worker_that_is_told_to_stop_gives_back_what_it_cannot_finish(
    engine: ProcrastinateEngine, start: Callable[..., Program], tmp_path: Path
) -> None:
    long = message("nap", "n", 3.0)
    await engine.submit(long)
    program = start("--shutdown-graceful-timeout 0.1")
    await heard(tmp_path, "n begins")
    program.stop(signal.SIGTERM)
    state = await engine.status(long.id)
    assert (state.status, state.attempts) == ("pending", 0)
    start()
    state = await ended(engine, long.id)
    assert (state.status, state.attempts) == ("succeeded", 1)


# What goes wrong.


async def test_a_rescue_that_finds_nothing_is_no_news(
    app: procrastinate.App, engine: ProcrastinateEngine, start: Callable[..., Program]
) -> None:
    program = start()
    deadline = time.monotonic() + 30
    while "deferred" not in program.printed and time.monotonic() < deadline:
        rows = await app.connector.execute_query_all_async(
            "SELECT last_value FROM procrastinate_jobs_id_seq"
        )
        if rows[0]["last_value"] > 3:
            break
        await asyncio.sleep(0.05)
    else:
        pytest.fail(program.printed)
    await engine.submit(done := message("add", 1, 2))
    await ended(engine, done.id)
    assert "postlude.run[" in program.printed
    assert "postlude.rescue" not in program.printed


async def test_hostile_jobs_are_refused_and_the_worker_lives(
    app: procrastinate.App, engine: ProcrastinateEngine, start: Callable[..., Program]
) -> None:
    honest = message("add", 2, 3)
    good = message("add", 2, 3).encode()
    bad: list[Any] = [
        None,
        17,
        "no json",
        "[]",
        "{}",
        good.replace('"v":1', '"v":2'),
        good.replace('"add"', '"os.system"'),
        good.replace("[2,3]", '"rm -rf"'),
        good.replace("[2,3]", "[1,2,3,4]"),
        '{"v":1,"task":"add","x":"' + "x" * 3_000_000 + '"}',
    ]
    deferrer = app.configure_task("postlude.run")
    jobs = [await deferrer.defer_async(message=each) for each in bad]
    jobs.append(await deferrer.defer_async())
    jobs.append(await deferrer.defer_async(message="{}", more="unexpected"))
    await engine.submit(honest)
    # Whoever else has its id is refused as well.
    jobs.append(await deferrer.defer_async(message=honest.encode()))
    program = start("--concurrency 1")
    assert (await ended(engine, honest.id)).result == 5
    for job in jobs:
        deadline = time.monotonic() + 30
        while (status := (await app.job_manager.get_job_status_async(job)).value) != "failed":
            assert time.monotonic() < deadline, status
            await asyncio.sleep(0.02)
    assert program.printed.count(", which is refused: ") == len(jobs)
    assert "task 'os.system' is not known here" in program.printed
    after = message("add", 1, 1)
    await engine.submit(after)
    assert (await ended(engine, after.id)).result == 2


async def test_a_valid_message_from_another_program_runs(
    app: procrastinate.App, engine: ProcrastinateEngine, start: Callable[..., Program]
) -> None:
    foreign = message("add", 20, 22)
    await app.configure_task("postlude.run").defer_async(message=foreign.encode())
    start()
    await until(engine, foreign.id, lambda state: state.status == "succeeded")


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("broken", ["down", "silent", "unresolved"])
async def test_a_database_that_is_not_there_is_told_in_time_without_the_password(
    broken: str, silent: int
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    host, port = {
        "down": ("127.0.0.1", port),
        "silent": ("127.0.0.1", silent),
        "unresolved": ("no-such-host.invalid", 5432),
    }[broken]
    app = procrastinate.App(
        connector=procrastinate.PsycopgConnector(conninfo=f"postgresql://u:s3cret@{host}:{port}/d")
    )
    engine = ProcrastinateEngine(app, timeout=0.7)
    for ask in (engine.submit(message("add", 1, 2)), engine.status("x"), engine.cancel("x")):
        begun = time.monotonic()
        with pytest.raises(EngineUnavailable) as caught:
            await ask
        assert time.monotonic() - begun < 1.7
        assert f"procrastinate at {host}:{port}/d is not available: " in str(caught.value)
        assert "s3cret" not in str(caught.value)
    await engine.close()


async def test_a_database_that_stops_answering_is_told_in_time_and_used_again_when_it_is_back(
    app: procrastinate.App, postgres_server: Postgres, start: Callable[..., Program]
) -> None:
    engine = ProcrastinateEngine(app, timeout=1.0)
    await engine.submit(message("add", 1, 2))
    postgres_server.stop()
    with pytest.raises(EngineUnavailable):
        await engine.submit(message("add", 1, 2))
    postgres_server.start()
    again = message("add", 3, 4)
    deadline = time.monotonic() + 30
    while True:
        try:
            await engine.submit(again)
        except EngineUnavailable:
            assert time.monotonic() < deadline
        else:
            break
    start()
    assert (await ended(engine, again.id)).result == 7


async def test_without_its_schema_the_database_is_told_unusable(postgres_url: str) -> None:
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=postgres_url))
    async with app.open_async():
        with pytest.raises(EngineUnavailable, match="procrastinate_jobs"):
            await ProcrastinateEngine(app).submit(message("add", 1, 2))


async def test_what_does_not_fit_a_job_is_not_dispatched(engine: ProcrastinateEngine) -> None:
    with pytest.raises(NotDispatchable, match="32-bit"):
        await engine.submit(message("add", 1, 2, priority=2**31))
    with pytest.raises(NotDispatchable, match="128"):
        await engine.submit(message("add", 1, 2, queue="q" * 129))


def test_on_trio_it_says_that_it_needs_asyncio() -> None:
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo="host=127.0.0.1"))
    engine = ProcrastinateEngine(app)
    with pytest.raises(NotDispatchable, match=r"works on asyncio, and this is trio"):
        trio.run(engine.submit, message("add", 1, 2))


def test_an_app_without_postgresql_is_refused() -> None:
    from procrastinate.testing import InMemoryConnector

    with pytest.raises(TypeError, match="PsycopgConnector"):
        ProcrastinateEngine(procrastinate.App(connector=InMemoryConnector()))


# Workers that are killed.


async def test_what_a_killed_worker_had_is_run_by_another(
    engine: ProcrastinateEngine, start: Callable[..., Program], tmp_path: Path
) -> None:
    lost = message("nap", "n", 1.0)
    await engine.submit(lost)
    program = start()
    await heard(tmp_path, "n begins")
    program.kill()
    start()
    state = await ended(engine, lost.id)
    assert (state.status, state.attempts) == ("succeeded", 2)
    assert told(tmp_path) == ["n begins", "n begins", "n ends"]


async def test_a_worker_that_was_given_up_and_comes_back_changes_nothing(
    engine: ProcrastinateEngine, start: Callable[..., Program], tmp_path: Path
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
    engine: ProcrastinateEngine, start: Callable[..., Program], tmp_path: Path
) -> None:
    deadly = message("die", "dying")
    await engine.submit(deadly)
    program = start()
    deadline = time.monotonic() + 60
    while (state := await engine.status(deadly.id)).status != "failed":
        assert time.monotonic() < deadline, state
        if program.process.poll() is not None:
            program.kill()
            program = start()
        await asyncio.sleep(0.05)
    assert state.error == "it was lost 3 times with the worker that ran it"
    assert told(tmp_path) == ["dying"] * 3
    honest = message("add", 1, 2)
    await engine.submit(honest)
    assert (await ended(engine, honest.id)).result == 3


async def test_a_task_that_kills_its_worker_takes_its_neighbours_along_once_at_most(
    engine: ProcrastinateEngine, start: Callable[..., Program], tmp_path: Path
) -> None:
    others = [message("nap", f"n{place}", 1.0) for place in range(3)]
    deadly = message("die", "dying")
    for each in (*others, deadly):
        await engine.submit(each)
    program = start()
    deadline = time.monotonic() + 60
    while (await engine.status(deadly.id)).status != "failed":
        assert time.monotonic() < deadline
        if program.process.poll() is not None:
            program.kill()
            program = start()
        await asyncio.sleep(0.05)
    states = [await ended(engine, each.id) for each in (deadly, *others)]
    assert [state.status for state in states] == ["failed", *["succeeded"] * 3]
    assert told(tmp_path).count("dying") == 3
    for place in range(3):
        assert told(tmp_path).count(f"n{place} begins") <= 2


async def test_the_lookup_of_a_task_is_indexed(
    engine: ProcrastinateEngine, postgres_url: str
) -> None:
    await engine.submit(message("add", 1, 2))
    with psycopg.connect(postgres_url) as connection:
        connection.execute("SET enable_seqscan = off")
        plan = "\n".join(
            row[0] for row in connection.execute("EXPLAIN " + STATUS, ["x"]).fetchall()
        )
    assert "postlude_tasks_pkey" in plan
    assert "Seq Scan" not in plan


async def test_rounds_of_kill_9_lose_no_task_and_run_none_in_two_places(
    engine: ProcrastinateEngine,
    start: Callable[..., Program],
    worker: StartWorker,
    postgres_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MOST", "20")  # or one in a thousand has met three kills
    env = {"DATABASE": postgres_url}
    await kill_at_random(engine, start=start, worker=worker, env=env, folder=tmp_path)
