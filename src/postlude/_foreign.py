"""One attempt in the worker of an engine that calls plain functions, such as Celery and RQ."""

from __future__ import annotations

import concurrent.futures
import inspect
import json
import logging
from typing import TYPE_CHECKING, Any

from postlude._delivery import Delivery
from postlude._execution import DeadlinePassed
from postlude._message import Message, is_text
from postlude._portal import portal
from postlude.errors import MessageRefused, NotDispatchable

if TYPE_CHECKING:
    from postlude._outcome import Outcome
    from postlude._redelivery import Again

logger = logging.getLogger("postlude")
# Seconds that an event loop has to end an attempt itself, after the engine has lost its patience.
_GRACE = 1.0
_CENTURY = 36_525 * 86_400.0


class Deadlines:
    """The errors by which an engine tells a function that its time is over.

    They come in the thread that the engine calls, whatever runs there at that moment.
    """

    def __init__(self, *errors: type[Exception]) -> None:
        """Name them."""
        self.errors = errors

    def attempt(self, message: Message, *, failures: int) -> Outcome | Again:
        """Make the next attempt: a `def` here, an `async def` on the event loop of the process.

        Raises:
            MessageRefused: The message names no function of this process, or does not fit it.
        """
        delivery = Delivery(message, failures=failures)
        try:
            if delivery.call.is_async:
                self._attempt_there(delivery)
            else:
                self._attempt_here(delivery)
        except self.errors as error:  # a moment too late, in what follows the function
            if not (delivery.is_over or delivery.again):
                delivery.settle(_as_deadline(error, delivery))
        return delivery.verdict()

    def _attempt_here(self, delivery: Delivery) -> None:
        call = delivery.call
        delivery.begin()
        try:
            value = delivery.context().run(call.func, *call.args, **call.keywords)
            if inspect.isawaitable(value):  # a `def` that gives what an `async def` does
                value = _wait_there(value)
        except self.errors as error:
            delivery.settle(_as_deadline(error, delivery))
        except Exception as error:
            delivery.settle(error)
        except BaseException as error:
            delivery.interrupted(error)
            raise
        else:
            delivery.succeed(value)

    def _attempt_there(self, delivery: Delivery) -> None:
        future = portal.start(_made, delivery)
        try:
            future.result()
        except self.errors as error:
            concurrent.futures.wait([future], _GRACE)
            if not future.done():
                portal.give_up()
                delivery.settle(_as_deadline(error, delivery))


async def _made(delivery: Delivery) -> None:
    try:
        await delivery.make()
    except (SystemExit, KeyboardInterrupt):  # or the event loop ended, for all tasks to come
        return


def _wait_there(value: Any) -> Any:
    future = portal.start(_awaited, value)
    try:
        return future.result()
    except BaseException:
        future.cancel()  # if the error came from here
        raise


async def _awaited(value: Any) -> Any:
    return await value


def _as_deadline(error: Exception, delivery: Delivery) -> Exception:
    limit = delivery.call.options.timeout
    if limit is None:  # the engine's own, of which the task knows nothing
        return error
    return DeadlinePassed(f"its limit is {limit:g} s per attempt")


def read(text: object) -> Message:
    """The message that an engine's worker was given.

    Raises:
        MessageRefused: It is none.
    """
    if not isinstance(text, str):
        raise MessageRefused(f"a message of type {type(text).__name__!r}: it is to be text")
    return Message.decode(text)


def plain(value: object, message: Message) -> Any:
    """What a function returned, as JSON has it; `None`, with a warning, for what JSON lacks."""
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        logger.warning(
            "task %r (id %s) returned a %s, of which JSON keeps nothing: its result is None (%s)",
            message.name,
            message.id,
            type(value).__name__,
            error,
        )
        return None
    return value


def in_words(error: BaseException) -> str:
    """An error in one line, as it is kept with its task."""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # one that cannot say itself
        return type(error).__name__


def refuse(error: MessageRefused, engine: str, task_id: str) -> None:
    """Log that a worker was sent something that is no task of its own."""
    logger.error("%s sent %s, which is refused: %s", engine, task_id, error)


def can_be_known(task_id: object) -> bool:
    """Whether a broker may have a task of that id: none has one without text, or half characters.

    Raises:
        TypeError: It is no string.
    """
    if not isinstance(task_id, str):
        raise TypeError(f"task_id={task_id!r} must be a string")
    return bool(task_id) and is_text(task_id)


def check_spans(message: Message) -> None:
    """Refuse times that no calendar of an engine has.

    Raises:
        NotDispatchable: One of them is longer than a century.
    """
    for name, seconds in (("delay", message.delay), ("timeout", message.timeout)):
        if seconds is not None and seconds > _CENTURY:
            raise NotDispatchable(
                f"task {message.name!r} has {name}={seconds:g} s, which is longer than a century"
            )


def checked_crashes(number: object) -> int:
    """How many workers a task may cost.

    Raises:
        TypeError: It is no whole number.
        ValueError: It is less than 1.
    """
    if type(number) is not int:
        raise TypeError(f"max_crashes={number!r} must be a whole number")
    if number < 1:
        raise ValueError(f"max_crashes={number} must be 1 or more")
    return number
