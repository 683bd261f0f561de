"""Workers in a process of their own."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from typing import cast

import anyio
import click
from postlude.errors import StoreUnusable
from postlude.queue._worker_pool import WorkerPool


@click.command()
@click.argument("pool", metavar="MODULE:POOL")
def worker(pool: str) -> None:
    """Run a worker pool until SIGINT or SIGTERM, and drain it then.

    MODULE:POOL names a WorkerPool, as `main:pool` does where main.py has
    `pool = WorkerPool(Worker(queue, "worker-1"))`. A second signal ends the drain at once.
    """
    found = _found(pool)
    try:
        anyio.run(_serve, found)
    except BaseExceptionGroup as errors:
        unusable, others = errors.split(StoreUnusable)
        if others is not None or unusable is None:
            raise
        # All of its workers say the same.
        raise click.ClickException(str(_first_of(unusable))) from None


def _first_of(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = cast("BaseExceptionGroup[BaseException]", error).exceptions[0]
    return error


async def _serve(pool: WorkerPool) -> None:
    # Opened before the pool, which looks for a second signal itself while it is drained.
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with pool:
            names = ", ".join(repr(each.name) for each in pool.workers)
            click.echo(f"serving with {names}; stop with Ctrl-C")
            async for number in signals:
                click.echo(f"{signal.Signals(number).name}: no new tasks, waiting for what runs")
                break


def _found(text: str) -> WorkerPool:
    """The pool of that name.

    Raises:
        click.BadParameter: There is none.
    """
    module, _, name = text.partition(":")
    if not module or not name or module.startswith("."):
        raise click.BadParameter(f"{text!r} must be a module and a pool in it, such as main:pool")
    sys.path.insert(0, os.getcwd())
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as error:
        # What the module itself imports is another matter.
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise
        raise click.BadParameter(f"there is no module {error.name!r} here") from None
    try:
        value: object = getattr(found, name)
    except AttributeError:
        raise click.BadParameter(f"module {module!r} has no {name!r}") from None
    if not isinstance(value, WorkerPool):
        raise click.BadParameter(
            f"{text} is of type {type(value).__name__!r}: "
            'write pool = WorkerPool(Worker(queue, "worker-1"))'
        )
    return value
