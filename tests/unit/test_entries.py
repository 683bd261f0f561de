"""The list of a group, changed by those who know the groups of a framework."""

from __future__ import annotations

import contextvars
import logging
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from litestar.background_tasks import BackgroundTask as LitestarTask
from postlude import (
    BackgroundTask,
    BackgroundTasks,
    NoActiveRequest,
    Outcome,
    TaskEnded,
    TaskFailed,
    TaskMonitor,
    TaskRunner,
    after_response,
    current_tasks,
    subscribe,
)
from postlude.testing import capture_tasks, run_immediately
from starlette.background import BackgroundTask as StarletteTask
from starlette.background import BackgroundTasks as StarletteTasks
from tests.unit.exchange import BODY, START, Exchange

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Records = Callable[[], list[logging.LogRecord]]
    Way = Callable[[BackgroundTasks], Awaitable[object]]

pytestmark = pytest.mark.anyio


@pytest.fixture
def complaints(records: Records) -> Records:
    """The records of the package's logger that are more than news."""
    return lambda: [record for record in records() if record.levelno > logging.INFO]


log: list[str] = []
user: contextvars.ContextVar[str] = contextvars.ContextVar("user", default="nobody")


@pytest.fixture(autouse=True)
def nothing_logged() -> None:
    log.clear()


def note(what: str) -> None:
    log.append(what)


async def note_async(what: str) -> None:
    log.append(what)


def needs_more(to: str) -> None:
    raise AssertionError(to)


def yields() -> Any:
    yield


class Newsletter:
    async def __call__(self) -> None:
        log.append("foreign")


class Plain:
    def __call__(self) -> None:
        log.append("foreign")


async def call(tasks: BackgroundTasks) -> None:
    await tasks()


async def call_with_an_observer(tasks: BackgroundTasks) -> None:
    with subscribe(lambda _: None):
        await tasks()


async def call_with_a_monitor(tasks: BackgroundTasks) -> None:
    with subscribe(TaskMonitor()):
        await tasks()


async def run_all(tasks: BackgroundTasks) -> None:
    await tasks.run_all()


async def execute_all(tasks: BackgroundTasks) -> None:
    await tasks.execute_all()


async def run_as_a_task_of_another_group(tasks: BackgroundTasks) -> None:
    outer = BackgroundTasks()
    outer.add_task(tasks)
    await outer()


async def run_in_a_runner(tasks: BackgroundTasks) -> None:
    async with TaskRunner() as runner:
        await runner.submit(BackgroundTask(tasks)).wait()


async def attach_under_the_middleware(tasks: BackgroundTasks) -> None:
    async def handle(exchange: Exchange) -> None:
        await exchange.answer()
        await tasks()

    await Exchange(handle).run()


async def await_in_a_handler(tasks: BackgroundTasks) -> None:
    async def handle(exchange: Exchange) -> None:
        await tasks()
        await exchange.answer()

    await Exchange(handle).run()


async def add_to_the_requests_own(tasks: BackgroundTasks) -> None:
    tasks.used = True

    async def handle(exchange: Exchange) -> None:
        current_tasks().tasks.extend(tasks.tasks)
        await exchange.answer()

    await Exchange(handle).run()


async def run_at_once(tasks: BackgroundTasks) -> None:
    with run_immediately(raise_errors=False):
        await tasks()


@dataclass
class Response:
    background: Any = None


async def hang_on_a_handler(tasks: BackgroundTasks) -> None:
    @after_response(tasks)
    def handler() -> Response:
        return Response()

    await handler().background()


