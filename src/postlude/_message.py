"""A task on its way to another process: its wire form."""

from __future__ import annotations

import json
import math
from dataclasses import KW_ONLY, asdict, dataclass, field, fields
from enum import Enum
from typing import TYPE_CHECKING, Any, cast

from postlude import _ids
from postlude._call import Call
from postlude._current import request_id
from postlude._options import LONGEST
from postlude._registry import registered, registration_of
from postlude._retry import RetryPolicy
from postlude.errors import MessageRefused, NotDispatchable

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = 1
# In bytes. What is larger belongs in a file or a table, and its name or key into the message.
MAX_SIZE = 1_048_576
_DEPTH = 64


@dataclass(frozen=True, slots=True)
class Message:
    """A call of a registered function, with its options, as plain data.

    It is written as JSON, never pickled, and names a registered function, never an import path.

    Attributes:
        task: The name of the function, from `@task`.
        args: The positional arguments.
        kwargs: The keyword arguments.
        id: The execution's id.
        name: The task's name, for logs; also its type, where workers choose by types.
        retry: The numbers of its retry policy, if they are not those of `@task`.
        timeout: The limit of each attempt, in seconds.
        delay: How long after it was handed over it is due, in seconds.
        queue: The queue it goes to; `None` for the engine's default.
        priority: Higher goes first; `0` is the default.
        request_id: The request it was made for.

    Example:
        ```python
        from postlude import BackgroundTask, Message, task


        @task(name="emails.welcome")
        def send_welcome(to: str, *, urgent: bool) -> None:
            print("sent to", to)


        built = BackgroundTask(send_welcome, "ada@example.com", urgent=True)
        message = Message.of(built.with_options(task_id="welcome-7", timeout=30))
        print(message.encode())
        print(Message.decode(message.encode()) == message)
        hurried = Message.of(built, name="welcome", priority=5)
        print(hurried.name, hurried.priority, hurried.request_id)
        ```

        ```text title="Output"
        {"v":1,"task":"emails.welcome","args":["ada@example.com"],"kwargs":{"urgent":true},...}
        True
        welcome 5 None
        ```
    """

    task: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    _: KW_ONLY
    id: str
    name: str
    retry: Mapping[str, Any] | None = None
    timeout: float | None = None
    delay: float | None = None
    queue: str | None = None
    priority: int = 0
    request_id: str | None = None

    @classmethod
    def of(
        cls,
        call: Call,
        *,
        task_id: str | None = None,
        name: str | None = None,
        queue: str | None = None,
        priority: int | None = None,
    ) -> Message:
        """Write a task down.

        Args:
            call: The task.
            task_id: Its id; by default that of its options, or a new one.
            name: What it is called; by default as its options or its function say.
            queue: The queue it goes to; by default that of its options.
            priority: Its priority; by default that of its options, or 0.

        Raises:
            NotDispatchable: Its function is not marked, or JSON lacks something of it.
        """
        call.used = True
        registration = registration_of(call.func)
        options = call.options
        message = cls(
            registration.name,
            call.args,
            call.keywords,
            id=task_id or options.task_id or _ids.new_id(),
            name=call.name if name is None else name,
            retry=_numbers(call),
            timeout=options.timeout,
            delay=options.delay,
            queue=options.queue if queue is None else queue,
            priority=(options.priority or 0) if priority is None else priority,
            request_id=call.context.get(request_id),
        )
        for place, value in enumerate(message.args, 1):
            _check_plain(value, f"argument {place} of task {message.name!r}")
        for key, value in message.kwargs.items():
            _check_plain(value, f"argument {key}= of task {message.name!r}")
        return message

    def encode(self) -> str:
        """As JSON, in ASCII.

        Raises:
            NotDispatchable: It is too large, or was made by hand of what JSON does not have.
        """
        content: dict[str, Any] = {"v": VERSION}
        for name, default in _DEFAULTS:
            value = getattr(self, name)
            if value not in (None, (), {}) and value != default:
                content[name] = value
        if fault := _fault_of(content):
            raise NotDispatchable(f"task {self.name!r} would be {fault}")
        try:
            text = _write(content)
        except (TypeError, ValueError, RecursionError) as error:
            raise NotDispatchable(f"task {self.name!r} cannot be written: {error}") from None
        if len(text) > MAX_SIZE:
            raise NotDispatchable(
                f"task {self.name!r} is {len(text)} bytes on the wire, and at most {MAX_SIZE} may "
                "be: store the data and send its key"
            )
        return text

    @classmethod
    def decode(cls, text: str | bytes) -> Message:
        """Read what `encode` wrote.

        Raises:
            MessageRefused: It is no such text.
        """
        if len(text) > MAX_SIZE:
            raise MessageRefused(f"a message of {len(text)} bytes: at most {MAX_SIZE} may be")
        try:
            content = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise MessageRefused(f"a message that is no JSON: {error}") from None
        if not isinstance(content, dict):
            raise MessageRefused("a message that is no JSON object")
        return cls(**_checked(cast("dict[str, Any]", content)))

    def call(self) -> Call:
        """The task as this process has it.

        Raises:
            MessageRefused: The function is not known here, or the arguments do not fit it.
        """
        registration = registered(self.task)
        if registration is None:
            raise MessageRefused(
                f"task {self.task!r} is not known here: import its module where the worker starts"
            )
        try:
            call = Call(registration.func, *self.args, **self.kwargs)
        except TypeError as error:
            raise MessageRefused(f"a message for task {self.task!r}: {error}") from None
        call.context.run(request_id.set, self.request_id)
        policy = registration.retry_policy
        if self.retry is not None:
            errors = {} if policy is None else _errors(policy)
            policy = RetryPolicy(**self.retry, **errors)
        call.options = call.options.updated(
            name=self.name, retry_policy=policy, timeout=self.timeout, task_id=self.id
        )
        return call


