"""Celery: what is its own, with a real Redis and real workers."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from celery import Celery  # pyright: ignore[reportMissingTypeStubs]
from postlude import EngineUnavailable, NotDispatchable, TaskStatus
from postlude.engines.celery import CeleryEngine
from redis import Redis as Client
from tests.engines import kills
from tests.engines.asking import TASKS, ended, message
from tests.engines.programs import Program

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engines.conftest import StartWorker
    from tests.engines.server import Server
    from tests.engines.servers import Redis
    from tests.engines.warden import Warden

# Celery's own, of its client of Redis.
pytestmark = pytest.mark.filterwarnings("ignore:Call to deprecated setex:DeprecationWarning")
COMMAND = "celery -A main worker -c 1 -l INFO --without-mingle --without-gossip"
MAIN = """
from celery import Celery
from postlude.engines.celery import CeleryEngine
import tasks

app = Celery("shop", broker="{url}", backend={backend})
if "{url}".startswith("redis:"):
    app.conf.broker_transport_options = {{
        "visibility_timeout": {lease},
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
    }}
app.conf.worker_prefetch_multiplier = 1
app.conf.broker_connection_retry_on_startup = True
engine = CeleryEngine(app)


@app.task
def own() -> None:
    pass
"""


def files(
    url: str, *, backend: bool = True, results: str = "", lease: int = 3, tasks: str = TASKS
) -> dict[str, str]:
    kept = f'"{results or url}"' if backend else "None"
    return {"main.py": MAIN.format(url=url, backend=kept, lease=lease), "tasks.py": tasks}


def engine(url: str, *, backend: bool = True, **options: Any) -> CeleryEngine:
    return CeleryEngine(Celery("shop", broker=url, backend=url if backend else None), **options)


def test_an_id_that_no_task_can_have_is_unknown_and_cannot_be_cancelled(redis_url: str) -> None:
    asked = engine(redis_url)

    async def main() -> None:
        for task_id in ("", "no body", "half \ud800", "a\0", "*"):
            assert (await asked.status(task_id)).status is TaskStatus.UNKNOWN
            assert not await asked.cancel(task_id)
        unfit: Any = 5
        for ask in (asked.status, asked.cancel):
            with pytest.raises(TypeError, match="task_id=5 must be a string"):
                await ask(unfit)

    anyio.run(main)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"delay": 1e300}, r"delay=1e\+300 s, which is longer than a century"),
        ({"timeout": 1e300}, r"timeout=1e\+300 s, which is longer than a century"),
        ({"name": "half \ud800"}, "'name' is .* which is no text"),
    ],
)
def test_what_no_broker_can_hold_is_no_fault_of_the_broker(
    redis_url: str, options: Any, said: str
) -> None:
    sent = replace(message("pid"), **options)
    with pytest.raises(NotDispatchable, match=said):
        anyio.run(engine(redis_url).submit, sent)


def test_a_limit_of_less_than_a_second_ends_both_kinds_of_functions(
    worker: StartWorker, redis_url: str
) -> None:
    worker(COMMAND, files=files(redis_url))
    asked = engine(redis_url)

    async def main() -> None:
        for name in ("sleepy", "sleepy_async"):
            sent = await asked.submit(message(name, 30, timeout=0.4))
            state = await ended(asked, sent)
            assert state.status is TaskStatus.TIMED_OUT
            assert state.started_at is not None
            assert state.ended_at is not None
            assert 0.3 < (state.ended_at - state.started_at).total_seconds() < 5

    anyio.run(main)


def test_an_async_def_that_blocks_its_event_loop_is_given_up_and_the_next_one_runs(
    worker: StartWorker, redis_url: str
) -> None:
    worker(COMMAND, files=files(redis_url))
    asked = engine(redis_url)

    async def main() -> None:
        state = await ended(asked, await asked.submit(message("stuck", 8, timeout=0.4)))
        assert state.status is TaskStatus.TIMED_OUT
        state = await ended(asked, await asked.submit(message("pid")))
        assert state.status is TaskStatus.SUCCEEDED

    anyio.run(main)


def test_a_result_that_is_no_json_is_none_with_a_warning(
    worker: StartWorker, redis_url: str
) -> None:
    running = worker(COMMAND, files=files(redis_url))
    asked = engine(redis_url)

    async def main() -> None:
        state = await ended(asked, await asked.submit(message("odd")))
        assert (state.status, state.result) == (TaskStatus.SUCCEEDED, None)

    anyio.run(main)
    running.until_it_says(r"task 'odd' \(id \w+\) returned a object, of which JSON keeps nothing")


def test_without_a_result_backend_tasks_run_and_nothing_is_known_of_them(
    worker: StartWorker, redis_url: str
) -> None:
    running = worker(COMMAND, files=files(redis_url, backend=False))
    asked = engine(redis_url, backend=False)

    async def main() -> None:
        sent = await asked.submit(message("sleepy", 0))
        assert (await asked.status(sent)).status is TaskStatus.UNKNOWN
        assert not await asked.cancel(sent)

    anyio.run(main)
    running.until_it_says(r"succeeded in")


def test_without_a_result_backend_a_task_that_kills_its_worker_ends(
    worker: StartWorker, redis_url: str
) -> None:
    running = worker(COMMAND, files=files(redis_url, backend=False))
    asked = engine(redis_url, backend=False)
    anyio.run(asked.submit, message("deadly"))
    running.until_it_says(r"task 'deadly' \(id \w+\) failed: it was lost 3 times with the worker")
    anyio.run(asked.submit, message("sleepy", 0))
    running.until_it_says(r"succeeded in")
    assert running.printed.count("exited with 'signal 9") == 3


def test_a_task_that_leaves_the_process_is_cancelled_and_the_worker_goes_on(
    worker: StartWorker, redis_url: str
) -> None:
    worker(COMMAND, files=files(redis_url))
    asked = engine(redis_url)

    async def main() -> None:
        sent = await asked.submit(message("leaves_async"))
        assert (await ended(asked, sent)).status is TaskStatus.CANCELLED
        sent = await asked.submit(message("pid"))
        assert (await ended(asked, sent)).status is TaskStatus.SUCCEEDED

    anyio.run(main)


def test_what_is_submitted_while_the_broker_is_down_is_refused_and_nothing_else_is_lost(
    worker: StartWorker, celery_broker: Server, redis_server: Redis
) -> None:
    url = celery_broker.scope()
    results = url if celery_broker is redis_server else redis_server.scope()
    app = Celery("shop", broker=url, backend=results)
    asked = CeleryEngine(app, timeout=2)

    async def before() -> list[str]:
        return [await asked.submit(message("sleepy", 0)) for _ in range(5)]

    async def while_down() -> None:
        said = r"^celery at (redis|amqp)://.* is not available: "
        with pytest.raises(EngineUnavailable, match=said):
            await asked.submit(message("sleepy", 0))
        if results != url:
            return
        with pytest.raises(EngineUnavailable):
            await asked.status("x")
        with pytest.raises(EngineUnavailable):
            await asked.cancel("x")

    async def after(sent: list[str]) -> None:
        sent.append(await asked.submit(message("sleepy", 0)))
        for each in sent:
            assert (await ended(asked, each)).status is TaskStatus.SUCCEEDED

    sent = anyio.run(before)
    celery_broker.kill()
    anyio.run(while_down)
    celery_broker.start()
    worker(COMMAND, files=files(url, results=results))
    celery_broker.restart()  # in the middle of its work
    anyio.run(after, sent)


@pytest.mark.parametrize(
    ("settings", "sent"),
    [
        pytest.param({}, [0, 0, 1, 9], id="as it comes"),
        pytest.param({"task_queue_max_priority": 10, "task_default_priority": 5}, [4, 5, 6, 10]),
    ],
)
def test_where_a_higher_priority_goes_first_it_counts_from_that_of_other_tasks(
    settings: dict[str, int], sent: list[int]
) -> None:
    app: Any = Celery("shop", broker="memory://")
    app.conf.update(settings)
    asked = CeleryEngine(app)

    async def main() -> None:
        for number in (-1, 0, 1, 99):
            await asked.submit(replace(message("sleepy", 0), priority=number, name="long " * 999))

    anyio.run(main)
    with app.connection_for_read() as connection:
        queue = connection.SimpleQueue("celery")
        queued = [queue.get(timeout=5) for _ in sent]
        assert [one.properties["priority"] for one in queued] == sent
        assert {len(one.headers["shadow"]) for one in queued} == {1000}
        queue.clear()


def test_the_tasks_of_the_user_keep_their_settings(redis_url: str) -> None:
    app: Any = Celery("shop", broker=redis_url)

    def own() -> None: ...

    app.task(own, name="own")
    before = {**app.conf}
    CeleryEngine(app)
    CeleryEngine(app)
    assert {**app.conf} == before
    assert not app.tasks["own"].acks_late
    assert not app.tasks["own"].reject_on_worker_lost
    ours = app.tasks["postlude.run"]
    assert ours.acks_late
    assert ours.reject_on_worker_lost


def test_no_arguments_show_in_what_celery_says_of_a_task(
    worker: StartWorker, redis_url: str
) -> None:
    running = worker(COMMAND.replace("INFO", "DEBUG"), files=files(redis_url))
    asked = engine(redis_url)

    async def main() -> None:
        sent = await asked.submit(message("echo", "hunter2"))
        assert (await ended(asked, sent)).status is TaskStatus.SUCCEEDED

    anyio.run(main)
    assert "hunter2" not in running.printed


@pytest.mark.parametrize(
    ("arguments", "options", "error", "said"),
    [
        (("redis://",), {}, TypeError, r"CeleryEngine\('redis://'\) takes a Celery application"),
        ((), {"timeout": 0}, ValueError, "timeout=0 must be more than 0 seconds"),
        ((), {"max_crashes": 0}, ValueError, "max_crashes=0 must be 1 or more"),
        ((), {"max_crashes": True}, TypeError, "max_crashes=True must be a whole number"),
    ],
)
def test_wrong_arguments_are_refused(
    arguments: Any, options: Any, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        CeleryEngine(*(arguments or (Celery("shop"),)), **options)


def test_a_missing_celery_is_named_with_the_command_that_installs_it() -> None:
    program = "import sys; sys.modules['celery'] = None; import postlude.engines.celery"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert 'celery is not installed. Install it with: pip install "postlude[celery]"' in done.stderr


def test_what_was_confirmed_runs_whoever_is_killed_but_for_what_is_just_taken_out_of_redis(
    worker: StartWorker, celery_broker: Server, redis_url: str, tmp_path: Path, warden: Warden
) -> None:
    loses = celery_broker.name == "redis"
    url = redis_url if loses else celery_broker.scope()
    laid_out = files(url, results=redis_url, lease=5, tasks=kills.TASKS)
    laid_out |= {"producer.py": kills.PRODUCER}
    client: Any = Client.from_url(redis_url)

    def produce() -> Program:
        command = [sys.executable, "producer.py"]
        return Program(command, tmp_path, warden=warden, name="producer")

    def has_nothing() -> bool:
        return not client.exists("unacked") and not client.keys("celery\x06*")

    marks = kills.kill_at_random(
        tmp_path,
        lambda: worker(COMMAND, files=laid_out),
        produce,
        seed=kills.ROUNDS,
        has_nothing=has_nothing if loses else bool,
    )
    assert len(marks.confirmed) > 4 * kills.ROUNDS
    assert not marks.side_by_side
    # Celery takes a message from Redis, and only then notes there that it has it.
    assert not any(marks.missing.values())
    assert len(marks.missing) <= (kills.ROUNDS if loses else 0)