WAYS: list[Way] = [
    call,
    call_with_an_observer,
    call_with_a_monitor,
    run_all,
    execute_all,
    run_as_a_task_of_another_group,
    run_in_a_runner,
    attach_under_the_middleware,
    await_in_a_handler,
    add_to_the_requests_own,
    run_at_once,
    hang_on_a_handler,
]
EVERY_WAY = pytest.mark.parametrize("way", WAYS)
EVERY_LIMIT = pytest.mark.parametrize("limit", [1, 3, None])
FOREIGN: dict[str, Callable[[], Any]] = {
    "starlette-async": lambda: StarletteTask(note_async, "foreign"),
    "starlette-def": lambda: StarletteTask(note, "foreign"),
    "starlette-group": lambda: StarletteTasks([StarletteTask(note_async, "foreign")]),
    "litestar": lambda: LitestarTask(note_async, "foreign"),
    "async-object": Newsletter,
    "object": Plain,
    "partial": lambda: partial(note_async, "foreign"),
    "lambda": lambda: lambda: note("foreign"),
    "our-group": lambda: BackgroundTasks([BackgroundTask(note, "foreign")]),
    "our-task": lambda: BackgroundTask(note, "foreign"),
}
EVERY_FOREIGN = pytest.mark.parametrize("make", FOREIGN.values(), ids=FOREIGN)
ADVICE = (
    ". It was put into the list of a group as it is: write add_task(function, ...) "
    "with the arguments after it"
)
RUBBISH: dict[str, tuple[Callable[[], Any], str, str]] = {
    "number": (
        lambda: 3,
        "int",
        "a task needs a function, got an object of type 'int': "
        "write BackgroundTask(function, ...) with the arguments after it",
    ),
    "none": (
        lambda: None,
        "NoneType",
        "a task needs a function, got an object of type 'NoneType': "
        "write BackgroundTask(function, ...) with the arguments after it",
    ),
    "coroutine": (
        lambda: note_async("never"),
        "note_async",
        "note_async(...) was called, which gives a coroutine, and a task needs the function: "
        "write BackgroundTask(note_async, ...) with the arguments after it",
    ),
    "arguments-missing": (
        lambda: needs_more,
        "needs_more",
        "needs_more(to): missing a required argument: 'to'" + ADVICE,
    ),
    "generator": (
        lambda: yields,
        "yields",
        "yields() is a generator function: calling it runs nothing. "
        "Write a function that loops over it" + ADVICE,
    ),
}
EVERY_RUBBISH = pytest.mark.parametrize(("make", "name", "words"), RUBBISH.values(), ids=RUBBISH)


def around(entry: Any, *, limit: int | None = 1, kind: Callable[..., Any] = note) -> Any:
    """A group with something put straight between two tasks of its own."""
    tasks: Any = BackgroundTasks(max_concurrent=limit)
    tasks.add_task(kind, "before")
    tasks.tasks.append(entry)
    tasks.add_task(kind, "after")
    return tasks


@EVERY_WAY
@EVERY_FOREIGN
async def test_what_is_put_into_the_list_is_run_in_its_turn(
    make: Callable[[], Any], way: Way, complaints: Records
) -> None:
    await way(around(make()))
    assert log == ["before", "foreign", "after"]
    assert complaints() == []


@EVERY_LIMIT
@EVERY_FOREIGN
@pytest.mark.parametrize("way", [call, await_in_a_handler])
async def test_it_is_run_under_any_limit(
    make: Callable[[], Any], limit: int | None, way: Way, complaints: Records
) -> None:
    await way(around(make(), limit=limit, kind=note_async))
    assert sorted(log) == ["after", "before", "foreign"]
    assert complaints() == []


@EVERY_WAY
@EVERY_RUBBISH
async def test_what_cannot_be_run_fails_once_and_costs_no_sibling(
    make: Callable[[], Any], name: str, words: str, way: Way, complaints: Records
) -> None:
    await way(around(make()))
    assert log == ["before", "after"]
    (record,) = complaints()
    assert (record.levelname, vars(record)["task_name"]) == ("ERROR", name)
    assert record.getMessage().startswith(f"task {name!r} (id ")
    assert record.exc_info is not None
    assert repr(record.exc_info[1]) == repr(TypeError(words))


