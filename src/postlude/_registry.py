"""The functions that a message may name."""

from __future__ import annotations

import functools
import inspect
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, overload

from postlude._call import name_of, options_of, set_default_options
from postlude._options import checked_policy, checked_seconds, checked_text
from postlude.errors import NotDispatchable

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from postlude._retry import RetryPolicy

P = ParamSpec("P")
R = TypeVar("R")

MARK = "__postlude_task__"


@dataclass(frozen=True, slots=True)
class Registration:
    """A function and the name under which messages may ask for it."""

    name: str
    func: Callable[..., Any]
    retry_policy: RetryPolicy | None


_registered: dict[str, Registration] = {}


@overload
def task(func: Callable[P, R]) -> Callable[P, R]: ...


@overload
def task(
    *,
    name: str | None = None,
    retry_policy: RetryPolicy | None = None,
    timeout: float | timedelta | None = None,
) -> Callable[[Callable[P, R]], Callable[P, R]]: ...


def task(
    func: Callable[..., Any] | None = None,
    *,
    name: str | None = None,
    retry_policy: RetryPolicy | None = None,
    timeout: float | timedelta | None = None,
) -> Any:
    """Mark a function as one that a store or an engine may run.

    It stays the function it was: call it, test it, or give it to a `BackgroundTask` as before. It
    gets a name by which workers find it, and default options for its tasks. A worker runs nothing
    that is not marked, whatever a message asks for.

    Args:
        func: A `def` or an `async def` at the top of a module; `@task` stands above all of its
            other decorators.
        name: What messages call it, for good: those that wait in a store or broker name it. By
            default the module and the function, such as `emails.send_welcome`; where the
            module is the program itself, the name of its file.
        retry_policy: For each of its tasks, unless `with_options` says otherwise.
        timeout: The limit of each attempt, likewise, in seconds or as a `timedelta`.

    Returns:
        The function itself.

    Raises:
        TypeError: It is no function, or an option is of the wrong type.
        ValueError: Another function has that name, or an option is out of range.

    Example:
        ```python
        import asyncio

        from postlude import BackgroundTask, RetryPolicy, task


        @task(name="emails.welcome", retry_policy=RetryPolicy(max_retries=5))
        def send_welcome(to: str) -> str:
            return f"sent to {to}"


        print(send_welcome("ada@example.com"))
        print(asyncio.run(BackgroundTask(send_welcome, "ada@example.com").run()).name)
        ```

        ```text title="Output"
        sent to ada@example.com
        emails.welcome
        ```
    """
    if func is None:
        return functools.partial(_register, name=name, retry_policy=retry_policy, timeout=timeout)
    return _register(func, name=name, retry_policy=retry_policy, timeout=timeout)


def registered(name: str) -> Registration | None:
    """The function of that name."""
    return _registered.get(name)


def is_registered(func: object) -> bool:
    """Whether a message may name it."""
    registration = getattr(func, MARK, None)
    return isinstance(registration, Registration) and registration.func is func


def registration_of(func: object) -> Registration:
    """The registration of a function.

    Raises:
        NotDispatchable: It has none.
    """
    registration = getattr(func, MARK, None)
    if isinstance(registration, Registration):
        if registration.func is func:
            return registration
        if inspect.ismethod(func):
            raise NotDispatchable(
                f"{name_of(func)}() is a method, and its object cannot leave the process: write a "
                "function at the top of a module, with @task above it, that is given a key"
            )
        raise NotDispatchable(
            f"{name_of(func)}() is a decorated copy of the function marked with @task, which is "
            "what workers would run: put @task above all other decorators"
        )
    if isinstance(func, FunctionType) and func.__name__ != "<lambda>":
        raise NotDispatchable(
            f"{name_of(func)}() is not marked, so that no worker would run it: "
            f"write @task above `def {func.__name__}`"
        )
    raise NotDispatchable(
        f"{name_of(func)} is no function at the top of a module, so that no worker would find it: "
        "write a `def` with @task above it"
    )


def _register(
    func: Any,
    *,
    name: str | None,
    retry_policy: RetryPolicy | None,
    timeout: float | timedelta | None,
) -> Any:
    if not isinstance(func, FunctionType) or func.__name__ == "<lambda>":
        raise TypeError(
            f"@task marks a function, got {_what(func)}: write it above a `def` or `async def`"
        )
    if inspect.isgeneratorfunction(func) or inspect.isasyncgenfunction(func):
        raise TypeError(f"@task marks a function, got the generator function {name_of(func)}()")
    registration = Registration(
        name=_default_name(func) if name is None else checked_text("name", name),
        func=func,
        retry_policy=None if retry_policy is None else checked_policy(retry_policy),
    )
    _check_free(registration)
    func.__dict__[MARK] = registration
    set_default_options(
        func,
        replace(
            options_of(func),
            name=registration.name,
            retry_policy=registration.retry_policy,
            timeout=None
            if timeout is None
            else checked_seconds("timeout", timeout, without="for no limit"),
        ),
    )
    _registered[registration.name] = registration
    return func


def _default_name(func: FunctionType) -> str:
    if "<locals>" in func.__qualname__:
        raise TypeError(
            f"{name_of(func)}() is made inside a function, where no worker would find it: move it "
            "to the top of its module, or give it a name that stays, @task(name='...')"
        )
    return f"{_module_of(func)}.{func.__qualname__}"


def _module_of(func: FunctionType) -> str:
    if func.__module__ != "__main__":
        return func.__module__
    # A worker imports by its real name what another process runs as its program.
    main = sys.modules["__main__"]
    if main.__spec__ is not None:
        return main.__spec__.name
    file = getattr(main, "__file__", None)
    return Path(file).stem if file else "__main__"


def _check_free(new: Registration) -> None:
    old = _registered.get(new.name)
    # The same lines may run again: by a reload, or as the program and as a module.
    if old is not None and _source_of(old.func) != _source_of(new.func):
        raise ValueError(
            f"name={new.name!r} belongs to {old.func.__module__}.{name_of(old.func)}() already: "
            f"give {name_of(new.func)}() another one, @task(name='...')"
        )


def _source_of(func: Callable[..., Any]) -> tuple[str, int]:
    code = func.__code__
    return code.co_filename, code.co_firstlineno


def _what(value: object) -> str:
    return name_of(value) if callable(value) else f"an object of type {type(value).__name__!r}"
