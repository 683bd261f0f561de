"""Nothing outside the page's directory is written, whoever writes: the page fails, and says why.

A case writes to the path `TARGET`, which exists where its directory does. Its healthy twin is the
same code with a path inside the page's directory.
"""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from proofread import _fence
from proofread._model import Page, Problem
from proofread._sandbox import Sandbox
from proofread._settings import Limits

Verdict = Callable[[Page, Limits], list[Problem]]
Collect = Callable[[Path], Page]

WAYS = {
    "subprocess": """
import subprocess

subprocess.run(["sh", "-c", f"echo x > {TARGET}"], check=True)
""",
    "two programs deep": """
import subprocess
import sys

code = f"import os; os.system('mkdir {TARGET}') and exit(1)"
subprocess.run([sys.executable, "-c", code], check=True, start_new_session=True)
""",
    "C library": """
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
if libc.creat(TARGET.encode(), 0o600) < 0:
    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
""",
    "directory that is open": """
import os

folder = os.open(os.path.dirname(TARGET) or ".", os.O_RDONLY)
os.close(os.open(os.path.basename(TARGET), os.O_CREAT | os.O_WRONLY, dir_fd=folder))
""",
    "folder in an open one": """
import os

folder = os.open(os.path.dirname(TARGET) or ".", os.O_RDONLY)
os.mkdir(os.path.basename(TARGET), dir_fd=folder)
""",
    "database by URI": """
import sqlite3

with sqlite3.connect(f"file:{TARGET}?mode=rwc", uri=True) as database:
    database.execute("create table t (x)")
""",
    "database that is attached": """
import sqlite3

with sqlite3.connect("own.db") as database:
    database.execute(f"attach '{TARGET}' as other")
    database.execute("create table other.t (x)")
""",
    "write-ahead log": """
import sqlite3

with sqlite3.connect(TARGET) as database:
    database.execute("pragma journal_mode = wal")
    database.execute("create table t (x)")
""",
    "named pipe": """
import os

os.mkfifo(TARGET)
""",
    "unix socket": """
import os
import socket

folder, name = os.path.split(TARGET)
os.chdir(folder or ".")
with socket.socket(socket.AF_UNIX) as server:
    server.bind(name)
""",
    "move": """
import subprocess
from pathlib import Path

Path("own").write_text("x")
subprocess.run(["mv", "own", TARGET], check=True)
""",
    "rename": """
from pathlib import Path

Path("own").write_text("x")
Path("own").rename(TARGET)
""",
    "door": """
import os
import subprocess

os.symlink(os.path.abspath(os.path.dirname(TARGET) or "."), "door")
subprocess.run(["touch", "door/" + os.path.basename(TARGET)], check=True)
""",
    "temporary file": """
import os
import tempfile

folder = os.path.dirname(TARGET) or None
tempfile.NamedTemporaryFile(dir=folder, delete=False).close()
""",
    "fork": """
import os

child = os.fork()
if child == 0:
    os.execlp("touch", "touch", TARGET)
if os.waitpid(child, 0)[1]:
    raise PermissionError("Permission denied")
""",
}
# Each would change the file `TARGET`, which is there already and holds `kept`.
CHANGES = {
    "append": """
import subprocess

subprocess.run(["sh", "-c", f"echo x >> {TARGET}"], check=True)
""",
    "truncate": """
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
if libc.truncate(TARGET.encode(), 0) < 0:
    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
""",
    "remove": """
import subprocess

subprocess.run(["rm", TARGET], check=True)
""",
    "second name": """
import subprocess

subprocess.run(["ln", TARGET, "second"], check=True)
subprocess.run(["sh", "-c", "echo x > second"], check=True)
""",
    "open again": """
import os

held = os.open(TARGET, os.O_RDONLY)
with open(f"/proc/self/fd/{held}", "w") as file:
    file.write("x")
""",
    "mode of an open file": """
import os

held = os.open(TARGET, os.O_RDONLY)
os.chmod(held, 0o777)
""",
}
SHARED = "/dev/shm/proofread-test"

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not _fence.version(), reason="The kernel has no Landlock."
)


@pytest.fixture
def said(tmp_path: Path, collect: Collect, verdict: Verdict) -> Callable[[str, object], str]:
    """What is wrong with a page of this one block, for this target."""
    numbers = itertools.count()

    def problems(code: str, target: object) -> str:
        page = tmp_path / f"page-{next(numbers)}.md"
        page.write_text(f"```python\nTARGET = {str(target)!r}\n{code.strip()}\n```\n")
        found = verdict(collect(page), Limits())
        return "\n".join(problem.message for problem in found)

    return problems


def told(problem: str) -> bool:
    """Whether a problem tells its reader what a page may write."""
    return "outside the page's directory" in problem or _fence.ADVICE in problem


