"""Background tasks after the response, for every Python web framework."""

# As type checkers know it: importing `typing` would cost more than all else here.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from postlude._current import request_id as request_id
    from postlude._delivery import Delivery as Delivery
    from postlude._drain import DrainReport as DrainReport
    from postlude._events import Observer as Observer
    from postlude._events import Subscription as Subscription
    from postlude._events import TaskEnded as TaskEnded
    from postlude._events import TaskEvent as TaskEvent
    from postlude._events import TaskRetried as TaskRetried
    from postlude._events import TaskStarted as TaskStarted
    from postlude._events import TaskSubmitted as TaskSubmitted
    from postlude._events import subscribe as subscribe
    from postlude._handle import TaskHandle as TaskHandle
    from postlude._message import Message as Message
    from postlude._open import current_tasks as current_tasks
    from postlude._outcome import Cancelled as Cancelled
    from postlude._outcome import Failed as Failed
    from postlude._outcome import Outcome as Outcome
    from postlude._outcome import Succeeded as Succeeded
    from postlude._outcome import TimedOut as TimedOut
    from postlude._redelivery import Again as Again
    from postlude._registry import task as task
    from postlude._remote import EngineHandle as EngineHandle
    from postlude._request import after_response as after_response
    from postlude._retry import RetryPolicy as RetryPolicy
    from postlude._runner import TaskRunner as TaskRunner
    from postlude._statistics import TaskCounts as TaskCounts
    from postlude._statistics import TaskStats as TaskStats
    from postlude._status import TaskState as TaskState
    from postlude._status import TaskStatus as TaskStatus
    from postlude._task import BackgroundTask as BackgroundTask
    from postlude._tasks import BackgroundTasks as BackgroundTasks
    from postlude.asgi import PostludeMiddleware as PostludeMiddleware
    from postlude.errors import EngineUnavailable as EngineUnavailable
    from postlude.errors import MessageRefused as MessageRefused
    from postlude.errors import MissingDependency as MissingDependency
    from postlude.errors import NoActiveRequest as NoActiveRequest
    from postlude.errors import NotDispatchable as NotDispatchable
    from postlude.errors import PostludeError as PostludeError
    from postlude.errors import QueueClosed as QueueClosed
    from postlude.errors import QueueFull as QueueFull
    from postlude.errors import RemoteError as RemoteError
    from postlude.errors import RunnerClosed as RunnerClosed
    from postlude.errors import StoreUnusable as StoreUnusable
    from postlude.errors import TaskFailed as TaskFailed
    from postlude.monitor import Health as Health
    from postlude.monitor import TaskMonitor as TaskMonitor
    from postlude.protocols import Claim as Claim
    from postlude.protocols import Engine as Engine
    from postlude.protocols import Store as Store
    from postlude.queue._queue import TaskQueue as TaskQueue
    from postlude.queue._sqlite_letters import DeadLetter as DeadLetter
    from postlude.queue._sqlite_store import SQLiteStore as SQLiteStore
    from postlude.queue._worker import Worker as Worker
    from postlude.queue._worker_pool import WorkerPool as WorkerPool
    from postlude.scheduler import BackgroundScheduler as BackgroundScheduler
    from postlude.scheduler import ScheduledHandle as ScheduledHandle

__all__ = [
    "Again",
    "BackgroundScheduler",
    "BackgroundTask",
    "BackgroundTasks",
    "Cancelled",
    "Claim",
    "DeadLetter",
    "Delivery",
    "DrainReport",
    "Engine",
    "EngineHandle",
    "EngineUnavailable",
    "Failed",
    "Health",
    "Message",
    "MessageRefused",
    "MissingDependency",
    "NoActiveRequest",
    "NotDispatchable",
    "Observer",
    "Outcome",
    "PostludeError",
    "PostludeMiddleware",
    "QueueClosed",
    "QueueFull",
    "RemoteError",
    "RetryPolicy",
    "RunnerClosed",
    "SQLiteStore",
    "ScheduledHandle",
    "Store",
    "StoreUnusable",
    "Subscription",
    "Succeeded",
    "TaskCounts",
    "TaskEnded",
    "TaskEvent",
    "TaskFailed",
    "TaskHandle",
    "TaskMonitor",
    "TaskQueue",
    "TaskRetried",
    "TaskRunner",
    "TaskStarted",
    "TaskState",
    "TaskStats",
    "TaskStatus",
    "TaskSubmitted",
    "TimedOut",
    "Worker",
    "WorkerPool",
    "after_response",
    "current_tasks",
    "request_id",
    "subscribe",
    "task",
]

# Where each name is at home. A name is imported when it is first asked for, so that a program
# starts no slower for what it does not use.
_HOMES = {
    "request_id": "postlude._current",
    "Again": "postlude._redelivery",
    "Delivery": "postlude._delivery",
    "DrainReport": "postlude._drain",
    "Observer": "postlude._events",
    "Subscription": "postlude._events",
    "TaskEnded": "postlude._events",
    "TaskEvent": "postlude._events",
    "TaskRetried": "postlude._events",
    "TaskStarted": "postlude._events",
    "TaskSubmitted": "postlude._events",
    "subscribe": "postlude._events",
    "TaskHandle": "postlude._handle",
    "Message": "postlude._message",
    "current_tasks": "postlude._open",
    "Cancelled": "postlude._outcome",
    "Failed": "postlude._outcome",
    "Outcome": "postlude._outcome",
    "Succeeded": "postlude._outcome",
    "TimedOut": "postlude._outcome",
    "task": "postlude._registry",
    "EngineHandle": "postlude._remote",
    "after_response": "postlude._request",
    "RetryPolicy": "postlude._retry",
    "TaskRunner": "postlude._runner",
    "TaskCounts": "postlude._statistics",
    "TaskStats": "postlude._statistics",
    "TaskState": "postlude._status",
    "TaskStatus": "postlude._status",
    "BackgroundTask": "postlude._task",
    "BackgroundTasks": "postlude._tasks",
    "PostludeMiddleware": "postlude.asgi",
    "EngineUnavailable": "postlude.errors",
    "MessageRefused": "postlude.errors",
    "MissingDependency": "postlude.errors",
    "NoActiveRequest": "postlude.errors",
    "NotDispatchable": "postlude.errors",
    "PostludeError": "postlude.errors",
    "QueueClosed": "postlude.errors",
    "QueueFull": "postlude.errors",
    "RemoteError": "postlude.errors",
    "RunnerClosed": "postlude.errors",
    "StoreUnusable": "postlude.errors",
    "TaskFailed": "postlude.errors",
    "Health": "postlude.monitor",
    "TaskMonitor": "postlude.monitor",
    "Claim": "postlude.protocols",
    "Engine": "postlude.protocols",
    "Store": "postlude.protocols",
    "TaskQueue": "postlude.queue._queue",
    "DeadLetter": "postlude.queue._sqlite_letters",
    "SQLiteStore": "postlude.queue._sqlite_store",
    "Worker": "postlude.queue._worker",
    "WorkerPool": "postlude.queue._worker_pool",
    "BackgroundScheduler": "postlude.scheduler",
    "ScheduledHandle": "postlude.scheduler",
}
_MODULES = {"asgi", "errors", "monitor", "protocols", "queue", "scheduler"}


if not TYPE_CHECKING:  # pragma: no branch  (or any name would do)

    def __getattr__(name: str) -> object:
        home = _HOMES.get(name)
        if home is None and name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        if home is None:
            return import_module(f"{__name__}.{name}")
        value = globals()[name] = getattr(import_module(home), name)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_MODULES})
