"""A call is checked and classified where it is made."""

from __future__ import annotations

import functools
import gc
import inspect
import operator
from typing import TYPE_CHECKING, Any

import pytest
from postlude import BackgroundTask, BackgroundTasks, Succeeded, _call
from postlude._call import SEALED, Call, name_of
from starlette.background import BackgroundTask as StarletteTask
from starlette.background import BackgroundTasks as StarletteTasks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test sees its functions for the first time."""
    monkeypatch.setattr(_call, "_known", {})
    monkeypatch.setattr(_call, "_local", {})


def plain(a: int, b: int = 2) -> tuple[int, int]:
    return a, b


async def native(a: int, b: int = 2) -> tuple[int, int]:
    return a, b


class Mailer:
    def send(self, a: int, b: int = 2) -> tuple[int, int]:
        return a, b

    async def send_async(self, a: int, b: int = 2) -> tuple[int, int]:
        return a, b

    @classmethod
    def build(cls, a: int, b: int = 2) -> tuple[int, int]:
        return a, b


class Caller:
    def __call__(self, a: int, b: int = 2) -> tuple[int, int]:
        return a, b


class AsyncCaller:
    async def __call__(self, a: int, b: int = 2) -> tuple[int, int]:
        return a, b


def passed_on(func: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return func(*args, **kwargs)

    return wrapper


pair: Callable[..., Any] = lambda a, b=2: (a, b)  # noqa: E731  # pyright: ignore

pair_later: Callable[..., Any] = lambda a, b=2: native(a, b)  # noqa: E731  # pyright: ignore

FORMS: list[tuple[Callable[..., Any], bool, str]] = [
    (plain, False, "plain"),
    (native, True, "native"),
    (pair, False, "<lambda>"),
    (pair_later, False, "<lambda>"),
    (functools.partial(plain), False, "plain"),
    (functools.partial(functools.partial(native)), True, "native"),
    (Mailer().send, False, "Mailer.send"),
    (Mailer().send_async, True, "Mailer.send_async"),
    (Mailer.build, False, "Mailer.build"),
    (Caller(), False, "Caller"),
    (AsyncCaller(), True, "AsyncCaller"),
    (functools.partial(AsyncCaller()), True, "AsyncCaller"),
    (passed_on(plain), False, "plain"),
    (passed_on(native), False, "native"),
]


@pytest.mark.parametrize(("function", "is_async", "name"), FORMS)
async def test_every_form_of_function_runs(
    function: Callable[..., Any], is_async: bool, name: str
) -> None:
    task = BackgroundTask(function, 1, b=5)
    outcome = await task.run()
    assert isinstance(outcome, Succeeded)
    assert outcome.value == (1, 5)
    assert (task.is_async, outcome.name) == (is_async, name)


@pytest.mark.parametrize(("function", "is_async", "name"), FORMS)
@pytest.mark.parametrize("repeat", [1, 2])
def test_arguments_that_do_not_fit_are_refused_every_time(
    function: Callable[..., Any], is_async: bool, name: str, repeat: int
) -> None:
    del is_async
    for _ in range(repeat):
        Call(function, 1)
        with pytest.raises(TypeError, match=r"\(.*a.*\): missing a required argument: 'a'") as e:
            Call(function)
        assert str(e.value).startswith(name)
        with pytest.raises(TypeError, match="too many positional arguments"):
            Call(function, 1, 2, 3)
        with pytest.raises(TypeError, match="unexpected keyword argument 'c'"):
            Call(function, 1, c=3)
        with pytest.raises(TypeError, match="multiple values for argument 'a'"):
            Call(function, 1, a=3)


def test_arguments_of_a_partial_count() -> None:
    Call(functools.partial(plain, 1), 2)
    Call(functools.partial(native, 1), 2)
    with pytest.raises(TypeError, match="too many positional arguments"):
        Call(functools.partial(plain, 1), 2, 3)  # pyright: ignore[reportCallIssue]


def test_a_call_by_keyword_says_nothing_about_one_by_position() -> None:
    def fresh(a: int) -> int:
        return a

    Call(fresh, a=1)
    with pytest.raises(TypeError, match="missing a required argument: 'a'"):
        Call(fresh)  # type: ignore[call-arg]


def test_functions_with_the_same_body_are_told_apart() -> None:
    def one(a: int) -> int:
        return a

    def two(a: int, b: int) -> int:
        return a + b

    Call(passed_on(one), 1)
    Call(passed_on(two), 1, 2)
    with pytest.raises(TypeError, match="missing a required argument: 'b'"):
        Call(passed_on(two), 1)


def test_a_keyword_may_be_called_func_or_self() -> None:
    def odd(func: int, self: int) -> tuple[int, int]:
        return func, self

    assert Call(odd, func=1, self=2).kwargs == {"func": 1, "self": 2}


def test_a_builtin_without_a_signature_is_not_checked() -> None:
    assert Call(max, 1, 2).args == (1, 2)


def test_a_coroutine_is_refused_with_advice_and_closed() -> None:
    coroutine = native(1)
    with pytest.raises(TypeError, match=r"native\(\.\.\.\) was called.*BackgroundTask\(native,"):
        BackgroundTask(coroutine)  # type: ignore[arg-type]
    del coroutine
    gc.collect()  # a coroutine never awaited would warn here, and a warning is an error


@pytest.mark.parametrize(("value", "kind"), [(None, "NoneType"), ("send", "str"), (3, "int")])
def test_what_cannot_be_called_is_refused_with_its_type(value: Any, kind: str) -> None:
    with pytest.raises(TypeError) as refused:
        BackgroundTask(value)
    assert str(refused.value) == (
        f"a task needs a function, got an object of type '{kind}': "
        "write BackgroundTask(function, ...) with the arguments after it"
    )


def test_a_generator_function_is_refused() -> None:
    def rows() -> Iterator[int]:
        yield 1

    async def pages() -> AsyncIterator[int]:
        yield 1

    for func in (rows, pages):
        with pytest.raises(TypeError) as refused:
            BackgroundTask(func)
        assert str(refused.value) == (
            f"{func.__name__}() is a generator function: calling it runs nothing. "
            "Write a function that loops over it"
        )


def test_closures_are_not_kept_alive() -> None:
    class Session:
        alive = 0

        def __init__(self) -> None:
            Session.alive += 1

        def __del__(self) -> None:
            Session.alive -= 1

    def request() -> None:
        session = Session()
        Call(lambda: session)

    request()
    gc.collect()
    assert Session.alive == 0


def test_a_nested_function_is_named_without_its_surroundings() -> None:
    def inner() -> None: ...

    assert name_of(inner) == "inner"
    assert name_of(functools.partial(inner)) == "inner"
    assert name_of(Call(inner)) == "inner"


def test_a_task_of_a_framework_is_known_by_its_function() -> None:
    assert BackgroundTask(StarletteTask(plain, 1, 2)).name == "plain"
    assert BackgroundTask(StarletteTasks()).name == "BackgroundTasks"
    assert BackgroundTask(BackgroundTasks()).name == "BackgroundTasks"


def test_an_option_among_the_arguments_is_told_where_it_belongs() -> None:
    def send(to: str) -> None: ...

    with pytest.raises(TypeError) as refused:
        BackgroundTask(send, "ada", timeout=5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    assert str(refused.value) == (
        "send(to): got an unexpected keyword argument 'timeout'; "
        "for an option of the task write .with_options(timeout=...)"
    )


def test_another_keyword_that_does_not_fit_gets_no_advice() -> None:
    with pytest.raises(TypeError) as refused:
        Call(plain, 1, c=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    assert str(refused.value) == "plain(a, b): got an unexpected keyword argument 'c'"


def test_what_makes_data_of_a_call_is_stopped_before_its_arguments() -> None:
    attributes = vars(Call(plain, 1))
    assert next(iter(attributes.values())) is SEALED
    with pytest.raises(TypeError) as refused:
        dict(SEALED)  # pyright: ignore
    assert str(refused.value) == (
        "a task or group is no part of a response's body: hand it over as background=, "
        "with after_response(), or by awaiting it"
    )


class Compiled:
    """What a compiler of Python makes of an `async def`: no function, but like one."""

    __name__ = "compiled"
    __code__ = native.__code__
    __defaults__ = native.__defaults__
    __kwdefaults__ = native.__kwdefaults__
    __annotations__: dict[str, Any] = {}

    def __call__(self, a: int, b: int = 2) -> Any:
        return native(a, b)


def test_a_callable_without_a_name_is_called_after_its_type() -> None:
    assert Call(operator.itemgetter(0), "ab").name == "itemgetter"


async def test_a_compiled_coroutine_function_is_one() -> None:
    task = BackgroundTask(Compiled(), 1)
    outcome = await task.run()
    assert isinstance(outcome, Succeeded)
    assert (task.is_async, outcome.value) == (True, (1, 2))


def test_a_function_with_a_signature_of_its_own_is_held_to_it() -> None:
    def send(*args: Any) -> None: ...

    one = inspect.Parameter("to", inspect.Parameter.POSITIONAL_ONLY)
    send.__signature__ = inspect.Signature([one])  # type: ignore[attr-defined]  # pyright: ignore
    with pytest.raises(TypeError, match=r"send\(to\): too many positional arguments"):
        Call(send, 1, 2)


def test_a_task_of_nothing_is_refused_by_the_name_it_was_called_by() -> None:
    with pytest.raises(TypeError, match=r"^BackgroundTask\(\) missing 1 required positional"):
        BackgroundTask()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


@pytest.mark.parametrize(
    "make",
    [
        lambda: BackgroundTasks().add_task(print, retry_policy=2),  # type: ignore[call-overload]  # pyright: ignore
        lambda: BackgroundTask(print).with_options(timeout=-1),
        lambda: BackgroundTask(print).with_options(name=""),
        lambda: BackgroundTask(plain),  # type: ignore[call-arg]  # pyright: ignore
    ],
)
def test_what_was_refused_is_not_reported_as_forgotten(
    make: Callable[[], object], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises((TypeError, ValueError)):
        make()
    gc.collect()
    assert caplog.records == []


def test_keyword_arguments_can_be_changed_for_one_task_alone() -> None:
    first, second = BackgroundTask(dict), BackgroundTask(dict)
    first.kwargs["a"] = 1
    assert (first.kwargs, second.kwargs) == ({"a": 1}, {})
    second.kwargs = {"b": 2}
    assert second.kwargs == {"b": 2}
    first.used = second.used = True


@pytest.mark.anyio
async def test_keyword_arguments_that_were_changed_are_those_it_is_called_with() -> None:
    task = BackgroundTask(dict)
    task.kwargs["a"] = 1
    outcome = await task.run()
    assert isinstance(outcome, Succeeded)
    assert outcome.value == {"a": 1}