@pytest.mark.parametrize("way", WAYS)
def test_a_page_writes_nothing_outside_its_directory(
    way: str, said: Callable[[str, object], str], tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    assert told(said(WAYS[way], outside / "new"))
    assert not list(outside.iterdir())


@pytest.mark.parametrize("way", WAYS)
def test_inside_it_the_same_is_fine(way: str, said: Callable[[str, object], str]) -> None:
    assert said(WAYS[way], "new") == ""


@pytest.mark.parametrize("way", CHANGES)
def test_a_page_changes_no_file_outside(
    way: str, said: Callable[[str, object], str], tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("kept")
    victim.chmod(0o644)
    assert told(said(CHANGES[way], victim))
    assert victim.read_text() == "kept"
    assert victim.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("way", CHANGES)
def test_its_own_it_does_change(way: str, said: Callable[[str, object], str]) -> None:
    own = f'with open("own", "w") as own:\n    own.write("kept")\n{CHANGES[way].strip()}'
    assert said(own, "own") == ""


def test_what_a_program_leaves_in_shared_memory_fails_its_page(
    said: Callable[[str, object], str], sandbox: Sandbox
) -> None:
    problem = said(WAYS["subprocess"], SHARED)
    private = "but for /dev/shm" not in sandbox.containment
    assert (f"It left {SHARED}, outside" in problem) == private, sandbox.containment
    assert os.path.exists(SHARED) != private
    Path(SHARED).unlink(missing_ok=True)


def test_python_does_not_write_to_shared_memory(said: Callable[[str, object], str]) -> None:
    assert f"open: {SHARED} is outside the page's directory" in said("open(TARGET, 'w')", SHARED)
    assert not os.path.exists(SHARED)


def test_processes_of_one_program_share_memory(said: Callable[[str, object], str]) -> None:
    code = """
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.shared_memory import SharedMemory


def raised(number, total):
    with total.get_lock():
        total.value += number


if __name__ == "__main__":
    for method in ("fork", "spawn", "forkserver"):
        context = multiprocessing.get_context(method)
        total = context.Value("i", 0)
        worker = context.Process(target=raised, args=(2, total))
        worker.start()
        worker.join()
        assert total.value == 2
    with ProcessPoolExecutor(2) as pool:
        assert list(pool.map(abs, [-1, -2])) == [1, 2]
    memory = SharedMemory(create=True, size=16)
    memory.close()
    memory.unlink()
"""
    assert said(code, "") == ""


def test_modes_owners_and_times_are_kept_where_the_rest_is_read_only(
    said: Callable[[str, object], str], sandbox: Sandbox, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.touch(mode=0o600)
    problem = said(
        "import subprocess\nsubprocess.run(['chmod', '644', TARGET], check=True)", victim
    )
    held = victim.stat().st_mode & 0o777 == 0o600
    assert held == told(problem) == ("read-only" in sandbox.containment)


def test_a_server_is_fenced_in_too(tmp_path: Path, collect: Collect, verdict: Verdict) -> None:
    target = tmp_path / "new"
    page = tmp_path / "page.md"
    page.write_text(f"""\
```python title="main.py"
import subprocess

from fastapi import FastAPI

app = FastAPI()


@app.get("/")
def home() -> int:
    return subprocess.run(["touch", {str(target)!r}], stderr=-3).returncode
```

```console
$ uvicorn main:app
```

```http
GET / HTTP/1.1

HTTP/1.1 200 OK

1
```
""")
    assert verdict(collect(page), Limits()) == []
    assert not target.exists()


def test_reading_and_running_stay_free(said: Callable[[str, object], str], tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x")
    code = """
import sqlite3
import subprocess

assert open(TARGET).read() == "x"
subprocess.run(["cat", TARGET], check=True, stdout=subprocess.DEVNULL)
open("/dev/null", "w").close()
open("/dev/stdout", "w").close()
assert sqlite3.connect(":memory:").execute("select 1").fetchone() == (1,)
assert sqlite3.connect("file:x?mode=memory", uri=True).execute("select 1").fetchone() == (1,)
"""
    assert said(code, tmp_path / "data") == ""


def test_a_spawned_child_is_fenced_in_too(tmp_path: Path, collect: Collect) -> None:
    from proofread._run import run_story
    from proofread._story import stories

    page, target = tmp_path / "page.md", tmp_path / "new"
    page.write_text(f"```python\nTARGET = {str(target)!r}\n{WAYS['subprocess'].strip()}\n```\n")
    [story] = stories(collect(page))
    with Sandbox(fork=False) as spawning:
        [result] = run_story(story, spawning, tmp_path / "story", Limits())
    assert told("\n".join(result.problems))
    assert not target.exists()


def test_what_held_the_writes_back_is_said(sandbox: Sandbox) -> None:
    assert f"(Landlock {_fence.version()}), " in sandbox.containment
