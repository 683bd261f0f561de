"""The tree of errors."""

from __future__ import annotations

import inspect
import re

import pytest
from postlude import Cancelled, MissingDependency, PostludeError, TaskFailed, errors


def test_every_error_is_in_the_tree_that_the_module_draws() -> None:
    classes = {
        name: cls
        for name, cls in inspect.getmembers(errors, inspect.isclass)
        if cls.__module__ == errors.__name__
    }
    drawn = dict(re.findall(r"(\w+) \((\w+)\)", errors.__doc__ or ""))
    assert drawn == {
        name: next(base.__name__ for base in cls.__bases__[::-1]) for name, cls in classes.items()
    }
    assert all(issubclass(cls, PostludeError) for cls in classes.values())


def test_a_missing_dependency_is_an_import_error_with_the_command() -> None:
    with pytest.raises(ImportError, match=r'pip install "postlude\[ravyn\]"') as caught:
        raise MissingDependency("ravyn", extra="ravyn")
    assert caught.value.name == "ravyn"


def test_a_failed_pipeline_holds_its_outcomes() -> None:
    outcome = Cancelled(reason="r", task_id="1", name="n", attempts=0, duration=0.0)
    failure = TaskFailed("task 'x' failed", [outcome])
    assert (str(failure), failure.outcomes) == ("task 'x' failed", (outcome,))
    assert isinstance(failure, RuntimeError)
