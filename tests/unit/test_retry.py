"""RetryPolicy decides when a task is tried again."""

from __future__ import annotations

import inspect
import itertools
import math
import random
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from postlude import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from postlude._clock import VirtualClock

seconds = st.floats(min_value=0, max_value=1e6)


@st.composite
def policies(draw: st.DrawFn) -> RetryPolicy:
    low, high = sorted((draw(seconds), draw(seconds)))
    return RetryPolicy(
        draw(st.integers(0, 2000)),
        low,
        high,
        draw(st.booleans()),
        backoff_factor=draw(st.floats(1, 100)),
        jitter=draw(st.floats(0, 1)),
    )


@given(policies())
def test_there_are_exactly_as_many_delays_as_retries(policy: RetryPolicy) -> None:
    delays = [policy.delay_for(attempt) for attempt in range(1, policy.max_retries + 3)]
    assert [delay is None for delay in delays] == [False] * policy.max_retries + [True, True]


@given(policies())
def test_delays_never_shrink_and_stay_between_the_bounds(policy: RetryPolicy) -> None:
    delays = [policy.delay_for(attempt) or 0.0 for attempt in range(1, policy.max_retries + 1)]
    assert delays == sorted(delays)
    assert all(policy.initial_delay <= delay <= policy.max_delay for delay in delays)


@given(policies(), seconds)
def test_jitter_moves_a_delay_by_its_share_at_most(policy: RetryPolicy, delay: float) -> None:
    spread = policy.spread(delay)
    assert 0 <= spread <= policy.max_delay
    assert spread <= delay * (1 + policy.jitter) * 1.000001
    assert spread >= min(delay * (1 - policy.jitter), policy.max_delay) * 0.999999


def test_jitter_falls_evenly_on_both_sides() -> None:
    policy = RetryPolicy(max_delay=1000.0, jitter=0.5)
    random.seed(1)
    delays = sorted(policy.spread(100.0) for _ in range(2000))
    quarters = [delays[0], delays[500], delays[1000], delays[1500], delays[-1]]
    assert quarters == pytest.approx([50, 75, 100, 125, 150], abs=4)


@given(policies(), st.integers(1, 5000))
def test_the_same_question_gets_the_same_answer(policy: RetryPolicy, attempt: int) -> None:
    assert policy.delay_for(attempt) == policy.delay_for(attempt)


def test_delays_double_by_default() -> None:
    assert [RetryPolicy(max_retries=3).delay_for(n) for n in (1, 2, 3, 4)] == [1.0, 2.0, 4.0, None]


def test_delays_stay_the_same_without_backoff() -> None:
    policy = RetryPolicy(max_retries=3, initial_delay=2.0, exponential_backoff=False)
    assert [policy.delay_for(n) for n in (1, 2, 3)] == [2.0, 2.0, 2.0]


def test_delays_stop_growing_at_the_longest() -> None:
    policy = RetryPolicy(max_retries=5000, max_delay=5.0)
    assert (policy.delay_for(4), policy.delay_for(5000)) == (5.0, 5.0)


def test_a_delay_of_nothing_never_grows() -> None:
    policy = RetryPolicy(max_retries=5000, initial_delay=0.0)
    assert (policy.delay_for(4), policy.delay_for(5000)) == (0.0, 0.0)


def test_only_errors_worth_it_are_retried() -> None:
    policy = RetryPolicy(retry_on=(OSError, ValueError), give_up_on=FileNotFoundError)
    assert policy.delay_for(1, ConnectionError()) == 1.0
    assert policy.delay_for(1, ValueError()) == 1.0
    assert policy.delay_for(1, FileNotFoundError()) is None
    assert policy.delay_for(1, KeyError()) is None


def test_an_exit_is_never_retried() -> None:
    assert RetryPolicy().delay_for(1, SystemExit()) is None


def test_it_is_a_value() -> None:
    assert RetryPolicy(2) == RetryPolicy(max_retries=2)
    assert hash(RetryPolicy(2)) == hash(RetryPolicy(2))
    with pytest.raises(AttributeError):
        RetryPolicy().max_retries = 4  # type: ignore[misc]


SUCH_AS = "must be an exception class or a tuple of them, such as"


