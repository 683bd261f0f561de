"""How `check_engine` is called, what it says, and that each of its promises can be broken."""

from __future__ import annotations

import functools
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest
from postlude import Message, NotDispatchable, PostludeError
from postlude.testing import EngineBroken, EngineReport, check_engine
from postlude.testing._engine_promises import PROMISES
from tests.conformance.bare_engine import BareEngine, FarEngine

ROOT = Path(__file__).parents[2]
PATIENCE = 20.0
# For what will not come.
SHORT = 4.0
FLAWS = {
    "loses_keywords": ("runs", "arguments came as ['Grüße"),
    "renames": ("runs", "submit() returned 'task-1' instead of the id"),
    "calls_on_the_loop": ("loop", "a `def` ran in an event loop"),
    "drops_the_request": ("request", "came as None instead of 'r-17'"),
    "keeps_no_results": ("result", "the result of a task that returned 41 is None"),
    "keeps_no_errors": ("failure", "the error is '' instead of 'ProbeError: no such address'"),
    "logs_twice": ("logging", "printed the traceback of one failure 2 times"),
    "retries_at_once": ("retries", "s instead of 1 s"),
    "knows_no_limits": ("timeout", "status() is 'failed' instead of 'timed_out'"),
    "hurries": ("delay", "a task with a delay of 2 s began after"),
    "turns_priorities": ("priority", "ran in the order [-1, 0, 1]"),
    "serves_all": ("queue", "was run by a worker of another one"),
    "knows_all": ("status", "status() is 'pending' instead of 'unknown'"),
    "promises_to_cancel": ("cancel", "cancel() is True for an id that nobody knows"),
    "takes_again": ("hostile", "instead of 'failed' or 'unknown'"),
    "gives_up": ("crash", "begun 1 times and not 2"),
    "never_gives_up": ("poison", "status() is"),
    "forgets_the_lost": ("lost-worker", "begun 1 times and not 2"),
    "shows_passwords": ("unavailable", "not its password: bare: no broker at tester:hunter2@"),
    "lets_errors_through": ("unavailable", "a broker that refuses gives OSError"),
    "waits": ("unavailable", "a broker that hangs gives TimeoutError after"),
    "blocks": ("unavailable", "submit() held up the event loop for 1."),
}


def worker(path: Path, flaw: str = "") -> list[str]:
    return [sys.executable, "-m", "tests.conformance.bare_engine", str(path), flaw]


async def check(path: Path, flaw: str, **options: Any) -> EngineReport:
    return await check_engine(
        BareEngine(path, flaw),
        worker(path, flaw),
        elsewhere=functools.partial(FarEngine, flaw=flaw),
        spare="spare",
        lease=1.0,
        cwd=ROOT,
        **options,
    )


def test_an_engine_that_is_sound_keeps_every_promise(tmp_path: Path) -> None:
    checking = functools.partial(check, tmp_path / "tasks", "", patience=PATIENCE)
    report = anyio.run(checking, backend="trio")  # those of others are checked on asyncio
    assert report == EngineReport(tuple(PROMISES), {})


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, EngineReport]:
    """What was found of each flaw; side by side, since most of it is waiting."""
    reports: dict[str, EngineReport] = {}
    limiter = anyio.CapacityLimiter(6)
    folder = tmp_path_factory.mktemp("engines")

    async def look(flaw: str, promise: str) -> None:
        async with limiter:
            without = {*PROMISES} - {promise}
            try:
                reports[flaw] = await check(folder / flaw, flaw, without=without, patience=SHORT)
            except EngineBroken as error:
                reports[flaw] = error.report

    async def main() -> None:
        async with anyio.create_task_group() as group:
            for flaw, (promise, _) in FLAWS.items():
                group.start_soon(look, flaw, promise)

    anyio.run(main)
    return reports


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_flaw_breaks_its_promise(found: dict[str, EngineReport], flaw: str) -> None:
    promise, seen = FLAWS[flaw]
    assert [*found[flaw].broken] == [promise]
    assert seen in found[flaw].broken[promise]


def test_every_promise_has_an_engine_that_breaks_it() -> None:
    assert {promise for promise, _ in FLAWS.values()} == {*PROMISES}


def test_what_is_broken_is_an_assertion_that_says_all(tmp_path: Path) -> None:
    only = {*PROMISES} - {"request", "runs"}
    checking = functools.partial(check, tmp_path / "tasks", "drops_the_request", without=only)
    with pytest.raises(EngineBroken) as caught:
        anyio.run(checking)
    assert isinstance(caught.value, AssertionError)
    assert isinstance(caught.value, PostludeError)
    lines = str(caught.value).splitlines()
    assert lines[0] == "broken: request: the request's id came as None instead of 'r-17'"
    assert lines[1] == "kept: runs"
    assert lines[2].startswith("not looked at: loop, result")


class Refusing(BareEngine):
    """An engine without priorities, which says so."""

    async def submit(self, message: Message) -> str:
        if message.priority:
            raise NotDispatchable("there are no priorities")
        return await super().submit(message)


def test_a_trial_that_breaks_off_holds_nothing_up_for_the_next(tmp_path: Path) -> None:
    checking = functools.partial(
        check_engine,
        Refusing(tmp_path / "tasks", ""),
        worker(tmp_path / "tasks"),
        cwd=ROOT,
        patience=SHORT,
        without={*PROMISES} - {"priority", "status"},
    )
    with pytest.raises(EngineBroken) as caught:
        anyio.run(checking)
    assert caught.value.report.broken == {"priority": "NotDispatchable: there are no priorities"}
    assert caught.value.report.kept == ("status",)


def test_a_worker_that_runs_nothing_is_shown(tmp_path: Path) -> None:
    serve = [sys.executable, "-c", "print('no such module')"]
    checking = functools.partial(
        check_engine,
        BareEngine(tmp_path / "tasks"),
        serve,
        without={*PROMISES} - {"runs"},
        patience=0.5,
        start=timedelta(seconds=1),
    )
    with pytest.raises(RuntimeError, match=r"the worker runs nothing: .*\nno such module"):
        anyio.run(checking)


@pytest.mark.parametrize(
    ("engine", "serve", "options", "error", "message"),
    [
        ("redis://", ["w"], {}, TypeError, "takes an object with name, submit, status and cancel"),
        (None, "celery worker", {}, TypeError, r"takes a command as a list of texts: \['celery'"),
        (None, [1], {}, TypeError, "takes a command as a list of texts"),
        (None, ["w"], {"without": "queue"}, TypeError, r"write without=\['queue'\]"),
        (None, ["w"], {"without": ["ques"]}, ValueError, "'ques' is none of runs, loop, "),
        (None, ["w"], {}, ValueError, r"queue needs spare=: give it, or write without=\['queue'\]"),
        (None, ["w"], {"spare": "s"}, ValueError, "unavailable needs elsewhere=: give it, or"),
        (None, ["w"], {"without": [*PROMISES]}, ValueError, "nothing is left to check"),
        (None, ["w"], {"patience": 0}, ValueError, "patience=0 must be more than 0 seconds"),
        (None, ["w"], {"lease": "1"}, TypeError, "lease='1' takes seconds or a timedelta"),
    ],
)
def test_wrong_arguments_are_refused(
    engine: Any, serve: Any, options: Any, error: type[Exception], message: str
) -> None:
    checking = functools.partial(check_engine, engine or BareEngine("x"), serve, **options)
    with pytest.raises(error, match=message):
        anyio.run(checking)
