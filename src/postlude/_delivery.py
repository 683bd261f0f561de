"""One attempt at a message, on the side of a worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from postlude._redelivery import Redelivery

if TYPE_CHECKING:
    from postlude._message import Message
    from postlude._outcome import Outcome
    from postlude._redelivery import Again


class Delivery(Redelivery):
    """The next attempt at a message.

    It logs, retries by the task's policy and tells observers as any execution does; the wait
    between two attempts is the engine's.

    Example:
        ```python
        import asyncio

        from postlude import BackgroundTask, Delivery, Message, task


        @task(name="numbers.double")
        async def double(number: int) -> int:
            return 2 * number


        text = Message.of(BackgroundTask(double, 21)).encode()  # what a broker hands on
        outcome = asyncio.run(Delivery(Message.decode(text)).make())
        print(type(outcome).__name__, outcome.value)
        ```

        ```text title="Output"
        Succeeded 42
        ```
    """

    def __init__(self, message: Message, *, failures: int = 0) -> None:
        """Prepare; nothing runs before `make`.

        Args:
            message: The task.
            failures: How many attempts there have been before, all of which failed.

        Raises:
            MessageRefused: The message names no function of this process, or does not fit it.
        """
        super().__init__(message.call())
        self.take_up(failures)

    async def make(self) -> Outcome | Again:
        """Call the function once, and say what is to become of the task."""
        await self.attempt()
        return self.verdict()
