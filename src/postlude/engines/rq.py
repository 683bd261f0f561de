"""RQ: its workers run the tasks, and its Redis knows of them."""

from __future__ import annotations

import logging
import math
import signal
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn, cast

from postlude._ferry import Ferry
from postlude._foreign import (
    Deadlines,
    can_be_known,
    check_spans,
    checked_crashes,
    in_words,
    plain,
    read,
    refuse,
)
from postlude._options import checked_seconds
from postlude._outcome import Cancelled, Failed, Succeeded, TimedOut
from postlude._status import TaskState, TaskStatus
from postlude.errors import MessageRefused, MissingDependency, NotDispatchable, RemoteError

try:
    import redis
    import rq
    from redis.backoff import NoBackoff
    from redis.retry import Retry as ClientRetry
    from rq.exceptions import NoSuchJobError
    from rq.job import Job, JobStatus
    from rq.registry import ScheduledJobRegistry
    from rq.serializers import JSONSerializer
    from rq.timeouts import JobTimeoutException
except ModuleNotFoundError as error:
    raise MissingDependency("rq", extra="rq") from error

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from postlude._message import Message
    from postlude._outcome import Outcome
    from postlude._redelivery import Again

# A field of a job in Redis: whoever begins it after that drops it.
_CANCELLED = "postlude_cancelled"
# RQ has a limit of its own; the policy of the task is what counts.
_NO_LIMIT = 1_000_000
_deadlines = Deadlines(JobTimeoutException)
# Types that RQ has only in parts.
_Job: Any = Job
_Registry: Any = ScheduledJobRegistry


class RQEngine:
    """Has tasks run by RQ's workers.

    Start them with the module that imports your tasks, JSON instead of pickle, and the scheduler,
    without which neither delays nor retries come due:
    `rq worker -c yourapp.tasks --serializer json --with-scheduler default`.

    A task whose work horse is killed runs again at once. If all of a worker was, another one finds
    out a minute or two later, if it looks: add `--worker-ttl 30`, `--maintenance-interval 15` and
    `--job-monitoring-interval 15`. The scheduler of a killed worker keeps delays and retries for a
    minute. A worker with several queues loses the task that it is just taking when it is killed; so
    give each worker one queue where that matters.

    Args:
        queues: From the highest priority to the lowest, as the workers are given them. A task goes
            to the middle one, or to one before or after it for each step of its priority; one that
            names a queue goes there.
        timeout: How long `submit`, `status` and `cancel` may take, in seconds or as a `timedelta`.
        max_crashes: How many workers a task may cost; then it has failed.

    Raises:
        TypeError: An argument is of the wrong type.
        ValueError: There is no queue, or a number is out of range.

    Example:
        ```python
        import asyncio

        from postlude import BackgroundTask, EngineUnavailable, Message, task
        from postlude.engines.rq import RQEngine
        from redis import Redis
        from rq import Queue

        queue = Queue("default", connection=Redis(port=1, password="secret"))
        engine = RQEngine(queue, timeout=2, max_crashes=5)


        @task(name="emails.welcome")
        async def send_welcome(to: str) -> None:
            print("email to", to)


        async def main() -> None:
            message = Message.of(BackgroundTask(send_welcome, "ada@example.com"))
            try:
                await engine.submit(message)
            except EngineUnavailable as error:
                print(f"{engine.name}: {error}")


        asyncio.run(main())
        ```

        ```text title="Output"
        rq: rq at redis://localhost:1/0 is not available: ...
        ```
    """

    def __init__(
        self, *queues: rq.Queue, timeout: float | timedelta = 5.0, max_crashes: int = 3
    ) -> None:
        """Prepare; nothing is connected yet."""
        for queue in queues:
            _check_queue(queue)
        if not queues:
            raise ValueError("RQEngine() needs a queue: RQEngine(Queue('default', connection=...))")
        seconds = checked_seconds("timeout", timeout, without="for 5 seconds")
        self._client = _Client(queues, seconds, checked_crashes(max_crashes))
        self._ferry = Ferry("rq", self._client.place, timeout=seconds)

    @property
    def name(self) -> str:
        """What to call it in messages."""
        return "rq"

    async def submit(self, message: Message) -> str:
        """Store a task in Redis.

        Returns:
            The id to ask for: `message.id`, which is the job's as well.

        Raises:
            EngineUnavailable: Redis did not take it in time.
            NotDispatchable: The queue is none of the engine's, RQ cannot have such an id, or a time
                is too long.
        """
        check_spans(message)
        queue = self._client.queue_for(message)
        await self._ferry.call(self._client.send, message, message.encode(), queue)
        return message.id

    async def status(self, task_id: str) -> TaskState:
        """How a task stands, as long as RQ keeps its job.

        Raises:
            EngineUnavailable: Redis does not answer.
        """
        if not (can_be_known(task_id) and _is_job_id(task_id)):
            return TaskState(task_id=task_id, status=TaskStatus.UNKNOWN)
        return await self._ferry.call(self._client.state, task_id)

    async def cancel(self, task_id: str) -> bool:
        """End a task that has not begun, or waits for its next attempt.

        Raises:
            EngineUnavailable: Redis does not answer.
        """
        if not (can_be_known(task_id) and _is_job_id(task_id)):
            return False
        return await self._ferry.call(self._client.cancel, task_id)


