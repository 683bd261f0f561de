"""What to call with what: a function, its arguments and the context they were given in."""

from __future__ import annotations

import functools
import inspect
import sys
from contextvars import copy_context
from dataclasses import fields, replace
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec
from weakref import ref

from postlude._options import DEFAULT, DEFAULT_ASYNC, Options

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
# Of all calls that have none, for a quarter of a task's memory: only to be looked at.
NO_KEYWORDS: dict[str, Any] = {}


class Call:
    """A function with its arguments, checked and classified once.

    No `__slots__`: a subclass must be able to inherit from a framework's class as well, and
    two parents with slots of their own cannot be combined.
    """

    # Whether somebody has taken it, so that it was not made for nothing.
    used = False
    func: Callable[..., Any]
    args: tuple[Any, ...]
    keywords: dict[str, Any]
    context: Context
    options: Options
    sealed: Sealed

    def __init__(self, func: Callable[P, Any], /, *args: P.args, **kwargs: P.kwargs) -> None:
        """Check that `func` can be called with these arguments, and copy the context."""
        self.sealed = SEALED  # the first, so that it stops an encoder before the arguments
        shape = _known.get(id(func))
        if shape is None:
            self.options = _examine(func, args, kwargs)
        else:
            if kwargs or len(args) not in shape.surely:
                shape.check(func, args, kwargs)
            self.options = shape.options
        self.func = func
        self.args = args
        self.keywords = kwargs or NO_KEYWORDS
        self.context = copy_context()

    if TYPE_CHECKING:
        # As the frameworks' own classes have them.
        is_async: bool
        kwargs: dict[str, Any]
    else:

        @property
        def kwargs(self) -> dict[str, Any]:
            """The keyword arguments; a dictionary of this task alone, from the first look at it."""
            if self.keywords is NO_KEYWORDS:
                self.keywords = {}
            return self.keywords

        @kwargs.setter
        def kwargs(self, value: dict[str, Any]) -> None:
            self.keywords = value

        @property
        def is_async(self) -> bool:
            """Whether the function is an `async def`, or as good as one."""
            return self.options.is_async

    @property
    def name(self) -> str:
        """The name given, or the function's own."""
        return self.options.name or name_of(self.func)


Call.__init__.__qualname__ = "BackgroundTask"  # so a call without a function names what was called


class Shape:
    """What is known of a function: its kind, and the calls seen to fit it.

    It holds neither the function nor its signature, which would keep default values alive.
    """

    __slots__ = ("accepted", "code", "life", "options", "surely")

    life: ref[FunctionType]

    def __init__(self, func: Callable[..., Any]) -> None:
        """Look at the function; the one slow step, done once per function."""
        if inspect.isgeneratorfunction(func) or inspect.isasyncgenfunction(func):
            raise TypeError(
                f"{name_of(func)}() is a generator function: calling it runs nothing. "
                "Write a function that loops over it"
            )
        self.code = getattr(func, "__code__", None)
        self.options = DEFAULT_ASYNC if inspect.iscoroutinefunction(func) else DEFAULT
        self.surely = _surely_fitting(func)
        self.accepted: set[object] = set()

    def check(
        self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        """Refuse arguments that do not fit, before anything has run."""
        if len(args) in self.surely and not kwargs:
            return
        optional = (getattr(func, "__defaults__", None), getattr(func, "__kwdefaults__", None))
        key = (len(args), tuple(kwargs), len(optional[0] or ()), tuple(optional[1] or ()))
        if key in self.accepted:
            return
        try:
            signature = inspect.signature(func)
        except (ValueError, TypeError):
            return
        try:
            signature.bind(*args, **kwargs)
        except TypeError as error:
            parameters = ", ".join(signature.parameters)
            option = next((name for name in OPTIONS if f"argument '{name}'" in str(error)), None)
            advice = f"; for an option of the task write .with_options({option}=...)"
            said = f"{name_of(func)}({parameters}): {error}"
            raise TypeError(said + advice if option in kwargs else said) from None
        if len(self.accepted) < _MOST_REMEMBERED:
            self.accepted.add(key)


OPTIONS = tuple(field.name for field in fields(Options) if field.name != "is_async")
NOBODY_KNOWS = range(0)
_MOST_REMEMBERED = 2048
# By id, and forgotten when the function dies.
_known: dict[int, Shape] = {}
# By the id of the code object (which the shape keeps, so that the id stays its own): a function
# made anew for each request is known all the same.
_local: dict[int, Shape] = {}


def _describe(func: Any) -> Shape:
    if (shape := _known.get(id(func))) is not None:
        return shape
    if "<locals>" in func.__qualname__ and not func.__dict__:
        if len(_local) >= _MOST_REMEMBERED:
            _local.clear()
        return _local.get(id(func.__code__)) or _local.setdefault(id(func.__code__), Shape(func))
    shape, key = Shape(func), id(func)
    shape.life = ref(func, lambda _: _known.pop(key, None))
    return _known.setdefault(key, shape)


def options_of(func: FunctionType) -> Options:
    """The options of a task of this function to which nobody gave any."""
    return _describe(func).options


def set_default_options(func: FunctionType, options: Options) -> None:
    """Give each task that is made of this function from now on these options.

    The function has something in its `__dict__`: one that has nothing may share its description.
    """
    _describe(func).options = options


def _surely_fitting(func: object) -> range:
    """How many positional arguments fit, whatever the defaults are."""
    if type(func) is not FunctionType or not {"__wrapped__", "__signature__"}.isdisjoint(
        func.__dict__
    ):
        return NOBODY_KNOWS
    code = func.__code__
    if code.co_kwonlyargcount:
        return NOBODY_KNOWS
    count = code.co_argcount
    return range(count, sys.maxsize if code.co_flags & inspect.CO_VARARGS else count + 1)


def _examine(func: object, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Options:
    if not callable(func):
        raise _not_a_function(func)
    target, args, kwargs = _unwrap(func, args, kwargs)
    # What is no function is a class or written in C, and all alike to a shape.
    plain = isinstance(target, FunctionType)
    shape = _describe(target) if plain else Shape(target)  # pragma: no mutate
    shape.check(target, args, kwargs)
    if shape.options.is_async or not inspect.iscoroutinefunction(func):
        return shape.options
    return DEFAULT_ASYNC if shape.options is DEFAULT else replace(shape.options, is_async=True)


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
    name = getattr(func, "__qualname__", None)
    # A framework's own task is known by its function.
    name = name or getattr(getattr(func, "func", None), "__qualname__", None)
    return str(name or type(func).__qualname__).rpartition("<locals>.")[2]


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
