"""The wire form of a task."""

from __future__ import annotations

import contextlib
import datetime
import decimal
import enum
import json
import math
import uuid
from pathlib import PurePosixPath
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies
from postlude import BackgroundTask, Message, MessageRefused, NotDispatchable, RetryPolicy, task
from postlude._current import request_id
from postlude._message import MAX_SIZE

POLICY = RetryPolicy(max_retries=2, retry_on=OSError)


class Colour(enum.StrEnum):
    RED = "red"


class Size(enum.IntEnum):
    BIG = 3


@task(name="tests.message.keep")
def keep(*values: Any, **named: Any) -> None: ...


@task(name="tests.message.patient", retry_policy=POLICY)
async def patient(number: int) -> None: ...


def built(func: Any = keep, *args: Any, **kwargs: Any) -> BackgroundTask:
    made = BackgroundTask(func, *args, **kwargs)
    made.used = True
    return made


plain = strategies.recursive(
    strategies.none()
    | strategies.booleans()
    | strategies.integers()
    | strategies.floats(allow_nan=False, allow_infinity=False)
    | strategies.text(),
    lambda inner: strategies.lists(inner) | strategies.dictionaries(strategies.text(), inner),
    max_leaves=20,
)


@hypothesis.given(
    strategies.lists(plain), strategies.dictionaries(strategies.from_regex("[a-z]+"), plain)
)
def test_what_is_written_is_read(args: list[Any], kwargs: dict[str, Any]) -> None:
    message = Message.of(built(keep, *args, **kwargs))
    text = message.encode()
    assert Message.decode(text) == message
    assert Message.decode(text.encode()) == message
    assert text.isascii()


def test_options_travel() -> None:
    made = built(keep, 1).with_options(
        name="label", timeout=3, delay=60, task_id="id-1", queue="high", priority=5
    )
    made.used = True
    message = Message.decode(Message.of(made).encode())
    assert (message.task, message.name, message.id) == ("tests.message.keep", "label", "id-1")
    assert (message.timeout, message.delay) == (3.0, 60.0)
    assert (message.queue, message.priority) == ("high", 5)


def test_the_request_it_was_made_for_travels() -> None:
    token = request_id.set("r-1")
    made = built(keep)
    request_id.reset(token)
    message = Message.decode(Message.of(made).encode())
    assert message.request_id == "r-1"
    assert message.call().context[request_id] == "r-1"


def test_the_policy_of_the_function_need_not_travel() -> None:
    message = Message.of(built(patient, 1))
    assert message.retry is None
    assert message.call().options.retry_policy == POLICY


def test_other_numbers_travel_and_the_errors_stay_those_of_the_function() -> None:
    policy = RetryPolicy(max_retries=7, jitter=0.5, retry_on=OSError)
    made = built(patient, 1).with_options(retry_policy=policy)
    made.used = True
    message = Message.decode(Message.of(made).encode())
    assert message.call().options.retry_policy == policy


def test_errors_of_another_policy_cannot_travel() -> None:
    made = built(patient, 1).with_options(retry_policy=RetryPolicy(retry_on=ValueError))
    made.used = True
    with pytest.raises(NotDispatchable, match=r"put the policy on the function, @task\(retry_pol"):
        Message.of(made)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ((1, 2), "of type 'tuple', which JSON does not have: send a list"),
        ({1}, "send a sorted list"),
        (b"x", "send text, or the path of a file"),
        (datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC), r"send value\.isoformat\(\)"),
        (datetime.timedelta(1), r"send value\.total_seconds\(\)"),
        (uuid.UUID(int=0), r"send str\(value\)"),
        (decimal.Decimal(1), r"send str\(value\)"),
        (PurePosixPath("x"), "send its key or its parts"),
        (Colour.RED, "of type 'Colour', .* send value.value"),
        (Size.BIG, "of type 'Size', .* send value.value"),
        (object(), "send its key or its parts"),
        (math.nan, "is nan, which JSON has no word for"),
        (math.inf, "is inf"),
        ([[{"a": (1,)}]], "of type 'tuple'"),
        ({1: 2}, "a key of type 'int': keys in JSON are text"),
    ],
)
def test_what_would_come_back_as_something_else_is_refused(value: Any, words: str) -> None:
    with pytest.raises(NotDispatchable, match=f"argument 1 of task 'tests.message.keep' .*{words}"):
        Message.of(built(keep, value))
    with pytest.raises(
        NotDispatchable, match=f"argument x= of task 'tests.message.keep' .*{words}"
    ):
        Message.of(built(keep, x=value))


def test_nesting_without_end_is_refused() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(NotDispatchable, match="nested more than 64 times"):
        Message.of(built(keep, value))