def _is_job_id(text: str) -> bool:
    return text.isascii() and text.replace("-", "").replace("_", "").isalnum()


def _check_queue(queue: object) -> None:
    if not isinstance(queue, rq.Queue):
        raise TypeError(
            f"RQEngine({queue!r}) takes queues: RQEngine(Queue('default', connection=...))"
        )


class _Client:
    """The side of who submits, over connections that do not wait for long."""

    def __init__(self, queues: Sequence[rq.Queue], timeout: float, max_crashes: int) -> None:
        self._connection = _bounded(queues[0].connection, timeout)
        # Untyped in parts, as is the client.
        self._queues: list[Any] = [self._queue(queue.name) for queue in queues]
        self._retry = rq.Retry(max_crashes - 1) if max_crashes > 1 else None

    def _queue(self, name: str) -> Any:
        return rq.Queue(name, connection=self._connection, serializer=JSONSerializer)

    def place(self) -> str:
        """Where Redis is, without its password."""
        facts = self._connection.connection_pool.connection_kwargs
        if "path" in facts:
            return f"unix://{facts['path']}"
        host, port = facts.get("host", "localhost"), facts.get("port", 6379)
        return f"redis://{host}:{port}/{facts.get('db') or 0}"

    def queue_for(self, message: Message) -> Any:
        """The queue that it names, or that of its priority.

        Raises:
            NotDispatchable: There is none, or RQ cannot have a job of that id.
        """
        if not _is_job_id(message.id):
            raise NotDispatchable(
                f"task_id={message.id!r} cannot be a job's in RQ: it takes letters, digits, "
                "'-' and '_'"
            )
        if message.queue is None:
            middle, last = len(self._queues) // 2, len(self._queues) - 1
            return self._queues[max(0, min(last, middle - message.priority))]
        if message.priority:
            raise NotDispatchable(
                f"queue={message.queue!r} and priority={message.priority} at once: RQ's priorities "
                "are its queues, so leave one of them out"
            )
        for queue in self._queues:
            if queue.name == message.queue:
                return queue
        names = ", ".join(repr(queue.name) for queue in self._queues)
        raise NotDispatchable(f"queue={message.queue!r} is none of the engine's: {names}")

    def send(self, message: Message, text: str, queue: Any) -> None:
        """Store the job, and put it in line or on the list of those that are due later."""
        with _redis_errors():
            job = queue.create_job(
                _FUNCTION,
                args=(text,),
                timeout=-1 if message.timeout is None else math.ceil(message.timeout),
                job_id=message.id,
                # What lists of jobs show: arguments may be passwords.
                description=message.name,
                retry=self._retry,
            )
            if message.delay is None:
                queue.enqueue_job(job)
            else:
                queue.schedule_job(job, _not_before(message.delay))

    def state(self, task_id: str) -> TaskState:
        """What is known of a job."""
        with _redis_errors():
            job = self._job(task_id)
            if job is None:
                return TaskState(task_id=task_id, status=TaskStatus.UNKNOWN)
            return _state_of(job)

    def cancel(self, task_id: str) -> bool:
        """Whether it will not run: whoever takes it from its list has it."""
        with _redis_errors():
            job = self._job(task_id)
            if job is None:
                return False
            queue = self._queue(job.origin)
            with self._connection.pipeline() as together:
                together.lrem(queue.key, 1, task_id)
                together.zrem(_Registry(queue=queue).key, task_id)
                # The scheduler may be about to put it in line.
                together.hset(job.key, _CANCELLED, "1")
                removed = together.execute()[:2]
            if not any(removed):
                self._connection.hdel(job.key, _CANCELLED)
                return False
            job.cancel()
            return True

    def _job(self, task_id: str) -> Job | None:
        with suppress(NoSuchJobError):
            return cast("Job", _Job.fetch(task_id, self._connection, JSONSerializer))
        return None


def _bounded(client: Any, timeout: float) -> Any:
    """A client of the same Redis that does not wait for long, and does not try again."""
    pool = client.connection_pool
    if type(pool) not in (redis.ConnectionPool, redis.BlockingConnectionPool):
        return client  # Sentinel's, which has its own ways
    once: dict[str, Any] = {
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "retry": ClientRetry(NoBackoff(), 0),
    }
    settings = {**pool.connection_kwargs, **once}
    return type(client)(connection_pool=redis.ConnectionPool(pool.connection_class, **settings))


