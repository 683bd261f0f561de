"""The function that answers requests, before a decorator changes it."""

from __future__ import annotations

import inspect
import json
import sys
from typing import TYPE_CHECKING, Any

import postlude
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.encoders import jsonable_encoder
from lilya.apps import Lilya
from lilya.encoders import json_encode
from litestar import get as litestar_get
from litestar.serialization import encode_json
from postlude import BackgroundTask, BackgroundTasks
from postlude._handler import _FRESH  # pyright: ignore[reportPrivateUsage]
from postlude.frameworks import fastapi, lilya, litestar, ravyn, starlette
from ravyn import get as ravyn_get

if TYPE_CHECKING:
    from collections.abc import Callable

FRAMEWORKS = [postlude, fastapi, lilya, litestar, ravyn, starlette]


async def handle() -> dict[str, str]:
    return {}


def routes() -> list[Any]:
    api, router = FastAPI(), APIRouter()
    return [
        pytest.param(fastapi, api.get("/"), id="fastapi"),
        pytest.param(fastapi, api.websocket("/"), id="fastapi-websocket"),
        pytest.param(fastapi, router.post("/"), id="fastapi-router"),
        pytest.param(lilya, Lilya().get("/"), id="lilya"),
        pytest.param(litestar, litestar_get("/"), id="litestar"),
        pytest.param(ravyn, ravyn_get("/"), id="ravyn"),
    ]


@pytest.mark.parametrize(("framework", "route"), routes())
def test_above_the_route_decorator_it_is_refused(framework: Any, route: Any) -> None:
    async def home() -> dict[str, str]:
        return {}

    routed = route(home)
    with pytest.raises(TypeError, match=r"stands above the route decorator.* right above the def"):
        framework.after_response(BackgroundTask(int))(routed)


@pytest.mark.parametrize(("framework", "route"), routes())
def test_below_the_route_decorator_it_is_taken(framework: Any, route: Any) -> None:
    async def home() -> dict[str, str]:
        return {}

    route(framework.after_response(BackgroundTask(int))(home))


def test_a_new_function_has_too_few_references_to_be_searched_for() -> None:
    counts: list[int] = []

    def checked(handler: object) -> None:
        counts.append(sys.getrefcount(handler))

    def decorate(handler: Callable[..., object]) -> object:
        checked(handler)
        return handler

    @decorate
    def home() -> None: ...

    @decorate
    async def index(number: int = 1) -> None: ...

    assert max(counts) <= _FRESH


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_called_with_nothing_it_says_what_to_write(framework: Any) -> None:
    with pytest.raises(TypeError, match=r"needs what to run: write @after_response\(BackgroundTa"):
        framework.after_response()


def test_a_coroutine_is_closed_and_its_function_named() -> None:
    coroutine = handle()
    advice = r"coroutine that handle\(...\) gives: write @after_response\(BackgroundTask\(handle,"
    with pytest.raises(TypeError, match=advice):
        postlude.after_response(coroutine)  # type: ignore[arg-type]
    assert inspect.getcoroutinestate(coroutine) == "CORO_CLOSED"


def test_a_list_is_told_of_groups() -> None:
    with pytest.raises(TypeError, match=r"got a list: .*BackgroundTasks\(\[task, ...\]\)"):
        postlude.after_response([BackgroundTask(int)])  # type: ignore[arg-type]


class Account:
    def __repr__(self) -> str:
        return "hunter2"


def test_foreign_objects_are_named_by_their_type() -> None:
    makers: list[Callable[[], object]] = [
        lambda: BackgroundTask(int).with_options(retry_policy=Account()),  # type: ignore[arg-type]
        lambda: BackgroundTask(int).with_options(name=Account()),  # type: ignore[arg-type]
        lambda: postlude.TaskRunner(on_error=Account()),  # type: ignore[arg-type]
        lambda: postlude.after_response(Account()),  # type: ignore[arg-type]
    ]
    for make in makers:
        with pytest.raises(TypeError, match="type 'Account'") as caught:
            make()
        assert "hunter2" not in str(caught.value)


def test_add_with_arguments_points_to_add_task() -> None:
    with pytest.raises(TypeError, match=r"one BackgroundTask and nothing more: write add_task\(ha"):
        BackgroundTasks().add(handle, 1, 2)  # type: ignore[arg-type]


def log_in(user: str, *, password: str) -> None: ...


def tasks_in(framework: Any) -> list[object]:
    task = framework.BackgroundTask(log_in, "hunter2", password="hunter2")
    return [
        task,
        {"nested": [task]},
        framework.BackgroundTasks([task]),
        task.with_options(name="x"),
    ]


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_body_with_a_task_in_it_is_refused(framework: Any) -> None:
    encoders: list[Callable[[object], object]] = [
        jsonable_encoder,
        json_encode,
        encode_json,
        json.dumps,
    ]
    for body in tasks_in(framework):
        for encode in encoders:
            with pytest.raises(Exception, match=r"JSON|background=|Unsupported") as caught:
                encode(body)
            assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_an_empty_group_in_a_body_is_refused(framework: Any) -> None:
    with pytest.raises(ValueError, match="no part of a response's body"):
        jsonable_encoder({"tasks": framework.BackgroundTasks()})
