"""Whatever the policy, its attempts and waits are those that it announces."""

from __future__ import annotations

import asyncio
import itertools
import logging
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from postlude import BackgroundTask, Failed, RetryPolicy, Succeeded
from postlude._clock import VirtualClock

if TYPE_CHECKING:
    from collections.abc import Callable

ERRORS = (Exception, OSError, ConnectionError, TimeoutError, ValueError, KeyError, LookupError)
kinds = st.sampled_from(ERRORS)
several = st.lists(kinds, max_size=3).map(tuple)


@st.composite
def short_policies(draw: st.DrawFn) -> RetryPolicy:
    low, high = sorted((draw(st.floats(0, 100)), draw(st.floats(0, 100))))
    return RetryPolicy(
        draw(st.integers(0, 6)),
        low,
        high,
        draw(st.booleans()),
        backoff_factor=draw(st.floats(1, 4)),
        jitter=0.0,
    )


def failing(times: int, errors: list[Exception]) -> Callable[[], int]:
    """A function that raises so many errors, keeps them, and then counts its calls."""
    calls = itertools.count(1)

    def attempt() -> int:
        call = next(calls)
        if call <= times:
            errors.append(OSError(f"attempt {call}"))
            raise errors[-1]
        return call

    return attempt


@given(short_policies(), st.integers(0, 8))
def test_a_decorated_def_waits_exactly_as_announced(policy: RetryPolicy, failures: int) -> None:
    errors: list[Exception] = []
    retries = min(failures, policy.max_retries)
    announced = sum(policy.delay_for(attempt) or 0.0 for attempt in range(1, retries + 1))
    with VirtualClock() as clock:
        begin = clock.now()
        retrying = policy(failing(failures, errors))
        if failures <= policy.max_retries:
            assert retrying() == failures + 1
        else:
            with pytest.raises(OSError, match="attempt") as caught:
                retrying()
            assert caught.value is errors[-1]
            assert len(errors) == policy.max_retries + 1
        assert clock.now() - begin == pytest.approx(announced)


@given(st.integers(0, 4), st.integers(0, 6))
def test_a_def_an_async_def_and_a_task_make_the_same_attempts(retries: int, failures: int) -> None:
    policy = RetryPolicy(retries, initial_delay=0.0)
    counts: list[int] = []

    errors: list[Exception] = []
    plain = policy(failing(failures, errors))
    counts.append(_attempts(plain, errors))

    errors = []
    attempt = failing(failures, errors)

    @policy
    async def decorated() -> int:
        return attempt()

    counts.append(_attempts(lambda: asyncio.run(decorated()), errors))

    async def as_task() -> int:
        return again()

    again = failing(failures, [])
    logging.getLogger("postlude").disabled = True
    try:
        task = BackgroundTask(as_task).with_options(retry_policy=policy)
        outcome = asyncio.run(task.run())
    finally:
        logging.getLogger("postlude").disabled = False
    assert isinstance(outcome, Succeeded if failures <= retries else Failed)
    counts.append(outcome.attempts)

    assert counts == [min(failures, retries) + 1] * 3


@given(kinds, several, several)
def test_an_error_is_worth_it_if_it_is_named_and_not_excepted(
    kind: type[Exception],
    retry_on: tuple[type[Exception], ...],
    give_up_on: tuple[type[Exception], ...],
) -> None:
    policy = RetryPolicy(retry_on=retry_on, give_up_on=give_up_on)
    worth_it = any(issubclass(kind, each) for each in retry_on) and not any(
        issubclass(kind, each) for each in give_up_on
    )
    assert (policy.delay_for(1, kind()) is not None) == worth_it


@given(short_policies(), st.integers(1, 10))
def test_no_error_given_is_an_error_worth_it(policy: RetryPolicy, attempt: int) -> None:
    assert policy.delay_for(attempt) == policy.delay_for(attempt, OSError())


@pytest.mark.anyio
async def test_a_cancellation_is_never_retried() -> None:
    calls: list[str] = []

    @RetryPolicy(max_retries=3, initial_delay=0.0)
    async def cancelled() -> None:
        calls.append("call")
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await cancelled()
    assert calls == ["call"]


def _attempts(func: Callable[[], int], errors: list[Exception]) -> int:
    try:
        return func()
    except OSError:
        return len(errors)
