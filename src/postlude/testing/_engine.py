"""Whether an engine that postlude does not know keeps what tasks promise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from postlude._status import TaskStatus
from postlude.errors import PostludeError
from postlude.protocols import Engine
from postlude.testing._attachment import checked_patience
from postlude.testing._duty import open_duty
from postlude.testing._engine_probe import probe_tasks
from postlude.testing._engine_promises import PROMISES
from postlude.testing._findings import EngineBroken, EngineReport
from postlude.testing._logbook import open_logbook
from postlude.testing._talk import Broken
from postlude.testing._trial import Trial

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import timedelta
    from pathlib import Path


async def check_engine(
    engine: Engine,
    serve: Sequence[str],
    /,
    *,
    elsewhere: Callable[[str], Engine] | None = None,
    spare: str | None = None,
    lease: float | timedelta = 10.0,
    cwd: str | Path | None = None,
    env: Mapping[str, str] | None = None,
    without: Collection[str] = (),
    patience: float | timedelta = 20.0,
    start: float | timedelta = 60.0,
) -> EngineReport:
    """Ask an engine and its worker whether they keep what tasks promise.

    You write the program of a worker that calls `probe_tasks()` where it starts, and give the
    command that runs it. It serves the engine's default queue, one task at a time, and prints what
    is logged. The check starts it, and again whenever it has ended, as a service manager does; it
    submits tasks over your engine, which report over sockets of their own:

    - `runs`: what is submitted runs, a `def` and an `async def`, with its arguments as they were.
    - `loop`: a `def` runs outside all event loops, the `async def`s of a process on the same one.
    - `request`: the id of the request travels with the task.
    - `result`: what a task returned can be asked for.
    - `failure`: a task that fails has failed, and its error can be asked for as text.
    - `logging`: a failure is logged once, with its traceback.
    - `retries`: a task is tried as often as its policy says, and after the time it says.
    - `timeout`: an attempt that takes too long is ended, and counts as one that failed.
    - `delay`: a task with a delay is pending, and does not begin before.
    - `priority`: of those that wait, the one with the highest priority goes first.
    - `queue`: a task goes to the queue that it names.
    - `status`: pending, running, succeeded; and `unknown` for an id that nobody knows.
    - `cancel`: what has not begun can be cancelled, and `cancel` says whether it will not run.
    - `hostile`: what is no task is refused once, with its error logged, and the worker goes on.
    - `crash`: a task whose process is killed runs again.
    - `poison`: a task that kills its process each time ends as failed.
    - `lost-worker`: when all of a worker is killed, its task runs on another one.
    - `unavailable`: where the broker is down, hangs or has no address, `submit` raises
      `EngineUnavailable` within its time; the event loop goes on meanwhile, and no password shows.

    Args:
        engine: The engine.
        serve: The command that starts its worker.
        elsewhere: Makes an engine like this whose broker is at another address, such as
            `tester:hunter2@127.0.0.1:4000`; for `unavailable`.
        spare: A queue that the worker does not serve; for `queue`.
        lease: After how long the task of a lost worker is another's, in seconds or as a
            `timedelta`.
        cwd: The directory in which the command runs; by default the current one.
        env: Variables for it, besides those of this process.
        without: The names of promises not to look at; the report lists them.
        patience: How long to wait for what is to happen, in seconds or as a `timedelta`.
        start: How long its first task may take, for which the worker has to start.

    Returns:
        What was found: all promises were kept.

    Raises:
        EngineBroken: One was not. All others have been looked at as well.
        RuntimeError: The worker runs nothing.
        TypeError: `engine` is none, `serve` or `without` is a text, or a time is no number.
        ValueError: A name is unknown or all are left out, `queue` is asked for and there is no
            `spare`, or `unavailable` and there is no `elsewhere`; or a time is not more than 0.

    Example:
        ```python
        import asyncio

        from postlude.testing import check_engine

        try:
            asyncio.run(check_engine("redis://", ["celery", "-A", "main", "worker"]))
        except TypeError as error:
            print(error)
        ```

        ```text title="Output"
        check_engine('redis://', ...) takes an object with name, submit, status and cancel
        ```
    """
    seconds = checked_patience(patience)
    lasts = checked_patience(lease, "lease")
    command = _checked(engine, serve)
    needs = {"queue": ("spare", spare), "unavailable": ("elsewhere", elsewhere)}
    names = _checked_names(without, needs)
    broken: dict[str, str] = {}
    probe_tasks()
    async with open_logbook() as logbook, open_duty(command, cwd, env or {}) as duty:
        trial = Trial(engine, duty, logbook, seconds, lasts, elsewhere, spare)
        await _meet(trial, checked_patience(start, "start"))
        for name in names:
            await _hear(name, trial, broken)
        printed = duty.tail()
    report = EngineReport(
        tuple(name for name in names if name not in broken),
        broken,
        tuple(name for name in PROMISES if name not in names),
    )
    if broken:
        raise EngineBroken(report, printed)
    return report


async def _meet(trial: Trial, seconds: float) -> None:
    """Wait for the worker's first task."""
    sent = await trial.submit()
    try:
        await trial.begun(sent, more=seconds)
        await trial.state(sent.id, *TaskStatus)
    except Broken as error:
        raise RuntimeError(f"the worker runs nothing: {error}\n{trial.duty.tail()}") from None


async def _hear(name: str, trial: Trial, broken: dict[str, str]) -> None:
    try:
        await PROMISES[name](trial)
    except Broken as error:
        broken[name] = str(error)
    except PostludeError as error:
        broken[name] = f"{type(error).__name__}: {error}"
    finally:
        trial.logbook.release_all()  # or what a broken trial holds would hold up all others


def _checked(engine: object, serve: Sequence[object]) -> list[str]:
    if not isinstance(engine, Engine):
        raise TypeError(
            f"check_engine({engine!r}, ...) takes an object with name, submit, status and cancel"
        )
    command = [part for part in serve if isinstance(part, str)]
    if isinstance(serve, str) or len(command) < len(serve):
        raise TypeError(
            f"check_engine(..., {serve!r}) takes a command as a list of texts: "
            "['celery', '-A', 'main', 'worker']"
        )
    return command


def _checked_names(
    without: Collection[str], needs: Mapping[str, tuple[str, object | None]]
) -> list[str]:
    if isinstance(without, str):
        raise TypeError(f"without={without!r} takes several names: write without=[{without!r}]")
    unknown = [name for name in without if name not in PROMISES]
    if unknown:
        raise ValueError(f"without={unknown[0]!r} is none of {', '.join(PROMISES)}")
    for name, (argument, value) in needs.items():
        if value is None and name not in without:
            raise ValueError(f"{name} needs {argument}=: give it, or write without=[{name!r}]")
    names = [name for name in PROMISES if name not in without]
    if not names:
        raise ValueError("nothing is left to check: without= names every promise")
    return names
