"""Calls: what is remembered of a function, and that nothing keeps it alive."""

from __future__ import annotations

import functools
import gc
import inspect
import weakref
from types import FunctionType
from typing import TYPE_CHECKING, Any

import pytest
from postlude import BackgroundTask, _call
from postlude._call import Call, Shape
from postlude._options import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test sees its functions for the first time."""
    monkeypatch.setattr(_call, "_known", {})
    monkeypatch.setattr(_call, "_local", {})


def plain(a: int, b: int = 2) -> tuple[int, int]:
    return a, b


class Mailer:
    def send(self, a: int, b: int = 2) -> tuple[int, int]:
        return a, b

    async def send_async(self, a: int, b: int = 2) -> tuple[int, int]:
        return a, b

    @classmethod
    def build(cls, a: int, b: int = 2) -> tuple[int, int]:
        return a, b


def made_again() -> Callable[..., Any]:
    def inner(a: int, b: int) -> None: ...

    return inner


def of_any_number(a: int, *more: int) -> None: ...


@pytest.mark.parametrize("give", [lambda: plain, lambda: Mailer().send, made_again])
def test_a_function_is_looked_at_once(
    give: Callable[[], Callable[..., Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[object] = []
    look = Shape.__init__

    def count(shape: Shape, func: Callable[..., Any]) -> None:
        looked_at.append(func)
        look(shape, func)

    monkeypatch.setattr(Shape, "__init__", count)
    options = [Call(give(), 1, 2).options for _ in range(3)]
    assert options == [DEFAULT] * 3
    assert len(looked_at) == 1


@pytest.mark.parametrize(
    ("func", "args", "kwargs"),
    [(plain, (1, 2), {}), (plain, (1,), {"b": 3}), (of_any_number, (1,), {}),
     (of_any_number, (1, 2, 3), {})],
)  # fmt: skip
def test_arguments_that_fitted_once_are_not_examined_again(
    func: Callable[..., Any],
    args: tuple[int, ...],
    kwargs: dict[str, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Call(func, *args, **kwargs)

    def refuse(_: object) -> None:
        raise AssertionError("examined again")

    monkeypatch.setattr(inspect, "signature", refuse)
    Call(func, *args, **kwargs)
    Shape.check(_call._known[id(func)], func, args, kwargs)  # pyright: ignore[reportPrivateUsage]


@pytest.mark.parametrize(
    ("func", "args"), [(plain, (1, 2)), (of_any_number, (1,)), (of_any_number, (1, 2, 3))]
)
def test_arguments_that_must_fit_are_not_examined_at_all(
    func: Callable[..., Any], args: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(inspect, "signature")
    Call(func, *args)
    monkeypatch.delattr(Shape, "check")
    Call(func, *args)


def test_what_is_remembered_of_calls_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_call, "_MOST_REMEMBERED", 2)
    shapes = _call._local  # pyright: ignore[reportPrivateUsage]
    code = made_again().__code__
    for number in range(6):
        Call(FunctionType(code.replace(co_firstlineno=number + 1), {}), 1, 2)
        assert len(shapes) == number % 2 + 1

    def open_handed(**kwargs: int) -> None: ...

    for number in range(4):
        Call(open_handed, **{f"a{number}": 1})
    assert len(shapes[id(open_handed.__code__)].accepted) == 2


def test_the_code_of_a_function_that_is_known_by_it_is_kept() -> None:
    func = made_again()
    Call(func, 1, 2)
    [(key, shape)] = _call._local.items()  # pyright: ignore[reportPrivateUsage]
    assert shape.code is func.__code__
    assert key == id(func.__code__)


def test_a_function_that_two_threads_saw_at_once_is_forgotten_once() -> None:
    namespace: dict[str, Any] = {}
    exec("def send(to): ...", namespace)
    describe, known = _call._describe, _call._known  # pyright: ignore[reportPrivateUsage]
    first = describe(namespace["send"])
    known.clear()
    second = describe(namespace["send"])
    assert list(known.values()) == [second]
    del namespace
    gc.collect()
    assert not known
    assert first is not second


def test_defaults_that_come_and_go_are_seen() -> None:
    def sending(to: str, subject: str = "hello", *, urgent: bool = False) -> None: ...

    send: Any = sending
    BackgroundTask(send, "ada@example.com").used = True
    send.__defaults__ = None
    with pytest.raises(TypeError, match="missing a required argument: 'subject'"):
        BackgroundTask(send, "ada@example.com")
    send.__defaults__ = ("ada@example.com", "hello")
    BackgroundTask(send).used = True
    send.__kwdefaults__ = None
    with pytest.raises(TypeError, match=r"missing a required.* argument: 'urgent'"):
        BackgroundTask(send)


def test_nothing_of_a_function_is_kept_alive() -> None:
    class Value:
        pass

    def make() -> tuple[Callable[..., None], Value]:
        value = Value()

        def send(to: str, value: Value = value) -> None:
            print(to, value)

        return send, value

    def kept(func: Callable[..., None]) -> Callable[..., None]:
        return func

    alive: list[weakref.ref[Any]] = []
    for decorate in (kept, functools.wraps(plain), functools.partial):
        send, value = make()
        decorated: Any = decorate(send)  # pyright: ignore
        BackgroundTask(decorated, "ada@example.com", 1).used = True
        alive += [weakref.ref(value), weakref.ref(send)]
        del send, value, decorated
    gc.collect()
    assert [reference() for reference in alive] == [None] * 6
