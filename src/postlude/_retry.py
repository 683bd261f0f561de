"""When to try again: a value that decides."""

from __future__ import annotations

import functools
import inspect
import math
import random
import sys
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from postlude._clock import clock

if TYPE_CHECKING:
    from collections.abc import Callable

    ErrorTypes = type[Exception] | tuple[type[Exception], ...]

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often, after how long and for which errors a task is tried again.

    A frozen value without state: one policy may serve any number of tasks. It decides and never
    waits, except when it decorates a function.

    Attributes:
        max_retries: Attempts after the first one; `0` means never again.
        initial_delay: Seconds before the second attempt.
        max_delay: The longest wait between two attempts, in seconds.
        exponential_backoff: Whether each wait is `backoff_factor` times the one before; if not,
            every wait is `initial_delay`.
        backoff_factor: The factor from one wait to the next, at least 1.
        jitter: The share by which a wait is shortened or lengthened at random, from 0 to 1, so
            that many tasks that failed together do not come back together.
        retry_on: The error, or tuple of errors, that is worth another attempt. A task that ran
            out of time counts as a `TimeoutError`.
        give_up_on: Errors that are not, although `retry_on` includes them.

    Raises:
        TypeError: At construction, for a value of the wrong type.
        ValueError: At construction, for a number out of range.

    Example:
        ```python
        from postlude import RetryPolicy

        policy = RetryPolicy(max_retries=4, initial_delay=1.0, max_delay=5.0)
        print([policy.delay_for(attempt) for attempt in (1, 2, 3, 4, 5)])
        ```

        ```text title="Output"
        [1.0, 2.0, 4.0, 5.0, None]
        ```

        As a decorator it makes direct calls try again:

        ```python
        from postlude import RetryPolicy

        answers = iter([OSError("busy"), OSError("busy"), "ok"])


        @RetryPolicy(max_retries=2, initial_delay=0.01)
        def ask() -> str:
            answer = next(answers)
            print(repr(answer))
            if isinstance(answer, OSError):
                raise answer
            return answer


        print(ask())
        ```

        ```text title="Output"
        OSError('busy')
        OSError('busy')
        'ok'
        ok
        ```
    """

    max_retries: int = 3
    initial_delay: float = 1.0
    max_delay: float = 60.0
    exponential_backoff: bool = True
    _: KW_ONLY
    backoff_factor: float = 2.0
    jitter: float = 0.1
    retry_on: ErrorTypes = Exception
    give_up_on: ErrorTypes = ()

    def __post_init__(self) -> None:
        if type(self.max_retries) is not int:
            raise TypeError(f"max_retries={self.max_retries!r} must be a whole number, such as 3")
        if self.max_retries < 0:
            raise ValueError(f"max_retries={self.max_retries} must be 0 (never retry) or more")
        if type(self.exponential_backoff) is not bool:
            raise TypeError(f"exponential_backoff={self.exponential_backoff!r} must be a bool")
        _check_number("initial_delay", self.initial_delay, low=0.0)
        _check_number("max_delay", self.max_delay, low=0.0)
        _check_number("backoff_factor", self.backoff_factor, low=1.0)
        _check_number("jitter", self.jitter, low=0.0, high=1.0)
        if self.initial_delay > self.max_delay:
            raise ValueError(
                f"initial_delay={self.initial_delay} is longer than max_delay={self.max_delay}: "
                "raise max_delay or lower initial_delay"
            )
        _check_errors("retry_on", self.retry_on)
        _check_errors("give_up_on", self.give_up_on)

    def delay_for(self, attempt: int, error: BaseException | None = None) -> float | None:
        """How long to wait after an attempt that failed.

        The same arguments always give the same answer; `jitter` is applied by whoever waits.

        Args:
            attempt: The number of the attempt that failed; the first one is 1.
            error: What it failed with. Left out, only the number decides.

        Returns:
            Seconds until the next attempt, or `None` if there is to be none.

        Raises:
            ValueError: `attempt` is less than 1.

        Example:
            ```python
            from postlude import RetryPolicy

            policy = RetryPolicy(max_retries=1, retry_on=OSError)
            print(policy.delay_for(1, OSError("connection lost")))
            print(policy.delay_for(1, ValueError("bad address")))
            print(policy.delay_for(2, OSError("connection lost")))
            ```

            ```text title="Output"
            1.0
            None
            None
            ```
        """
        if attempt < 1:
            raise ValueError(f"attempt={attempt} must be 1 or more: the first attempt is 1")
        if attempt > self.max_retries or not self._is_worth_it(error):
            return None
        if not self.exponential_backoff:
            return float(self.initial_delay)
        try:
            return float(
                min(self.initial_delay * self.backoff_factor ** (attempt - 1), self.max_delay)
            )
        except OverflowError:
            return float(self.max_delay) if self.initial_delay else 0.0

    def spread(self, delay: float) -> float:
        """Shorten or lengthen a delay at random by up to the share `jitter`.

        Args:
            delay: Seconds, as `delay_for` returned them.

        Returns:
            Seconds, never more than `max_delay`.

        Example:
            ```python
            from postlude import RetryPolicy

            print(RetryPolicy(jitter=0.0).spread(2.0))
            print(1.5 <= RetryPolicy(jitter=0.25).spread(2.0) <= 2.5)
            ```

            ```text title="Output"
            2.0
            True
            ```
        """
        return min(delay * random.uniform(1 - self.jitter, 1 + self.jitter), self.max_delay)

    def __call__(self, func: Callable[P, R]) -> Callable[P, R]:
        """Decorate a `def` or an `async def` so that each direct call is retried.

        The last error is raised as it is. A `def` waits by blocking its thread.

        Args:
            func: The function; its name, signature and docstring are kept.

        Returns:
            A function of the same kind and signature.

        Raises:
            TypeError: `func` is not a function.
        """
        if not callable(func):
            raise TypeError(
                f"RetryPolicy decorates a function, got {type(func).__name__!r}: "
                "write @RetryPolicy(max_retries=2) above a def or an async def"
            )
        if inspect.isgeneratorfunction(func) or inspect.isasyncgenfunction(func):
            raise TypeError(
                f"RetryPolicy decorates a function, got the generator function "
                f"{func.__name__!r}: calling it runs nothing that could fail"
            )
        if inspect.iscoroutinefunction(func):
            retrying: Callable[P, R] = _retry_async(self, func)
            return retrying
        return _retry_sync(self, func)

    def _is_worth_it(self, error: BaseException | None) -> bool:
        if error is None:
            return True
        return isinstance(error, self.retry_on) and not isinstance(error, self.give_up_on)


def _retry_async(policy: RetryPolicy, func: Callable[P, Any]) -> Any:
    @functools.wraps(func)
    async def retrying(*args: P.args, **kwargs: P.kwargs) -> Any:
        attempt = 1
        while True:
            try:
                return await func(*args, **kwargs)
            except Exception as error:
                delay = policy.delay_for(attempt, error)
                if delay is None:
                    raise
            await clock().sleep(policy.spread(delay))
            attempt += 1

    return retrying


def _retry_sync(policy: RetryPolicy, func: Callable[P, R]) -> Callable[P, R]:
    @functools.wraps(func)
    def retrying(*args: P.args, **kwargs: P.kwargs) -> R:
        attempt = 1
        while True:
            try:
                return func(*args, **kwargs)
            except Exception as error:
                delay = policy.delay_for(attempt, error)
                if delay is None:
                    raise
            clock().sleep_blocking(policy.spread(delay))
            attempt += 1

    return retrying


def _check_number(name: str, value: object, *, low: float, high: float = math.inf) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name}={value!r} must be a number, such as {low + 1.0}")
    if not low <= value <= min(high, sys.float_info.max):
        upper = "" if high == math.inf else f" and at most {high:g}"
        raise ValueError(f"{name}={value!r} must be finite, at least {low:g}{upper}")


def _check_errors(name: str, value: Any) -> None:
    classes: list[object] = [*value] if isinstance(value, tuple) else [value]
    for item in classes:
        if not (isinstance(item, type) and issubclass(item, Exception)):
            raise TypeError(
                f"{name}={value!r} must be an exception class or a tuple of them, "
                f"such as {name}=(OSError, TimeoutError)"
            )
