"""What `import postlude` brings: every name, and nothing before it is asked for."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import postlude
import pytest

SOURCE = ast.parse(Path(postlude.__file__).read_text(encoding="utf-8"))


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


def test_type_checkers_and_programs_see_the_same_names() -> None:
    imports = [node for node in ast.walk(SOURCE) if isinstance(node, ast.ImportFrom)]
    typed = {node.names[0].name: node.module for node in imports if node.module != "importlib"}
    assert typed == vars(postlude)["_HOMES"]
    assert sorted(typed) == sorted(postlude.__all__)


def test_each_name_is_there_and_listed() -> None:
    for name in postlude.__all__:
        assert getattr(postlude, name) is not None
        assert name in dir(postlude)
    assert "scheduler" in dir(postlude)


def test_a_star_brings_all_of_them() -> None:
    assert run("from postlude import *; print(TaskRunner.__name__)") == "TaskRunner\n"


def test_a_public_module_needs_no_import_of_its_own() -> None:
    code = "import postlude; print(postlude.errors.QueueFull.__name__, postlude.monitor.__name__)"
    assert run(code) == "QueueFull postlude.monitor\n"


def test_a_name_that_is_not_there_is_refused() -> None:
    with pytest.raises(AttributeError, match="module 'postlude' has no attribute 'nothing'"):
        getattr(postlude, "nothing")  # noqa: B009
    with pytest.raises(ImportError, match="cannot import name 'Nothing'"):
        exec("from postlude import Nothing")


def test_the_package_alone_imports_nothing_else() -> None:
    code = (
        "import sys; before = set(sys.modules); import postlude; print(set(sys.modules) - before)"
    )
    assert run(code) == "{'postlude'}\n"


def test_a_task_needs_neither_scheduler_nor_queue_nor_monitor() -> None:
    code = (
        "import sys; from postlude import BackgroundTasks, PostludeMiddleware, TaskRunner; "
        "print([n for n in ('scheduler', 'queue', 'monitor') if f'postlude.{n}' in sys.modules])"
    )
    assert run(code) == "[]\n"