@EVERY_LIMIT
@pytest.mark.parametrize("kind", [note, note_async])
async def test_what_cannot_be_run_has_an_outcome_in_its_place(
    limit: int | None, kind: Callable[..., Any]
) -> None:
    outcomes: list[Outcome] = await around(3, limit=limit, kind=kind).run_all()
    kinds = [type(outcome).__name__ for outcome in outcomes]
    assert kinds == ["Succeeded", "Failed", "Succeeded"]
    assert sorted(log) == ["after", "before"]


async def test_a_group_with_what_cannot_be_run_fails_anew_each_time(complaints: Records) -> None:
    tasks = around(3)
    for _ in range(2):
        await tasks()
    assert log == ["before", "after"] * 2
    errors = [record.exc_info[1] for record in complaints() if record.exc_info]
    assert [type(error) for error in errors] == [TypeError, TypeError]
    assert errors[0] is not errors[1]


@EVERY_FOREIGN
async def test_a_pipeline_runs_what_is_put_into_the_list(make: Callable[[], Any]) -> None:
    await around(make())(continue_on_error=False)
    assert log == ["before", "foreign", "after"]


async def test_a_pipeline_stops_at_what_cannot_be_run(complaints: Records) -> None:
    with pytest.raises(TaskFailed, match=r"^task 'int' failed, 1 task after it was not started$"):
        await around(3).run_all(continue_on_error=False)
    assert log == ["before"]
    assert len(complaints()) == 1


async def test_a_captured_group_has_a_task_for_each_entry() -> None:
    foreign = StarletteTask(note, "foreign")
    tasks = around(foreign)
    tasks.tasks.append(3)
    with capture_tasks() as captured:
        await tasks()
    assert [type(task) for task in captured] == [BackgroundTask] * 4
    assert captured[1].func is foreign
    assert captured[3].name == "int"
    await captured[1].run()
    assert log == ["foreign"]


async def test_what_cannot_be_run_fails_the_test_that_runs_tasks_at_once() -> None:
    with pytest.raises(TypeError, match="got an object of type 'int'"), run_immediately():
        await around(3)()
    assert log == ["before", "after"]


def by_insert(tasks: Any, entry: Any) -> None:
    tasks.tasks.insert(1, entry)


def by_extend(tasks: Any, entry: Any) -> None:
    last = tasks.tasks.pop()
    tasks.tasks.extend(one for one in (entry, last))


def by_addition_in_place(tasks: Any, entry: Any) -> None:
    last = tasks.tasks.pop()
    tasks.tasks += [entry, last]


def by_index(tasks: Any, entry: Any) -> None:
    tasks.tasks.insert(1, BackgroundTask(needs_more, "replaced"))
    tasks.tasks[1] = entry


def by_slice(tasks: Any, entry: Any) -> None:
    tasks.tasks[1:1] = [entry]


def by_another_list(tasks: Any, entry: Any) -> None:
    first, *rest = tasks.tasks
    tasks.tasks = (first, entry, *rest)


@pytest.mark.parametrize("way", [call, attach_under_the_middleware, hang_on_a_handler])
@pytest.mark.parametrize(
    "put",
    [by_insert, by_extend, by_addition_in_place, by_index, by_slice, by_another_list],
)
async def test_the_list_is_a_list_however_it_is_changed(
    put: Callable[[Any, Any], None], way: Way
) -> None:
    tasks: Any = BackgroundTasks()
    tasks.add_task(note, "before")
    tasks.add_task(note, "after")
    put(tasks, StarletteTask(note, "foreign"))
    put(tasks, 3)
    await way(tasks)
    assert log == ["before", "foreign", "after"]