@contextmanager
def _redis_errors() -> Generator[None]:
    """What Redis's client raises is an `OSError` then."""
    try:
        yield
    except redis.RedisError as error:
        raise OSError(str(error)) from error


def _not_before(delay: float) -> datetime:
    """When that is; RQ cuts it to whole seconds."""
    due = datetime.now(UTC) + timedelta(seconds=delay)
    return due.replace(microsecond=0) + timedelta(seconds=1) if due.microsecond else due


_STATUSES = {
    JobStatus.STARTED: TaskStatus.RUNNING,
    JobStatus.FINISHED: TaskStatus.SUCCEEDED,
    JobStatus.FAILED: TaskStatus.FAILED,
    JobStatus.STOPPED: TaskStatus.CANCELLED,
    JobStatus.CANCELED: TaskStatus.CANCELLED,
}


def _state_of(job: Job) -> TaskState:
    retries = job.number_of_retries or 0
    has_begun = job.started_at is not None
    waits = TaskStatus.RETRYING if has_begun else TaskStatus.PENDING
    status = _STATUSES.get(job.get_status(refresh=False), waits)
    ended, error = job.meta.get("postlude", (None, None))
    if status is TaskStatus.FAILED:
        status = TaskStatus(ended or status)
        error = error or _engines_own(job)
    return TaskState(
        task_id=str(job.id),
        status=status,
        result=job.return_value() if status is TaskStatus.SUCCEEDED else None,
        error=error if status in (TaskStatus.FAILED, TaskStatus.CANCELLED) else None,
        attempts=retries + has_begun - (status is TaskStatus.RETRYING and retries > 0),
        enqueued_at=job.created_at,
        started_at=job.started_at,
        ended_at=job.ended_at if status not in (TaskStatus.RUNNING, waits) else None,
    )


def _engines_own(job: Job) -> str | None:
    """What RQ says of a failure of which the task knew nothing, such as a lost worker."""
    latest = job.latest_result()
    said = latest.exc_string if latest else None
    return (said or "").strip().rpartition("\n")[2] or None


def _run(*args: Any, **_: Any) -> Any:
    """What RQ's workers call for each task."""
    job = rq.get_current_job()
    assert job is not None, "RQ's workers call this"
    _be_quiet()
    text = args[0] if args else None
    try:
        message = read(text)
        if job.connection.hexists(job.key, _CANCELLED):
            _fail(job, TaskStatus.CANCELLED, "it was cancelled")
        with _to_the_point(message.timeout):
            verdict = _deadlines.attempt(message, failures=job.number_of_retries or 0)
    except MessageRefused as error:
        refuse(error, "rq", str(job.id))
        _fail(job, TaskStatus.FAILED, in_words(error))
    return _conclude(job, verdict, message)


_FUNCTION = f"{__name__}.{_run.__name__}"


def _conclude(job: Job, verdict: Outcome | Again, message: Message) -> Any:
    match verdict:
        case Succeeded(value=value):
            return plain(value, message)
        case Failed(error=error):
            return _fail(job, TaskStatus.FAILED, in_words(error))
        case TimedOut(timeout=limit):
            return _fail(job, TaskStatus.TIMED_OUT, f"its limit is {limit:g} s per attempt")
        case Cancelled(reason=reason):
            return _fail(job, TaskStatus.CANCELLED, reason)
        case again:
            # RQ cuts the moment to whole seconds.
            pause = math.ceil(again.delay) + 1 if again.delay else 0
            return rq.Retry(_NO_LIMIT, interval=pause)


def _fail(job: Job, status: TaskStatus, error: str) -> NoReturn:
    """Let RQ have it as failed, for good."""
    job.retries_left = 0  # they are for lost workers
    job.meta["postlude"] = [str(status), error]
    cast("Any", job).save_meta()
    raise RemoteError(error)


@contextmanager
def _to_the_point(timeout: float | None) -> Generator[None]:
    """Have RQ's alarm ring when the time is over, and not up to a second later."""
    setitimer = getattr(signal, "setitimer", None)
    if timeout is None or setitimer is None or not callable(signal.getsignal(signal.SIGALRM)):
        yield
        return
    setitimer(signal.ITIMER_REAL, timeout)
    try:
        yield
    finally:
        setitimer(signal.ITIMER_REAL, 0)


class _Logged(logging.Filter):
    """Keeps away what RQ says of a failure that is in the log already, with its traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether it is to be logged."""
        return getattr(record, "func", None) != _FUNCTION


def _be_quiet() -> None:
    logger = logging.getLogger("rq.worker")
    if not any(isinstance(each, _Logged) for each in logger.filters):
        logger.addFilter(_Logged())
