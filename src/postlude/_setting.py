"""What a middleware is set up with, whatever the protocol of its server."""

from __future__ import annotations

import logging

from postlude._runner import TaskRunner


def checked_runner(runner: object) -> TaskRunner:
    """The runner, or a new one where none was given.

    Raises:
        TypeError: It is something else.
    """
    if runner is None:
        return TaskRunner()
    if isinstance(runner, TaskRunner):
        return runner
    raise TypeError(f"runner={runner!r} must be a TaskRunner, or None for one of its own")


def drops_on_error(on_error_response: object) -> bool:
    """Whether tasks of a request that failed are dropped.

    Raises:
        ValueError: It is neither `"run"` nor `"drop"`.
    """
    if on_error_response not in ("run", "drop"):
        raise ValueError(f"on_error_response={on_error_response!r} must be 'run' or 'drop'")
    return on_error_response == "drop"


class Doubt:
    """Says once that the runner was never started."""

    def __init__(self, told: str) -> None:
        """Hold what to do about it."""
        self._told = told
        self._said = False

    def say(self) -> None:
        """Warn, unless it was said already."""
        if not self._said:
            self._said = True
            logging.getLogger("postlude").warning(
                "tasks run inside their requests, since the runner was never started: %s",
                self._told,
            )


def identity(value: str | None) -> str | None:
    """The header `X-Request-ID`, unless it is something for a log to choke on."""
    fits = value is not None and value.isascii() and value.isprintable() and len(value) <= 128
    return value if fits else None