HUGE = 10**400


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"max_retries": -1}, ValueError, "max_retries=-1 must be 0 (never retry) or more"),
        ({"max_retries": True}, TypeError, "max_retries=True must be a whole number, such as 3"),
        ({"max_retries": 2.5}, TypeError, "max_retries=2.5 must be a whole number, such as 3"),
        ({"initial_delay": -1}, ValueError, "initial_delay=-1 must be finite, at least 0"),
        ({"initial_delay": "1"}, TypeError, "initial_delay='1' must be a number, such as 1.0"),
        (
            {"initial_delay": 61},
            ValueError,
            "initial_delay=61 is longer than max_delay=60.0: "
            "raise max_delay or lower initial_delay",
        ),
        ({"max_delay": math.inf}, ValueError, "max_delay=inf must be finite, at least 0"),
        ({"initial_delay": math.nan}, ValueError, "initial_delay=nan must be finite, at least 0"),
        ({"max_delay": HUGE}, ValueError, f"max_delay={HUGE} must be finite, at least 0"),
        ({"exponential_backoff": 1}, TypeError, "exponential_backoff=1 must be a bool"),
        ({"backoff_factor": "2"}, TypeError, "backoff_factor='2' must be a number, such as 2.0"),
        ({"backoff_factor": 0.5}, ValueError, "backoff_factor=0.5 must be finite, at least 1"),
        ({"jitter": 2}, ValueError, "jitter=2 must be finite, at least 0 and at most 1"),
        (
            {"retry_on": "OSError"},
            TypeError,
            f"retry_on='OSError' {SUCH_AS} retry_on=(OSError, TimeoutError)",
        ),
        (
            {"retry_on": BaseException},
            TypeError,
            f"retry_on=<class 'BaseException'> {SUCH_AS} retry_on=(OSError, TimeoutError)",
        ),
        (
            {"give_up_on": (1,)},
            TypeError,
            f"give_up_on=(1,) {SUCH_AS} give_up_on=(OSError, TimeoutError)",
        ),
    ],
)
def test_a_bad_setting_is_refused_with_its_value(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        RetryPolicy(**arguments)
    assert str(caught.value) == message


def test_attempts_are_counted_from_one() -> None:
    with pytest.raises(ValueError, match=r"^attempt=0 must be 1 or more: the first attempt is 1$"):
        RetryPolicy().delay_for(0)


def test_a_decorated_def_is_tried_again_and_keeps_its_name(clock: VirtualClock) -> None:
    calls: list[float] = []

    @RetryPolicy(max_retries=2, jitter=0.0)
    def flaky(limit: int) -> int:
        """Doc."""
        calls.append(clock.now())
        if len(calls) < limit:
            raise OSError
        return len(calls)

    assert flaky(3) == 3
    assert calls == [0.0, 1.0, 3.0]
    assert (flaky.__name__, flaky.__doc__) == ("flaky", "Doc.")


def test_a_decorated_def_raises_the_last_error_as_it_is(clock: VirtualClock) -> None:
    errors = [OSError("one"), OSError("two")]
    left = iter(errors)

    @RetryPolicy(max_retries=1)
    def broken() -> None:
        raise next(left)

    with pytest.raises(OSError, match="two") as caught:
        broken()
    assert caught.value is errors[1]
    assert 0.9 <= clock.now() <= 1.1


@pytest.mark.anyio
async def test_a_decorated_async_def_is_tried_again_and_stays_async() -> None:
    calls: list[str] = []

    @RetryPolicy(max_retries=2, initial_delay=0.0)
    async def flaky() -> int:
        calls.append("call")
        if len(calls) < 3:
            raise OSError
        return len(calls)

    assert inspect.iscoroutinefunction(flaky)
    assert await flaky() == 3


def test_something_else_cannot_be_decorated() -> None:
    with pytest.raises(TypeError) as caught:
        RetryPolicy()(3)  # type: ignore[arg-type]
    assert str(caught.value) == (
        "RetryPolicy decorates a function, got 'int': "
        "write @RetryPolicy(max_retries=2) above a def or an async def"
    )


def test_a_generator_function_is_not_decorated() -> None:
    def numbers() -> Iterator[int]:
        yield 1

    async def more() -> AsyncIterator[int]:
        yield 1

    for function in (numbers, more):
        with pytest.raises(TypeError, match=f"generator function '{function.__name__}': calling"):
            RetryPolicy()(function)


@pytest.mark.anyio
@pytest.mark.parametrize("is_async", [False, True])
async def test_a_decorated_function_waits_a_delay_that_is_spread(
    is_async: bool, clock: VirtualClock
) -> None:
    began: list[float] = []
    policy = RetryPolicy(max_retries=6, initial_delay=2.0, exponential_backoff=False, jitter=0.5)

    def fail() -> None:
        began.append(clock.now())
        raise ConnectionError

    async def fail_here() -> None:
        fail()

    async def call() -> None:
        with pytest.raises(ConnectionError):
            await policy(fail_here)()

    if is_async:
        async with anyio.create_task_group() as group:
            group.start_soon(call)
            await clock.advance(60)
    else:
        with pytest.raises(ConnectionError):
            policy(fail)()
    delays = [after - before for before, after in itertools.pairwise(began)]
    assert all(1.0 <= delay <= 3.0 for delay in delays)
    assert len(set(delays)) > 1
