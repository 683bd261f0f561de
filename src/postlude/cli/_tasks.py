"""What can be done with the tasks of a store."""

from __future__ import annotations

import math
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
import click
from postlude._status import TaskStatus
from postlude.cli._drawing import console_for, facts, listing
from postlude.cli._watch import watching
from postlude.errors import EngineUnavailable, StoreUnusable
from postlude.queue._sqlite_store import SQLiteStore
from rich.console import Console

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from postlude.queue._sqlite_letters import DeadLetter

R = TypeVar("R")
_STATUSES = [str(status) for status in TaskStatus if status is not TaskStatus.UNKNOWN]


@click.group()
@click.option(
    "--store",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("tasks.db"),
    envvar="POSTLUDE_STORE",
    show_default=True,
    show_envvar=True,
    help="The file of the SQLiteStore.",
)
@click.pass_context
def tasks(context: click.Context, path: Path) -> None:
    """Look after the tasks of a store."""
    context.obj = path


_queue = click.option("--queue", help="Only of this queue.")
_all = click.option("--all", "is_all", is_flag=True, help="All dead letters.")


@tasks.command("list")
@click.option("--status", type=click.Choice(_STATUSES), help="Only those that stand so.")
@_queue
@click.option(
    "--limit", type=click.IntRange(min=1), default=100, show_default=True, help="At most so many."
)
@click.pass_obj
def list_tasks(path: Path, status: str | None, queue: str | None, limit: int) -> None:
    """List tasks, the newest first."""
    found = _with_store(path, lambda store: store.tasks(status=status, queue=queue, limit=limit))
    if found:
        console_for(found).print(listing(found))
    else:
        click.echo("no such tasks")


@tasks.command()
@click.argument("task_id")
@click.option("--arguments", is_flag=True, help="Also those, which may be secret.")
@click.pass_obj
def show(path: Path, task_id: str, arguments: bool) -> None:
    """Show all that is known of a task."""
    found = _with_store(path, lambda store: store.task(task_id))
    if found is None:
        raise click.ClickException(f"no task {task_id!r} in {str(path)!r}")
    Console().print(facts(found, with_arguments=arguments))


@tasks.command()
@click.argument("task_ids", nargs=-1)
@_all
@_queue
@click.pass_obj
def retry(path: Path, task_ids: tuple[str, ...], is_all: bool, queue: str | None) -> None:
    """Let dead letters wait for their first attempt again."""
    count = _each(path, task_ids, is_all, queue, lambda letter: letter.retry())
    click.echo(f"retried: {count}")


@tasks.command()
@click.argument("task_ids", nargs=-1)
@_all
@_queue
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def discard(
    path: Path, task_ids: tuple[str, ...], is_all: bool, queue: str | None, yes: bool
) -> None:
    """Delete dead letters, for good."""
    _check_choice(path, task_ids, is_all)
    if is_all and not yes:
        where = "" if queue is None else f" of queue {queue!r}"
        click.confirm(f"delete all dead letters{where}?", abort=True)
    count = _each(path, task_ids, is_all, queue, lambda letter: letter.discard())
    click.echo(f"discarded: {count}")


def _finite(context: click.Context, option: click.Parameter, value: float) -> float:
    if not math.isfinite(value):
        raise click.BadParameter(f"{value} is no number of seconds")
    return value


@tasks.command()
@_queue
@click.option("--until-done", is_flag=True, help="End when nothing waits or runs.")
@click.option(
    "--interval",
    type=click.FloatRange(min=0.05),
    callback=_finite,
    default=0.5,
    show_default=True,
    help="Seconds between two looks.",
)
@click.pass_obj
def watch(path: Path, queue: str | None, until_done: bool, interval: float) -> None:
    """Show how tasks go on, until Ctrl-C."""
    work = partial(watching, queue=queue, until_done=until_done, interval=interval)
    with suppress(KeyboardInterrupt):
        _with_store(path, work)


def _check_choice(path: Path, task_ids: tuple[str, ...], is_all: bool) -> None:
    if bool(task_ids) == is_all:
        raise click.UsageError("name the tasks, or write --all")
    _check_there(path)


def _each(
    path: Path,
    task_ids: tuple[str, ...],
    is_all: bool,
    queue: str | None,
    act: Callable[[DeadLetter], Awaitable[bool]],
) -> int:
    """Do something with dead letters, and say with how many."""
    _check_choice(path, task_ids, is_all)

    async def act_on_each(store: SQLiteStore) -> int:
        letters = await store.dead_letters(queue)
        known = {letter.task_id for letter in letters}
        for task_id in task_ids:
            if task_id not in known:
                place = f"{str(path)!r}" if queue is None else f"queue {queue!r} of {str(path)!r}"
                status = (await store.status(task_id)).status
                raise click.ClickException(
                    f"no dead letter {task_id!r} in {place}: its status is {status}"
                )
        chosen = [letter for letter in letters if is_all or letter.task_id in task_ids]
        return sum([await act(letter) for letter in chosen])

    return _with_store(path, act_on_each)


def _check_there(path: Path) -> None:
    try:
        path.stat()
    except FileNotFoundError:
        raise click.ClickException(
            f"there is no file {str(path)!r}: give the store's with --store, or POSTLUDE_STORE"
        ) from None
    except OSError as error:
        raise click.ClickException(f"{str(path)!r} cannot be read: {error.strerror}") from None


def _with_store(path: Path, work: Callable[[SQLiteStore], Awaitable[R]]) -> R:
    """Do something with the store, which must be there."""
    _check_there(path)

    async def work_with_it() -> Any:
        async with SQLiteStore(path) as store:
            return await work(store)

    try:
        result: R = anyio.run(work_with_it)
    except (EngineUnavailable, StoreUnusable) as error:
        raise click.ClickException(str(error)) from None
    return result
