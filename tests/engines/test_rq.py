"""RQ: what is its own, with a real Redis and real workers."""

from __future__ import annotations

import json
import subprocess
import sys
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import anyio
import pytest
from postlude import EngineUnavailable, NotDispatchable, TaskStatus
from postlude.engines.rq import RQEngine
from redis import Redis as Client
from rq import Queue
from tests.engines import kills
from tests.engines.asking import TASKS, ended, message
from tests.engines.programs import Program

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engines.conftest import StartWorker
    from tests.engines.servers import Redis
    from tests.engines.warden import Warden

COMMAND = (
    "rq worker -c main -w main.Brisk --serializer json --with-scheduler --worker-ttl 16 "
    "--maintenance-interval 1 --job-monitoring-interval 1 default"
)
# With RQ's own numbers the loss of a worker is noticed after a minute at least.
MAIN = """
import tasks
from postlude.engines.rq import RQEngine
from redis import Redis
from rq import Queue, Worker

REDIS_URL = "{url}"
engine = RQEngine(Queue("default", connection=Redis.from_url(REDIS_URL)))


class Brisk(Worker):
    def get_heartbeat_ttl(self, job, working_time=0.0):
        return 4
"""


def files(url: str, tasks: str = TASKS) -> dict[str, str]:
    return {"main.py": MAIN.format(url=url), "tasks.py": tasks}


def engine(url: str, *names: str, **options: Any) -> RQEngine:
    connection = Client.from_url(url)
    return RQEngine(
        *(Queue(name, connection=connection) for name in names or ("default",)), **options
    )


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


def test_what_is_submitted_while_redis_is_down_is_refused_and_nothing_else_is_lost(
    worker: StartWorker, redis_server: Redis
) -> None:
    url = redis_server.scope()
    asked = engine(url, timeout=2)

    async def before() -> list[str]:
        return [await asked.submit(message("sleepy", 0)) for _ in range(5)]

    async def while_down() -> None:
        with pytest.raises(EngineUnavailable, match=r"^rq at redis://.* is not available: "):
            await asked.submit(message("sleepy", 0))
        with pytest.raises(EngineUnavailable):
            await asked.status("x")
        with pytest.raises(EngineUnavailable):
            await asked.cancel("x")

    async def after(sent: list[str]) -> None:
        sent.append(await asked.submit(message("sleepy", 0)))
        for each in sent:
            assert (await ended(asked, each)).status is TaskStatus.SUCCEEDED

    sent = anyio.run(before)
    redis_server.kill()
    anyio.run(while_down)
    redis_server.start()
    worker(COMMAND, files=files(url))
    redis_server.restart()  # in the middle of its work, at which RQ's workers may end
    worker(COMMAND)
    anyio.run(after, sent)


def test_priorities_are_queues_from_the_highest_to_the_lowest(redis_url: str) -> None:
    names = ("top", "high", "default", "low", "last")
    asked = engine(redis_url, *names)
    lengths = Client.from_url(redis_url)

    async def main() -> None:
        for priority in (9, 2, 1, 0, -1, -2, -9):
            await asked.submit(message("pid", priority=priority))
        await asked.submit(message("pid", queue="low"))

    anyio.run(main)
    assert [Queue(name, connection=lengths).count for name in names] == [2, 1, 1, 2, 2]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"queue": "nobody's"}, r"queue=\"nobody's\" is none of the engine's: 'high', 'low'"),
        ({"queue": "low", "priority": 1}, "queue='low' and priority=1 at once: RQ's priorities ar"),
        ({"id": "a:b"}, "task_id='a:b' cannot be a job's in RQ: it takes letters, digits"),
    ],
)
def test_what_rq_cannot_do_is_refused(options: Any, said: str) -> None:
    asked = engine("redis://127.0.0.1:1/0", "high", "low")
    sent = message("pid", **{key: value for key, value in options.items() if key != "id"})
    with pytest.raises(NotDispatchable, match=said):
        anyio.run(asked.submit, replace(sent, id=options.get("id", sent.id)))


def test_nothing_is_pickled_and_no_arguments_show_in_what_rq_says_of_a_task(
    worker: StartWorker, redis_url: str
) -> None:
    running = worker(COMMAND, files=files(redis_url))
    asked = engine(redis_url)

    async def main() -> None:
        sent = await asked.submit(message("echo", "hunter2"))
        assert (await ended(asked, sent)).status is TaskStatus.SUCCEEDED
        client = Client.from_url(redis_url)
        data = zlib.decompress(cast("bytes", client.hget(f"rq:job:{sent}", "data")))
        assert json.loads(data)[0] == "postlude.engines.rq._run"

    anyio.run(main)
    assert "hunter2" not in running.printed


def test_a_worker_that_expects_pickles_fails_the_task_and_says_why(
    worker: StartWorker, redis_url: str
) -> None:
    worker(COMMAND.replace("--serializer json", ""), files=files(redis_url))
    asked = engine(redis_url)

    async def main() -> None:
        state = await ended(asked, await asked.submit(message("pid")))
        assert state.status is TaskStatus.FAILED
        assert "Deserialization" in (state.error or "")

    anyio.run(main)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "said"),
    [
        (("redis://",), {}, TypeError, r"RQEngine\('redis://'\) takes queues: RQEngine\(Queue\('d"),
        ((), {}, ValueError, r"RQEngine\(\) needs a queue"),
        ((Queue("q", connection=Client()),), {"timeout": 0}, ValueError, "timeout=0 must be more"),
        ((Queue("q", connection=Client()),), {"max_crashes": 0}, ValueError, "must be 1 or more"),
    ],
)
def test_wrong_arguments_are_refused(
    arguments: Any, options: Any, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        RQEngine(*arguments, **options)


def test_a_missing_rq_is_named_with_the_command_that_installs_it() -> None:
    program = "import sys; sys.modules['rq'] = None; import postlude.engines.rq"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert 'rq is not installed. Install it with: pip install "postlude[rq]"' in done.stderr


def test_what_was_confirmed_runs_whoever_is_killed(
    worker: StartWorker, redis_url: str, tmp_path: Path, warden: Warden
) -> None:
    laid_out = files(redis_url, tasks=kills.TASKS) | {"producer.py": kills.PRODUCER}

    def produce() -> Program:
        command = [sys.executable, "producer.py"]
        return Program(command, tmp_path, warden=warden, name="producer")

    marks = kills.kill_at_random(
        tmp_path, lambda: worker(COMMAND, files=laid_out), produce, seed=kills.ROUNDS
    )
    assert len(marks.confirmed) > 4 * kills.ROUNDS
    assert not marks.missing
    assert not marks.side_by_side
