"""The verbs."""

from __future__ import annotations

from importlib.metadata import version

import click
from postlude.cli._tasks import tasks
from postlude.cli._worker import worker


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("postlude"), message="postlude %(version)s")
def program() -> None:
    """Look after the tasks of a store, and run workers."""


program.add_command(tasks)
program.add_command(worker)
