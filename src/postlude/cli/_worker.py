"""Workers in a process of their own."""

from __future__ import annotations

import importlib
import os
import signal
import sys

import anyio
import click
from postlude.queue._worker_pool import WorkerPool


@click.command()
@click.argument("pool", metavar="MODULE:POOL")
def worker(pool: str) -> None:
    """Run a worker pool until SIGINT or SIGTERM, and drain it then.

    MODULE:POOL names a WorkerPool, as `main:pool` does where main.py has
    `pool = WorkerPool(Worker(queue, "worker-1"))`. A second signal ends the drain at once.
    """
    anyio.run(_serve, _found(pool))


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
    if not module or not name:
        raise click.BadParameter(f"{text!r} must be a module and a pool in it, such as main:pool")
    sys.path.insert(0, os.getcwd())
    try:
        value: object = getattr(importlib.import_module(module), name)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise click.BadParameter(f"there is no module {module!r} here") from None
    except AttributeError:
        raise click.BadParameter(f"module {module!r} has no {name!r}") from None
    if not isinstance(value, WorkerPool):
        raise click.BadParameter(
            f"{text} is of type {type(value).__name__!r}: "
            'write pool = WorkerPool(Worker(queue, "worker-1"))'
        )
    return value