def test_what_is_too_large_is_refused_on_both_sides() -> None:
    with pytest.raises(NotDispatchable, match="store the data and send its key"):
        Message.of(built(keep, "x" * MAX_SIZE)).encode()
    with pytest.raises(MessageRefused, match=f"at most {MAX_SIZE} may be"):
        Message.decode('"' + "x" * MAX_SIZE)


@pytest.mark.parametrize("value", [object(), math.nan, {1, 2}])
def test_a_message_made_by_hand_of_something_else_is_refused(value: Any) -> None:
    message = Message("tests.message.keep", (value,), id="1", name="keep")
    with pytest.raises(NotDispatchable, match="task 'keep' cannot be written: "):
        message.encode()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"id": ""}, "a message without 'id'"),
        ({"id": " "}, "a message whose 'id' is ' ', which is empty"),
        ({"id": 5}, "a message whose 'id' is of type 'int'"),
        ({"queue": " "}, "a message whose 'queue' is ' ', which is empty"),
        ({"priority": "high"}, "a message whose 'priority' is of type 'str'"),
        ({"priority": 1.5}, "a message whose 'priority' is of type 'float'"),
        ({"delay": -1}, "a message whose 'delay' is -1"),
        ({"timeout": math.nan}, "a message whose 'timeout' is nan"),
        ({"args": "abc"}, "a message whose 'args' is of type 'str'"),
        ({"kwargs": {5: 1}}, "a message whose 'kwargs' has a key that is no text"),
        ({"retry": {"max_retries": -1}}, "a message whose 'retry' is no policy"),
    ],
)
def test_a_message_made_by_hand_that_no_worker_could_read_is_refused(
    options: dict[str, Any], words: str
) -> None:
    facts: dict[str, Any] = {"id": "1", "name": "keep", **options}
    with pytest.raises(NotDispatchable, match=f"task 'keep' would be {words}"):
        Message("tests.message.keep", **facts).encode()


GOOD = {"v": 1, "task": "tests.message.keep", "id": "1", "name": "keep"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no JSON"),
        ("[" * 100_000, "no JSON"),
        (b"\xff\xfe\xfd", "no JSON"),
        ("[]", "no JSON object"),
        ({**GOOD, "v": 2}, "version 2: this release of postlude reads version 1"),
        ({**GOOD, "v": None}, "version None"),
        ({**GOOD, "func": "os.system"}, "the unknown field 'func'"),
        ({"v": 1, "id": "1", "name": "x"}, "without 'task'"),
        ({**GOOD, "task": ""}, "without 'task'"),
        ({**GOOD, "id": 3}, "'id' is of type 'int'"),
        ({**GOOD, "args": {"0": 1}}, "'args' is of type 'dict'"),
        ({**GOOD, "kwargs": [1]}, "'kwargs' is of type 'list'"),
        ({**GOOD, "priority": True}, "'priority' is of type 'bool'"),
        ({**GOOD, "id": " "}, "'id' is ' ', which is empty"),
        ({**GOOD, "name": "\n"}, "'name' is .*, which is empty"),
        ({**GOOD, "queue": ""}, "'queue' is '', which is empty"),
        ({**GOOD, "id": "a\ud800"}, "'id' is .*, which is no text"),
        ({**GOOD, "timeout": -1}, "'timeout' is -1"),
        ({**GOOD, "timeout": 10**400}, "'timeout' is 1000"),
        ({**GOOD, "retry": {"initial_delay": 10**400}}, "'retry' is no policy"),
        ({**GOOD, "delay": 0}, "'delay' is 0"),
        ({**GOOD, "retry": {"max_retries": -1}}, "'retry' is no policy: max_retries=-1"),
        ({**GOOD, "retry": {"retry_on": "OSError"}}, "'retry' is no policy"),
        ({**GOOD, "retry": {"evil": 1}}, "'retry' is no policy"),
    ],
)
def test_a_message_of_somebody_else_is_refused(text: Any, words: str) -> None:
    with pytest.raises(MessageRefused, match=words):
        Message.decode(json.dumps(text) if isinstance(text, dict) else text)


def test_a_name_that_is_not_known_is_refused() -> None:
    message = Message.decode(json.dumps({**GOOD, "task": "os.system"}))
    with pytest.raises(MessageRefused, match=r"'os\.system' is not known here: import its module"):
        message.call()


@pytest.mark.parametrize("extra", [{}, {"args": [1, 2]}, {"kwargs": {"x": 1}}])
def test_arguments_that_do_not_fit_are_refused(extra: dict[str, Any]) -> None:
    message = Message.decode(json.dumps({**GOOD, "task": "tests.message.patient", **extra}))
    with pytest.raises(MessageRefused, match=r"a message for task 'tests\.message\.patient': "):
        message.call()


@hypothesis.given(strategies.text() | plain.map(json.dumps))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(MessageRefused):
        Message.decode(text)
