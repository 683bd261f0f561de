"""A task written as a mapping."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from postlude._task import BackgroundTask

KEYS = ("type", "function", "args", "kwargs")
_SHAPE = '{"type": "email", "function": send_email, "args": ["ada@example.com"], "kwargs": {}}'


def task_and_type(value: object) -> tuple[BackgroundTask, str]:
    """The task, and the type by which workers choose.

    A task's type is its name; a mapping says it.

    Raises:
        TypeError: It is neither, or a part of the mapping has the wrong type.
        ValueError: A key of the mapping is missing, unknown or empty.
    """
    if isinstance(value, BackgroundTask):
        return value, value.name
    if not isinstance(value, Mapping):
        raise TypeError(
            f"put() takes a BackgroundTask or a mapping, got an object of type "
            f"{type(value).__name__!r}: write put(BackgroundTask(function, ...)) or put({_SHAPE})"
        )
    return _from_mapping(cast("Mapping[object, Any]", value))


def _from_mapping(mapping: Mapping[object, Any]) -> tuple[BackgroundTask, str]:
    if unknown := [key for key in mapping if key not in KEYS]:
        names = ", ".join(repr(key) for key in unknown)
        raise ValueError(f"a task's mapping has no {names}: its keys are {', '.join(KEYS)}")
    for key in ("type", "function"):
        if key not in mapping:
            raise ValueError(f"a task's mapping needs a {key!r}: write {_SHAPE}")
    kind, args, kwargs = mapping["type"], mapping.get("args", ()), mapping.get("kwargs", {})
    if not isinstance(kind, str):
        raise TypeError(f"a task's 'type' must be a string, got {kind!r}")
    if not kind.strip():
        raise ValueError(f"a task's 'type' is {kind!r}, which is empty: workers choose by it")
    # The values themselves stay out of the messages: they may be secret.
    if not isinstance(args, list | tuple):
        raise TypeError(f"a task's 'args' must be a list, got an object of {_kind_of(args)}")
    if not _is_named(kwargs):
        raise TypeError(
            f"a task's 'kwargs' must be a dict with text as keys, got an object of "
            f"{_kind_of(kwargs)}"
        )
    return BackgroundTask(mapping["function"], *args, **kwargs), kind


def _is_named(value: object) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(key, str) for key in cast("Mapping[object, object]", value)
    )


def _kind_of(value: object) -> str:
    return f"type {type(value).__name__!r}"