# Looked up once: each task is written down.
_DEFAULTS = tuple((field.name, field.default) for field in fields(Message))
_write = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


def _errors(policy: RetryPolicy) -> dict[str, Any]:
    return {"retry_on": policy.retry_on, "give_up_on": policy.give_up_on}


def _numbers(call: Call) -> dict[str, Any] | None:
    """What of a task's retry policy is to travel, if it is not the registered one."""
    policy, own = call.options.retry_policy, registration_of(call.func).retry_policy
    if policy is None or policy == own:
        return None
    if _errors(policy) != _errors(own or RetryPolicy()):
        raise NotDispatchable(
            f"retry_on= and give_up_on= of task {call.name!r} name classes, which no message may: "
            "put the policy on the function, @task(retry_policy=...)"
        )
    return {name: value for name, value in asdict(policy).items() if name not in _errors(policy)}


def is_text(value: str) -> bool:
    """Whether it is whole: half a character is none, and no file or broker takes it."""
    return value.isascii() or value.encode(errors="ignore").decode() == value


def _check_plain(value: object, place: str, depth: int = 0) -> None:
    """Refuse what would come back as something else."""
    if type(value) in _PLAIN:
        return
    if isinstance(value, Enum):
        raise NotDispatchable(
            f"{place} is of type {type(value).__name__!r}, which JSON does not have: "
            "send value.value"
        )
    if isinstance(value, str | int):
        return
    if isinstance(value, float):
        if not math.isfinite(value):
            raise NotDispatchable(f"{place} is {value!r}, which JSON has no word for")
    elif depth == _DEPTH:
        raise NotDispatchable(f"{place} is nested more than {_DEPTH} times")
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            _check_plain(item, place, depth + 1)
    elif isinstance(value, dict):
        for key, item in cast("dict[object, object]", value).items():
            if not isinstance(key, str):
                raise NotDispatchable(
                    f"{place} has a key of type {type(key).__name__!r}: keys in JSON are text"
                )
            _check_plain(item, place, depth + 1)
    else:
        raise NotDispatchable(
            f"{place} is of type {type(value).__name__!r}, which JSON does not have: "
            f"send {_ADVICE.get(type(value).__name__, 'its key or its parts')}"
        )


_PLAIN = frozenset({str, int, bool, type(None)})
_ADVICE = {
    "tuple": "a list",
    "set": "a sorted list",
    "bytes": "text, or the path of a file",
    "datetime": "value.isoformat()",
    "date": "value.isoformat()",
    "timedelta": "value.total_seconds()",
    "UUID": "str(value)",
    "Decimal": "str(value)",
    "PosixPath": "str(value)",
    "WindowsPath": "str(value)",
}
_TEXTS = frozenset({"task", "id", "name", "queue"})
_TIMES = frozenset({"timeout", "delay"})
_KINDS: dict[str, tuple[type, ...]] = {
    "v": (int,),
    "task": (str,),
    "args": (list, tuple),
    "kwargs": (dict,),
    "id": (str,),
    "name": (str,),
    "retry": (dict,),
    "timeout": (int, float),
    "delay": (int, float),
    "queue": (str,),
    "priority": (int,),
    "request_id": (str,),
}


def _checked(content: dict[str, Any]) -> dict[str, Any]:
    version = content.pop("v", None)
    if version != VERSION:
        raise MessageRefused(
            f"a message of version {version!r}: this release of postlude reads version {VERSION}"
        )
    if unknown := sorted(content.keys() - _KINDS.keys()):
        raise MessageRefused(f"a message with the unknown field {unknown[0]!r}")
    if fault := _fault_of(content):
        raise MessageRefused(fault)
    return content | {"args": tuple(content.get("args", ()))}


def _fault_of(content: dict[str, Any]) -> str:
    """What no worker could make a task of; empty if there is nothing."""
    for name in ("task", "id", "name"):
        if not content.get(name):
            return f"a message without {name!r}"
    for name, value in content.items():
        if type(value) not in _KINDS[name] and (
            not isinstance(value, _KINDS[name]) or isinstance(value, bool)
        ):
            return f"a message whose {name!r} is of type {type(value).__name__!r}"
        if name in _TEXTS and not value.strip():
            return f"a message whose {name!r} is {value!r}, which is empty"
        if name in _TEXTS and not is_text(value):
            return f"a message whose {name!r} is {value!r}, which is no text"
        if name in _TIMES and not 0 < value <= LONGEST:
            return f"a message whose {name!r} is {value!r}"
    if "kwargs" in content and not all(isinstance(key, str) for key in content["kwargs"]):
        return "a message whose 'kwargs' has a key that is no text"
    if "retry" in content:
        try:
            RetryPolicy(**content["retry"])
        except (TypeError, ValueError) as error:
            return f"a message whose 'retry' is no policy: {error}"
    return ""
