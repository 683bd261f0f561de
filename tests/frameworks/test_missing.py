"""A framework that is not installed, and what each framework's classes are."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys

import postlude
import pytest

FRAMEWORKS = ["fastapi", "litestar", "lilya", "quart", "ravyn", "starlette", "velithon"]
# Quart has no tasks for a response, and Velithon's cannot be subclassed.
WITHOUT_CLASSES = {"quart", "velithon"}
PARENTS = {
    "fastapi": ("starlette.background.BackgroundTask", "starlette.background.BackgroundTask"),
    "litestar": (
        "litestar.background_tasks.BackgroundTask",
        "litestar.background_tasks.BackgroundTasks",
    ),
    "lilya": ("lilya.background.Task", "lilya.background.Tasks"),
    "ravyn": ("ravyn.background.BackgroundTask", "ravyn.background.BackgroundTasks"),
    "starlette": ("starlette.background.BackgroundTask", "starlette.background.BackgroundTasks"),
}


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_missing_framework_is_named_with_the_command_that_installs_it(framework: str) -> None:
    program = (
        f"import sys; sys.modules[{framework!r}] = None\n"
        "import postlude\n"
        "try:\n"
        f"    import postlude.frameworks.{framework}\n"
        "except postlude.MissingDependency as error:\n"
        "    print(error)\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == (
        f'{framework} is not installed. Install it with: pip install "postlude[{framework}]"\n'
    )


def test_the_package_itself_imports_no_framework() -> None:
    program = f"import sys, postlude; print([n for n in {FRAMEWORKS} if n in sys.modules])"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("framework", PARENTS)
def test_the_classes_are_ours_and_the_frameworks(framework: str) -> None:
    module = importlib.import_module(f"postlude.frameworks.{framework}")
    for cls, own, parent in zip(
        (module.BackgroundTask, module.BackgroundTasks),
        (postlude.BackgroundTask, postlude.BackgroundTasks),
        PARENTS[framework],
        strict=True,
    ):
        path, _, name = parent.rpartition(".")
        assert issubclass(cls, own)
        assert issubclass(cls, getattr(importlib.import_module(path), name))
        assert inspect.iscoroutinefunction(cls.__call__)


def test_each_framework_that_has_classes_to_subclass_is_looked_at() -> None:
    assert {*PARENTS} == {*FRAMEWORKS} - WITHOUT_CLASSES


@pytest.mark.parametrize("framework", [*PARENTS, "velithon"])
def test_objects_keep_their_class_their_arguments_to_themselves_and_their_attributes(
    framework: str,
) -> None:
    module = importlib.import_module(f"postlude.frameworks.{framework}")
    task = module.BackgroundTask(max, "hunter2", "x").with_options(name="login")
    group = module.BackgroundTasks([task], max_concurrent=2)
    assert type(task) is module.BackgroundTask
    assert type(group.renewed()) is module.BackgroundTasks
    assert (task.func, task.args, task.kwargs) == (max, ("hunter2", "x"), {})
    assert bool(group)
    assert not any("hunter2" in text for item in (task, group) for text in (repr(item), str(item)))
    group.used = True


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_function_given_to_after_response_is_refused(framework: str) -> None:
    module = importlib.import_module(f"postlude.frameworks.{framework}")
    with pytest.raises(TypeError, match=r"got print: write @after_response\(BackgroundTask\("):
        module.after_response(print)
    with pytest.raises(TypeError, match="decorates a handler function, got an object of type 'in"):
        module.after_response(postlude.BackgroundTask(print))(3)
