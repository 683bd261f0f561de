"""What blocks is carried over into threads of its own, and waited for within bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

import anyio
from anyio.lowlevel import RunVar
from postlude._threads import Threads
from postlude._work import Work
from postlude.errors import EngineUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")

# Of each event loop. A client that hangs holds one of them no longer than the engine's timeout.
_MOST = 16
_threads: RunVar[Threads] = RunVar("postlude_ferry")


class Ferry:
    """Calls of a client that blocks, for one engine.

    Args:
        name: What to call the engine in errors.
        place: Where its broker is, without a password.
        timeout: Seconds after which nobody waits any more.
    """

    def __init__(self, name: str, place: Callable[[], str], *, timeout: float) -> None:
        """Prepare; no thread is started."""
        self._name = name
        self._place = place
        self._timeout = timeout

    async def call(self, func: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function in a thread.

        Raises:
            EngineUnavailable: It raised an `OSError`, or did not return in time.
        """
        work = Work(lambda _: func(*args, **kwargs))
        try:
            with anyio.fail_after(self._timeout):
                return cast("R", await _threads_of_this_loop().do(work))
        except TimeoutError as error:
            # The client's own errors of that name say more.
            said = str(error) or f"no answer within {self._timeout:g} s"
            raise self.unavailable(said) from error
        except OSError as error:
            raise self.unavailable(str(error)) from error

    def unavailable(self, said: str) -> EngineUnavailable:
        """The error that says so."""
        return EngineUnavailable(f"{self._name} at {self._place()} is not available: {said}")


def _threads_of_this_loop() -> Threads:
    threads = _threads.get(None)
    if threads is None or threads.closed:
        threads = Threads(_MOST)
        threads.close_with_the_loop()
        _threads.set(threads)
    return threads
