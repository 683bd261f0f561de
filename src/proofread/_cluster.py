"""The directory of a PostgreSQL: laid out once by `initdb`, and copied for each that is started."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from proofread import _brokers

NOBODY = 65534
SUPERUSER = "postgres"
_lock = threading.Lock()


def user() -> int | None:
    """Who runs it instead of root, whom it refuses."""
    return NOBODY if hasattr(os, "geteuid") and os.geteuid() == 0 else None


def directory_of(argv: Sequence[str]) -> str | None:
    """The directory that a command names, `initdb -D data`; `None` where it says anything else."""
    match argv[1:]:
        case ["-D" | "--pgdata", name] | ["-D" | "--pgdata", name, "-U" | "--username", "postgres"]:
            inside = not Path(name).is_absolute() and ".." not in Path(name).parts
            return name if inside else None
        case _:
            return None


def lay_out(directory: Path) -> None:
    """What `initdb -D directory -U postgres` makes."""
    with _lock:
        template = _template()
    subprocess.run(["cp", "-a", str(template), str(directory)], check=True)


@functools.cache
def _template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="proofread-cluster-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if (owner := user()) is not None:
        shutil.chown(folder, owner, owner)
    program = Path(str(_brokers.found("postgres"))).resolve().with_name(_brokers.INITDB)
    options = f"-U {SUPERUSER} -A trust -N --no-instructions --wal-segsize=1 --no-locale -E UTF8"
    ran = subprocess.run(
        [str(program), "-D", str(folder / "data"), *options.split()],
        capture_output=True,
        text=True,
        user=owner,
        group=owner,
        extra_groups=None if owner is None else [],
        cwd="/",
    )
    if ran.returncode:
        raise RuntimeError(f"initdb ended with status {ran.returncode}:\n{ran.stderr}")
    return folder / "data"