@EVERY_LIMIT
@pytest.mark.parametrize("kind", ["async", "def"])
@pytest.mark.parametrize("entry", [Newsletter(), 3], ids=["foreign", "rubbish"])
@pytest.mark.parametrize("way", [call, run_all, await_in_a_handler, run_at_once])
async def test_what_a_task_puts_into_the_list_of_its_group_is_run(
    limit: int | None, kind: str, entry: Any, way: Way, complaints: Records
) -> None:
    tasks: Any = BackgroundTasks(max_concurrent=limit)

    def first() -> None:
        tasks.tasks.append(entry)
        tasks.tasks.append(BackgroundTask(note, "added"))

    async def first_async() -> None:
        first()

    tasks.add_task(first if kind == "def" else first_async)
    with anyio.fail_after(10):
        await way(tasks)
    assert sorted(log) == (["added"] if entry == 3 else ["added", "foreign"])
    assert len(complaints()) == (1 if entry == 3 else 0)


async def test_what_is_put_into_the_list_while_there_is_room_starts_at_once() -> None:
    tasks: Any = BackgroundTasks(max_concurrent=2)
    added = anyio.Event()

    async def later() -> None:
        added.set()

    async def waits_for_what_it_adds() -> None:
        tasks.tasks.append(later)
        await added.wait()

    tasks.add_task(waits_for_what_it_adds)
    with anyio.fail_after(5):
        await tasks()


async def test_the_requests_own_list_takes_more_after_the_response() -> None:
    async def handle(exchange: Exchange) -> None:
        tasks: Any = current_tasks()
        await exchange.send(START)
        await exchange.send({**BODY})
        tasks.tasks.append(Newsletter())
        tasks.tasks = [*tasks.tasks, partial(note, "last")]

    await Exchange(handle).run()
    assert log == ["foreign", "last"]


async def test_the_list_of_a_request_that_is_over_refuses_as_adding_does() -> None:
    kept: list[Any] = []

    async def handle(exchange: Exchange) -> None:
        kept.append(current_tasks())
        await exchange.answer()

    await Exchange(handle).run()
    with pytest.raises(NoActiveRequest, match="a request that is over"):
        kept[0].tasks.append(Newsletter())


async def test_an_entry_has_the_context_of_where_it_was_put_into_the_list() -> None:
    tasks: Any = BackgroundTasks()
    user.set("ada")
    tasks.tasks.append(lambda: note(user.get()))
    user.set("bob")
    await tasks()
    assert log == ["ada"]


async def test_observers_hear_of_an_entry_as_of_any_task() -> None:
    ended: list[tuple[str, str]] = []

    def observe(event: object) -> None:
        if isinstance(event, TaskEnded):
            ended.append((event.name, type(event.outcome).__name__))

    tasks: Any = around(3)
    tasks.tasks.append(Newsletter())
    with subscribe(observe):
        await tasks()
    assert ended == [
        ("note", "Succeeded"),
        ("int", "Failed"),
        ("note", "Succeeded"),
        ("Newsletter", "Succeeded"),
    ]


def test_the_list_shows_tasks_and_compares_as_a_list() -> None:
    tasks: Any = BackgroundTasks()
    assert tasks.tasks == []
    task = BackgroundTask(note, "one")
    tasks.tasks.append(task)
    assert tasks.tasks == [task]
    tasks.tasks.append(Newsletter())
    assert repr(tasks.tasks) == "[<BackgroundTask 'note'>, <BackgroundTask 'Newsletter'>]"
    assert repr(tasks) == "<BackgroundTasks: 2 tasks>"
    tasks.used = True


def test_a_task_that_is_put_into_the_list_is_not_reported_as_thrown_away(
    complaints: Records,
) -> None:
    tasks: Any = BackgroundTasks()
    tasks.tasks.append(BackgroundTask(note, "one"))
    tasks.used = True
    del tasks
    assert complaints() == []


def test_a_group_thrown_away_names_what_was_put_into_its_list(complaints: Records) -> None:
    tasks: Any = BackgroundTasks()
    tasks.tasks = [Newsletter(), 3]
    del tasks
    assert [record.getMessage().split(":")[0] for record in complaints()] == [
        "group of 'Newsletter', 'int' was created but never run"
    ]
