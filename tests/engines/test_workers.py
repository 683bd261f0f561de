"""Workers of these tests: ready when they say so, whole when they are killed, silent when gone."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.engines.programs import PROGRAMS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engines.conftest import StartWorker

CELERY = """
from celery import Celery

app = Celery(broker="{url}", backend="{url}")
app.conf.broker_connection_retry_on_startup = True


@app.task
def add(a: int, b: int) -> int:
    print("adding", flush=True)
    return a + b


if __name__ == "__main__":
    from main import add
    print(add.delay(1, 2).get(timeout=30))
"""
RQ = """
import time
from redis import Redis
from rq import Queue
from tasks import add

job = Queue("high", connection=Redis.from_url("{url}")).enqueue(add, 1, 2)
while job.get_status(refresh=True) not in ("finished", "failed"):
    time.sleep(0.01)
print(job.return_value())
"""
TASKS = """
def add(a: int, b: int) -> int:
    print("adding", flush=True)
    return a + b
"""
TASKIQ = """
import asyncio
from {package} import {broker}
{results}
broker = {broker}({address}){with_results}


@broker.task
async def add(a: int, b: int) -> int:
    print("adding", flush=True)
    return a + b


async def send() -> None:
    await broker.startup()
    task = await add.kiq(1, 2)
    {answer}
    await broker.shutdown()


if __name__ == "__main__":
    from main import send
    asyncio.run(send())
"""
PROCRASTINATE = """
import procrastinate

app = procrastinate.App(connector=procrastinate.SyncPsycopgConnector(conninfo="{url}"))


@app.task(name="add")
def add(a: int, b: int) -> int:
    print("adding", flush=True)
    return a + b


if __name__ == "__main__":
    with app.open():
        add.defer(a=1, b=2)
"""


def ran(folder: Path, file: str = "main.py") -> str:
    """What a producer prints that runs beside the worker."""
    said = subprocess.run(
        [sys.executable, file], cwd=folder, capture_output=True, text=True, timeout=60
    )
    assert said.returncode == 0, said.stderr
    return said.stdout.strip()


def test_celery_takes_work(worker: StartWorker, redis_url: str, tmp_path: Path) -> None:
    files = {"main.py": CELERY.format(url=redis_url)}
    celery = worker("celery -A main worker -l info -c 2", files=files)
    assert ran(tmp_path) == "3"
    celery.until_it_says("adding")
    assert celery.stop() == 0


def test_rq_takes_work(worker: StartWorker, redis_url: str, tmp_path: Path) -> None:
    files = {"tasks.py": TASKS, "main.py": RQ.format(url=redis_url)}
    rq = worker(f"rq worker --url {redis_url} high low", files=files)
    assert ran(tmp_path) == "3"
    rq.until_it_says("adding")
    assert rq.stop() == 0


def test_taskiq_takes_work_from_redis(worker: StartWorker, redis_url: str, tmp_path: Path) -> None:
    text = TASKIQ.format(
        package="taskiq_redis",
        broker="RedisStreamBroker",
        results="from taskiq_redis import RedisAsyncResultBackend",
        address=repr(redis_url),
        with_results=f".with_result_backend(RedisAsyncResultBackend({redis_url!r}))",
        answer="print((await task.wait_result(timeout=30)).return_value)",
    )
    taskiq = worker("taskiq worker main:broker", files={"main.py": text}, times=2)
    assert ran(tmp_path) == "3"
    taskiq.until_it_says("adding")
    assert taskiq.stop() == 0


def test_taskiq_takes_work_from_nats(worker: StartWorker, nats_url: str, tmp_path: Path) -> None:
    text = TASKIQ.format(
        package="taskiq_nats",
        broker="PullBasedJetStreamBroker",
        results="",
        address=f'["{nats_url}"]',
        with_results="",
        answer="print(bool(task.task_id))",
    )
    taskiq = worker("taskiq worker main:broker -w 1", files={"main.py": text})
    assert ran(tmp_path) == "True"
    taskiq.until_it_says("adding")
    assert taskiq.stop() == 0


def test_procrastinate_takes_work(worker: StartWorker, postgres_url: str, tmp_path: Path) -> None:
    text = PROCRASTINATE.format(url=postgres_url)
    (tmp_path / "main.py").write_text(text.replace("SyncPsycopg", "Psycopg"))
    schema = [str(PROGRAMS / "procrastinate"), "--app=main.app", "schema", "--apply"]
    subprocess.run(schema, cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, check=True)
    procrastinate = worker("procrastinate --app=main.app worker")
    (tmp_path / "producer.py").write_text(text)
    assert ran(tmp_path, "producer.py") == ""
    procrastinate.until_it_says("adding")
    assert procrastinate.stop() == 0


@pytest.mark.parametrize("concurrency", [1, 3])
def test_a_killed_worker_leaves_no_child(
    worker: StartWorker, redis_url: str, concurrency: int
) -> None:
    files = {"main.py": CELERY.format(url=redis_url)}
    celery = worker(f"celery -A main worker -l info -c {concurrency}", files=files)
    celery.until(lambda: len(celery.pids) == 1 + concurrency)
    celery.kill()
    assert celery.pids == []


def test_a_worker_that_does_not_start_fails_with_its_own_words(worker: StartWorker) -> None:
    with pytest.raises(AssertionError, match=r"ended(.|\n)*module missing was not found"):
        worker("celery -A missing worker -l info")


def test_two_workers_of_one_test_have_logs_of_their_own(
    worker: StartWorker, redis_url: str
) -> None:
    first = worker(f"rq worker --url {redis_url} --name first one")
    second = worker(f"rq worker --url {redis_url} --name second two")
    assert "Listening on one" in first.printed
    assert "Listening on two" in second.printed
    assert "two" not in first.printed
