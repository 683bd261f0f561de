"""@task: which functions a message may name."""

from __future__ import annotations

import functools
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from postlude import BackgroundTask, Message, NotDispatchable, RetryPolicy, task
from postlude._registry import registered

if TYPE_CHECKING:
    from pathlib import Path


@task
def add(a: int, b: int) -> int:
    return a + b


@task(name="tests.subtract", retry_policy=RetryPolicy(max_retries=2), timeout=5)
async def subtract(a: int, b: int) -> int:
    return a - b


async def unmarked() -> None: ...


def test_a_marked_function_stays_the_function_it_was() -> None:
    assert add(1, 2) == 3
    assert add.__name__ == "add"


def test_the_default_name_is_the_module_and_the_function() -> None:
    assert Message.of(_used(BackgroundTask(add, 1, 2))).task == f"{__name__}.add"


def test_its_tasks_have_the_name_and_the_options_that_were_given() -> None:
    built = _used(BackgroundTask(subtract, 3, 1))
    assert built.name == "tests.subtract"
    assert built.options.retry_policy == RetryPolicy(max_retries=2)
    assert built.options.timeout == 5.0
    assert built.is_async


def test_options_of_the_task_itself_win() -> None:
    built = _used(_used(BackgroundTask(subtract, 3, 1)).with_options(name="mine", timeout=1))
    assert (built.name, built.options.timeout) == ("mine", 1.0)
    assert Message.of(built).task == "tests.subtract"


def test_a_partial_of_a_marked_function_has_its_options_too() -> None:
    assert _used(BackgroundTask(functools.partial(subtract, 3), 1)).name == "tests.subtract"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (3, "an object of type 'int'"),
        (lambda: None, "<lambda>"),
        (functools.partial(add, 1), "add"),
        (int, "int"),
    ],
)
def test_what_is_no_function_is_refused(value: Any, words: str) -> None:
    with pytest.raises(TypeError, match=r"@task marks a function, got .*write it above") as caught:
        task(value)
    assert words in str(caught.value)


def test_a_generator_is_refused() -> None:
    def numbers() -> Any:
        yield 1

    with pytest.raises(TypeError, match="the generator function"):
        task(numbers)


def test_a_function_within_a_function_needs_a_name() -> None:
    def inner() -> None: ...

    with pytest.raises(TypeError, match=r"inner\(\) is made inside a function.*@task\(name='...'"):
        task(inner)
    assert task(name="tests.inner")(inner) is inner
    known = registered("tests.inner")
    assert known is not None
    assert known.func is inner


def test_a_name_belongs_to_one_function() -> None:
    with pytest.raises(
        ValueError, match=r"name='tests.subtract' belongs to .*subtract\(\) already"
    ):
        task(name="tests.subtract")(unmarked)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"name": ""}, ValueError, "name='' is empty"),
        ({"name": 3}, TypeError, "name= must be a string"),
        ({"timeout": 0}, ValueError, "timeout=0 must be more than 0 seconds"),
        ({"retry_policy": 3}, TypeError, "retry_policy= must be a RetryPolicy"),
    ],
)
def test_wrong_options_are_refused(options: Any, error: type[Exception], words: str) -> None:
    def function() -> None: ...

    mark: Any = task
    with pytest.raises(error, match=words):
        mark(**{"name": "tests.function", **options})(function)
    assert registered("tests.function") is None


def test_an_unmarked_function_is_told_the_line_to_add() -> None:
    with pytest.raises(NotDispatchable, match="write @task above `def unmarked`"):
        Message.of(_used(BackgroundTask(unmarked)))


def test_what_no_worker_could_find_is_refused() -> None:
    with pytest.raises(NotDispatchable, match="print is no function at the top of a module"):
        Message.of(_used(BackgroundTask(print)))


def test_a_decorator_above_the_mark_is_refused() -> None:
    @functools.wraps(add)
    def loud(a: int, b: int) -> int:
        return add(a, b)

    with pytest.raises(NotDispatchable, match="put @task above all other decorators"):
        Message.of(_used(BackgroundTask(loud, 1, 2)))


def test_a_method_is_said_to_be_one() -> None:
    class Mailer:
        @task(name="tests.registry.method")
        def send(self) -> None: ...

        @classmethod
        @task(name="tests.registry.classmethod")
        def send_all(cls) -> None: ...

    for method in (Mailer().send, Mailer.send_all):
        with pytest.raises(NotDispatchable, match=r"is a method, .* write a function at the top"):
            Message.of(_used(BackgroundTask(method)))


SCRIPT = """
from postlude import BackgroundTask, Message, task

@task
def send() -> None: ...

built = BackgroundTask(send)
built.used = True
print(Message.of(built).task)
"""


def test_the_program_itself_has_the_name_that_others_import_it_by(tmp_path: Path) -> None:
    (tmp_path / "emails.py").write_text(SCRIPT)

    def run(*arguments: str) -> str:
        command = [sys.executable, *arguments]
        return subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, check=True
        ).stdout.strip()

    assert run("emails.py") == "emails.send"
    assert run("-m", "emails") == "emails.send"
    assert run("-c", SCRIPT) == "__main__.send"


def test_a_module_may_be_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "reloaded_emails.py").write_text(SCRIPT)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    first = __import__("reloaded_emails").send
    sys.modules.pop("reloaded_emails")
    second = __import__("reloaded_emails").send
    known = registered("reloaded_emails.send")
    assert first is not second
    assert known is not None
    assert known.func is second


def _used(built: BackgroundTask) -> BackgroundTask:
    built.used = True
    return built
