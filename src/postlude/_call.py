"""What to call with what: a function, its arguments and the context they were given in."""

from __future__ import annotations

import functools
import inspect
from contextvars import copy_context
from dataclasses import fields
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec
from weakref import WeakKeyDictionary

from postlude._options import DEFAULT, Options

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context

P = ParamSpec("P")


class Sealed:
    """Among an object's attributes, it stops what would make data of them all.

    FastAPI, for one, answers with the attributes of any object in a body: the arguments of a task,
    which may be passwords.
    """

    __slots__ = ()

    def keys(self) -> NoReturn:
        """Refuse, since `dict()` is asked for.

        Raises:
            TypeError: Always.
        """
        raise TypeError(
            "a task or group is no part of a response's body: hand it over as background=, "
            "with after_response(), or by awaiting it"
        )


SEALED = Sealed()


class Call:
    """A function with its arguments, checked and classified once.

    No `__slots__`: a subclass must be able to inherit from a framework's class as well, and
    two parents with slots of their own cannot be combined.
    """

    func: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    is_async: bool
    context: Context
    options: Options
    sealed: Sealed

    def __init__(self, func: Callable[P, Any], /, *args: P.args, **kwargs: P.kwargs) -> None:
        """Check that `func` can be called with these arguments, and copy the context."""
        self.sealed = SEALED  # the first, so that it stops an encoder before the arguments
        shape = _shapes.get(id(func.__code__)) if type(func) is FunctionType else None
        if shape is None:
            self.is_async = _examine(func, args, kwargs)
        else:
            self.is_async = shape.is_async
            if kwargs or len(args) not in shape.accepted:
                shape.check(func, args, kwargs)
        self.func = func
        self.args = args
        self.kwargs = kwargs
        self.options = DEFAULT
        self.context = copy_context()

    @property
    def name(self) -> str:
        """The name given, or the function's own."""
        return self.options.name or name_of(self.func)


Call.__init__.__qualname__ = "BackgroundTask"  # so a call without a function names what was called


class Shape:
    """What is known of a function: its kind, its signature and the calls seen to fit it."""

    __slots__ = ("accepted", "code", "is_async", "signature")

    def __init__(self, func: Callable[..., Any]) -> None:
        """Look at the function; the one slow step, done once per function."""
        if inspect.isgeneratorfunction(func) or inspect.isasyncgenfunction(func):
            raise TypeError(
                f"{name_of(func)}() is a generator function: calling it runs nothing. "
                "Write a function that loops over it"
            )
        self.code = getattr(func, "__code__", None)
        self.is_async = inspect.iscoroutinefunction(func)
        self.accepted: set[object] = set()
        try:
            self.signature: inspect.Signature | None = inspect.signature(func)
        except (ValueError, TypeError):
            self.signature = None

    def check(self, func: object, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Refuse arguments that do not fit, before anything has run."""
        key = (len(args), *kwargs) if kwargs else len(args)
        if self.signature is None or key in self.accepted:
            return
        try:
            self.signature.bind(*args, **kwargs)
        except TypeError as error:
            parameters = ", ".join(self.signature.parameters)
            option = next((name for name in OPTIONS if f"argument '{name}'" in str(error)), None)
            advice = f"; for an option of the task write .with_options({option}=...)"
            said = f"{name_of(func)}({parameters}): {error}"
            raise TypeError(said + advice if option in kwargs else said) from None
        if len(self.accepted) < _MOST_REMEMBERED:
            self.accepted.add(key)


OPTIONS = tuple(field.name for field in fields(Options))
_MOST_REMEMBERED = 2048
# By code object (kept by the shape, so that its id stays its own): a function made anew for each
# request is known all the same, and a table of functions would keep their closures alive.
_shapes: dict[int, Shape] = {}
_shapes_of_decorated: WeakKeyDictionary[object, Shape] = WeakKeyDictionary()


def _describe(func: FunctionType) -> Shape:
    if not func.__dict__:
        if len(_shapes) >= _MOST_REMEMBERED:
            _shapes.clear()
        return _shapes.setdefault(id(func.__code__), Shape(func))
    shape = _shapes_of_decorated.get(func)
    if shape is None:
        shape = _shapes_of_decorated[func] = Shape(func)
    return shape


def _examine(func: object, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    if not callable(func):
        raise _not_a_function(func)
    if inspect.iscoroutinefunction(func) and not isinstance(func, FunctionType | MethodType):
        Shape(func).check(func, args, kwargs)
        return True
    target, args, kwargs = _unwrap(func, args, kwargs)
    shape = _describe(target) if isinstance(target, FunctionType) else Shape(target)
    shape.check(func, args, kwargs)
    return shape.is_async


def _unwrap(
    func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]:
    while True:
        if isinstance(func, functools.partial):
            args, kwargs = (*func.args, *args), {**func.keywords, **kwargs}
            func = func.func
        elif isinstance(func, MethodType):
            args, func = (func.__self__, *args), func.__func__
        elif isinstance(func, FunctionType | type) or not isinstance(
            method := inspect.getattr_static(type(func), "__call__", None), FunctionType
        ):
            return func, args, kwargs
        else:
            args, func = (func, *args), method


def name_of(func: object) -> str:
    """A function's name as a reader would say it: `send`, or `Mailer.send` for a method."""
    while isinstance(func, functools.partial):
        func = func.func
    if isinstance(func, Call):
        return func.name
    name = getattr(func, "__qualname__", None) or type(func).__qualname__
    return str(name).rpartition("<locals>.")[2]


def _not_a_function(value: object) -> TypeError:
    if inspect.iscoroutine(value):
        value.close()
        name = name_of(value)
        return TypeError(
            f"{name}(...) was called, which gives a coroutine, and a task needs the function: "
            f"write BackgroundTask({name}, ...) with the arguments after it"
        )
    return TypeError(
        f"a task needs a function, got an object of type {type(value).__name__!r}: "
        "write BackgroundTask(function, ...) with the arguments after it"
    )
