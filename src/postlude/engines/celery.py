"""Celery: its workers run the tasks, its broker keeps them, its result backend knows of them."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cached_property
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
from postlude._foreign import logger as log
from postlude._options import checked_seconds
from postlude._outcome import Cancelled, Failed, Succeeded, TimedOut
from postlude._status import TaskState, TaskStatus
from postlude.errors import MessageRefused, MissingDependency, NotDispatchable, RemoteError

try:
    import celery  # pyright: ignore[reportMissingTypeStubs]
    from celery import exceptions  # pyright: ignore[reportMissingTypeStubs]
except ModuleNotFoundError as error:
    raise MissingDependency("celery", extra="celery") from error

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from datetime import timedelta

    from postlude._message import Message
    from postlude._outcome import Outcome
    from postlude._redelivery import Again

_Task: Any = celery.Task
_NAME = "postlude.run"
# Seconds after an attempt's limit at which Celery ends the process that did not heed it.
_HARD = 10.0
_STEPS = (0, 3, 6, 9)
# Of a name, in a header: RabbitMQ closes the connection over one that is too long.
_SHOWN = 1000
_deadlines = Deadlines(exceptions.SoftTimeLimitExceeded)


class CeleryEngine:
    """Has tasks run by the workers of a Celery application.

    Construct it where the workers import the application as well, and import the modules of your
    tasks there: it adds one Celery task, `postlude.run`, which runs the functions that are marked
    with `@task`. Your own Celery tasks and settings stay as they are.

    A task whose process is killed runs again: at once, if it was a child of the pool. If all of a
    worker was, it depends on the broker. Redis gives the message to another one after its
    `visibility_timeout`, which is long by default, and looks only now and then. In
    `broker_transport_options` set `visibility_timeout` to seconds above the longest task and the
    longest delay, since what takes longer runs twice, `unacked_restore_interval` to 5 and
    `unacked_restore_throttle` to 1. The one message that a worker is just taking out of Redis when
    it is killed is lost.

    RabbitMQ gives it to another one when the connection ends, and loses none that is being taken.

    Delays and priorities are Celery's own. RabbitMQ has priorities where the application sets
    `task_queue_max_priority`, and `priority=` counts from its `task_default_priority`: with 10 and
    5, from -5 to 5. `status`, `cancel` and results need a result backend.
    A time limit ends a `def` in the pool `prefork` alone, an `async def` in each.

    Args:
        app: The application.
        timeout: How long `submit`, `status` and `cancel` may take, in seconds or as a `timedelta`.
        max_crashes: How many workers a task may cost; then it has failed.

    Raises:
        TypeError: An argument is of the wrong type.
        ValueError: A number is out of range.

    Example:
        ```python
        import asyncio

        from celery import Celery
        from postlude import BackgroundTask, EngineUnavailable, Message, task
        from postlude.engines.celery import CeleryEngine

        app = Celery(broker="redis://:secret@localhost:1/0")
        engine = CeleryEngine(app, timeout=2, max_crashes=5)


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
        celery: celery at redis://:**@localhost:1/0 is not available: ...
        ```
    """

    def __init__(
        self, app: celery.Celery, *, timeout: float | timedelta = 5.0, max_crashes: int = 3
    ) -> None:
        """Add the task to the application; nothing is connected yet."""
        seconds = checked_seconds("timeout", timeout, without="for 5 seconds")
        self._client = _Client(_checked_app(app), seconds)
        self._ferry = Ferry("celery", self._client.place, timeout=seconds)
        _register(app, checked_crashes(max_crashes))

    @property
    def name(self) -> str:
        """What to call it in messages."""
        return "celery"

    async def submit(self, message: Message) -> str:
        """Store a task with the broker.

        Returns:
            The id to ask for: `message.id`, which is the Celery task's as well.

        Raises:
            EngineUnavailable: The broker, or the result backend, did not take it in time.
            NotDispatchable: Celery knows no such queue, and may not make it; or a time is too long.
        """
        check_spans(message)
        text = message.encode()
        await self._ferry.call(self._client.send, message, text)
        return message.id

    async def status(self, task_id: str) -> TaskState:
        """How a task stands; without a result backend, always `unknown`.

        Raises:
            EngineUnavailable: The result backend does not answer.
        """
        if not can_be_known(task_id):
            return TaskState(task_id=task_id, status=TaskStatus.UNKNOWN)
        return await self._ferry.call(self._client.state, task_id)

    async def cancel(self, task_id: str) -> bool:
        """End a task that has not begun, or waits for its next attempt.

        Returns:
            Whether it will not run. Without a result backend its workers are told, but whether they
            have heard is not known: `False`.

        Raises:
            EngineUnavailable: The broker, or the result backend, does not answer.
        """
        return can_be_known(task_id) and await self._ferry.call(self._client.cancel, task_id)


def _checked_app(app: object) -> Any:
    if not isinstance(app, celery.Celery):
        raise TypeError(
            f"CeleryEngine({app!r}) takes a Celery application: CeleryEngine(Celery(...))"
        )
    return app


class _Client:
    """The side of who submits: copies of the application that do not wait for long."""

    def __init__(self, app: Any, timeout: float) -> None:
        self._app = app
        self._timeout = timeout

    @cached_property
    def _sender(self) -> Any:
        connection = self._app.connection_for_write()
        kind, options = connection.transport.driver_type, connection.transport_options
        limits = _LIMITS[kind](self._timeout) if kind in _LIMITS else {}
        # Without its backend, which would listen for the result of each task that was sent.
        return _copy(
            self._app,
            result_backend="disabled://",
            broker_connection_timeout=self._timeout,
            broker_transport_options={**options, **_ONCE, **limits},
        )

    @cached_property
    def _keeper(self) -> Any:
        """Whose backend is asked."""
        options = self._app.conf.result_backend_transport_options
        once = {"max_retries": 1, "interval_start": 0, "interval_max": 0}
        return _copy(
            self._app,
            redis_socket_timeout=self._timeout,
            redis_socket_connect_timeout=self._timeout,
            result_backend_always_retry=False,
            result_backend_transport_options={**options, "retry_policy": once},
        )

    @property
    def _records(self) -> _Records:
        return _Records(self._keeper.backend)

    def place(self) -> str:
        """Where the broker is, without its password."""
        return str(self._app.connection_for_write().as_uri())

    def send(self, message: Message, text: str) -> None:
        """Note that the task is there, and send it."""
        records, now = self._records, datetime.now(UTC).isoformat()
        with _library_errors(lambda: f"the result backend {records.place}: "):
            records.note(message.id, "SENT", {"enqueued_at": now})
        try:
            with _library_errors():
                self._sender.send_task(
                    _NAME,
                    (text,),
                    {"enqueued_at": now},
                    task_id=message.id,
                    retry=False,
                    **self._options(message),
                )
        except BaseException:
            with suppress(Exception):
                records.forget(message.id)
            raise

    def _options(self, message: Message) -> dict[str, Any]:
        limit = message.timeout
        return {
            "queue": message.queue,
            "countdown": message.delay,
            "soft_time_limit": limit,
            "time_limit": None if limit is None else limit + _HARD,
            "priority": self._priority(message.priority),
            "serializer": "json",
            "shadow": message.name[:_SHOWN],
            # What lists of tasks show: arguments may be passwords.
            "argsrepr": "(...)",
            "kwargsrepr": "{...}",
        }

    def _priority(self, number: int) -> int:
        if not self._steps:
            middle = self._app.conf.task_default_priority or 0
            return max(0, min(self._app.conf.task_queue_max_priority or 9, middle + number))
        middle, last = len(self._steps) // 2, len(self._steps) - 1
        return self._steps[max(0, min(last, middle - number))]

    @cached_property
    def _steps(self) -> list[int]:
        """The priorities of Redis, where 0 goes first, as do tasks without one; none elsewhere."""
        connection = self._sender.connection_for_write()
        if connection.transport.driver_type != "redis":
            return []
        return sorted(connection.transport_options.get("priority_steps", _STEPS))

    def state(self, task_id: str) -> TaskState:
        """What is known of a task."""
        records = self._records
        with _library_errors(lambda: f"the result backend {records.place}: "):
            return records.state(task_id)

    def cancel(self, task_id: str) -> bool:
        """Whether it will not run."""
        records = self._records
        if records.is_missing:
            with _library_errors():
                self._sender.control.revoke(task_id)
            return False
        with _library_errors(lambda: f"the result backend {records.place}: "):
            return records.cancel(task_id)


def _redis_limits(timeout: float) -> dict[str, Any]:
    return {"socket_timeout": timeout, "socket_connect_timeout": timeout}


def _amqp_limits(timeout: float) -> dict[str, Any]:
    # Confirmed: or a message is taken for sent that the broker never had.
    return {"read_timeout": timeout, "write_timeout": timeout, "confirm_publish": True}


_LIMITS: dict[str, Callable[[float], dict[str, Any]]] = {
    "redis": _redis_limits,
    "amqp": _amqp_limits,
}
_ONCE = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}


def _copy(app: Any, **settings: Any) -> Any:
    """An application with the same settings but for these."""
    copy: Any = celery.Celery(app.main, set_as_current=False)
    copy.conf.update({**app.conf, **settings})
    return copy


@contextmanager
def _library_errors(where: Callable[[], str] = str) -> Generator[None]:
    """What a foreign library raises is an `OSError` then, or says that a queue is unknown."""
    try:
        yield
    except exceptions.QueueNotFound as error:
        raise NotDispatchable(f"celery has no such queue: {error}") from error
    except Exception as error:
        raise OSError(f"{where()}{error}") from error


class _Records:
    """What the result backend has of a task, besides what Celery itself keeps there.

    Celery says of an id that nobody knows that it is pending, and does not say when a task that
    has ended had begun. So there is a record beside its own, under the id and `.postlude`, and one
    that a task is not wanted any more, under the id and `.cancel`.
    """

    def __init__(self, backend: Any) -> None:
        self._backend = backend
        self.place: str = backend.as_uri()
        self.is_missing = self.place == "disabled://"

    def note(self, task_id: str, status: str, facts: dict[str, Any]) -> None:
        """Write the record of a task."""
        self._backend.store_result(f"{task_id}.postlude", facts, status)

    def forget(self, task_id: str) -> None:
        """There is no such task."""
        self._backend.forget(f"{task_id}.postlude")

    def facts(self, task_id: str) -> tuple[str, dict[str, Any]]:
        """The record of a task: its status, `PENDING` if there is none, and the facts."""
        if self.is_missing:
            return "PENDING", {}
        meta = self._backend.get_task_meta(f"{task_id}.postlude", cache=False)
        is_ours = isinstance(meta["result"], dict)
        return meta["status"], cast("dict[str, Any]", meta["result"]) if is_ours else {}

    def state(self, task_id: str) -> TaskState:
        """How it stands."""
        if self.is_missing:
            return TaskState(task_id=task_id, status=TaskStatus.UNKNOWN)
        own, facts = self.facts(task_id)
        meta = self._backend.get_task_meta(task_id, cache=False)
        status, result = _status_of(own, meta), meta["result"]
        is_error = isinstance(result, BaseException) and status in _WITH_ERROR
        return TaskState(
            task_id=task_id,
            status=status,
            result=result if status is TaskStatus.SUCCEEDED else None,
            error=_text_of(result) if is_error else None,
            attempts=facts.get("attempts", 0),
            enqueued_at=_moment(facts.get("enqueued_at")),
            started_at=_moment(facts.get("started_at")),
            ended_at=_moment(meta.get("date_done")) if status in _ENDS.values() else None,
        )

    def cancel(self, task_id: str) -> bool:
        """Whether it will not run."""
        # The worker first notes that it begins and then looks for this, so that one of both sees.
        self._backend.store_result(f"{task_id}.cancel", None, "CANCELLED")
        own, _ = self.facts(task_id)
        if own in _WAITING and self._backend.get_task_meta(task_id, cache=False)["status"] not in (
            *_ENDS,
        ):
            self.revoke(task_id)
            return True
        self._backend.forget(f"{task_id}.cancel")
        return False

    def is_cancelled(self, task_id: str) -> bool:
        """Whether it is not wanted any more."""
        meta = self._backend.get_task_meta(f"{task_id}.cancel", cache=False)
        return bool(meta["status"] == "CANCELLED")

    def revoke(self, task_id: str, reason: str = "it was cancelled") -> None:
        """Let Celery have it as revoked."""
        self._backend.store_result(task_id, exceptions.TaskRevokedError(reason), "REVOKED")


_WAITING = {"SENT": TaskStatus.PENDING, "WAITING": TaskStatus.RETRYING}
_OWN = {**_WAITING, "BEGUN": TaskStatus.RUNNING}
_ENDS = {
    "SUCCESS": TaskStatus.SUCCEEDED,
    "FAILURE": TaskStatus.FAILED,
    "REVOKED": TaskStatus.CANCELLED,
    "TIMED_OUT": TaskStatus.TIMED_OUT,
}
_WITH_ERROR = {TaskStatus.FAILED, TaskStatus.CANCELLED}
_LIMIT_ERRORS = (exceptions.SoftTimeLimitExceeded, exceptions.TimeLimitExceeded)


def _status_of(own: str, meta: dict[str, Any]) -> TaskStatus:
    if meta["status"] == "FAILURE" and isinstance(meta["result"], _LIMIT_ERRORS):
        return TaskStatus.TIMED_OUT
    return _ENDS.get(meta["status"]) or _OWN.get(own, TaskStatus.UNKNOWN)


def _text_of(error: BaseException) -> str:
    is_own = isinstance(error, RemoteError | exceptions.TaskRevokedError)
    return str(error) if is_own else in_words(error)


def _moment(value: Any) -> datetime | None:
    with suppress(TypeError, ValueError):
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def _register(app: Any, max_crashes: int) -> None:
    """Add the one task that runs all others, with settings of its own."""

    copies: list[Any] = []

    class Patient(_Task):  # type: ignore[misc]  # Celery has no types
        """Its result backend may be away for a while: then a task that ran is no failure."""

        @property
        def backend(self) -> Any:
            if not copies:  # not before the application has its settings
                copies.append(_copy(app, result_backend_always_retry=True))
            return copies[0].backend

    def run(task: Any, *args: Any, **facts: Any) -> Any:
        return _Job(task, facts, max_crashes).run(args[0] if args else None)

    app.task(
        run,
        base=Patient,
        name=_NAME,
        bind=True,
        # It is acknowledged when it has ended, so that it runs again if its worker is lost.
        acks_late=True,
        reject_on_worker_lost=True,
        acks_on_failure_or_timeout=True,
        ignore_result=False,
        max_retries=None,
        serializer="json",
        # Logged already, with the traceback of the function.
        throws=(RemoteError, MessageRefused, exceptions.SoftTimeLimitExceeded),
    )


class _Job:
    """One message in the hands of a worker."""

    def __init__(self, task: Any, facts: dict[str, Any], max_crashes: int) -> None:
        self._task = task
        self._id = str(task.request.id)
        self._records = _Records(task.backend)
        self._max_crashes = max_crashes
        crashes = facts.get("crashes")
        self._crashes = crashes if isinstance(crashes, int) else 0
        self._facts = {"enqueued_at": facts.get("enqueued_at")}

    def run(self, text: object) -> Any:
        """Make an attempt, and tell Celery what became of it in its own words."""
        try:
            message = read(text)
            self._count_crashes(message)
            self._begin()
            verdict = _deadlines.attempt(message, failures=self._task.request.retries)
        except MessageRefused as error:
            refuse(error, "celery", self._id)
            raise
        return self._conclude(verdict, message)

    def _conclude(self, verdict: Outcome | Again, message: Message) -> Any:
        match verdict:
            case Succeeded(value=value):
                return plain(value, message)
            case Failed(error=error):
                raise RemoteError(in_words(error)) from None
            case TimedOut(timeout=limit):
                said = f"its limit is {limit:g} s per attempt"
                raise exceptions.SoftTimeLimitExceeded(said) from None
            case Cancelled(reason=reason):
                return self._drop(reason)
            case again:
                return self._retry(again)

    def _begin(self) -> None:
        if self._records.is_missing:
            return
        now = datetime.now(UTC).isoformat()
        attempt = self._task.request.retries + 1
        self._facts |= {"started_at": now, "attempts": attempt}
        self._records.note(self._id, "BEGUN", self._facts)
        if self._records.is_cancelled(self._id):
            self._drop("it was cancelled")

    def _drop(self, reason: str) -> NoReturn:
        if not self._records.is_missing:
            self._records.revoke(self._id, reason)
        raise exceptions.Ignore

    def _retry(self, again: Again) -> NoReturn:
        if not self._records.is_missing:
            attempts = {"attempts": again.attempts}
            self._records.note(self._id, "WAITING", self._facts | attempts)
        reason = RemoteError(in_words(again.error))
        try:
            raise self._task.retry(countdown=again.delay, exc=reason)
        except exceptions.Reject as error:
            # The broker did not take it, and Celery would drop it.
            raise exceptions.Reject(str(error), requeue=True) from None

    def _count_crashes(self, message: Message) -> None:
        """Bring a message that has come again back into line, with the number of its crashes."""
        if not self._task.request.delivery_info.get("redelivered"):
            return
        if not self._records.is_missing and self._records.facts(self._id)[0] != "BEGUN":
            return  # its worker was lost, but not by this task
        crashes = self._crashes + 1
        if crashes >= self._max_crashes:
            said = f"it was lost {crashes} times with the worker that ran it"
            log.error("task %r (id %s) failed: %s", message.name, self._id, said)
            raise RemoteError(said)
        self._task.signature_from_request(
            kwargs={**self._task.request.kwargs, "crashes": crashes},
            retries=self._task.request.retries,
        ).apply_async()
        raise exceptions.Ignore
