"""What others implement: where tasks go that leave the process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from postlude._message import Message
    from postlude._outcome import Outcome
    from postlude._redelivery import Again
    from postlude._status import TaskState


@runtime_checkable
class Engine(Protocol):
    """Takes tasks, and has them run elsewhere.

    `BackgroundTask(...).with_options(engine=engine)` sends one task, `TaskRunner(engine=engine)`
    each whose function is marked with `@task`.

    Example:
        ```python
        import asyncio

        from postlude import BackgroundTask, Engine, Message, TaskState, TaskStatus, task


        class Paper(Engine):  # an engine that writes down what is to be done
            name = "paper"

            async def submit(self, message: Message) -> str:
                print("to do:", message.task, *message.args)
                return message.id

            async def status(self, task_id: str) -> TaskState:
                return TaskState(task_id=task_id, status=TaskStatus.PENDING)

            async def cancel(self, task_id: str) -> bool:
                return False


        @task(name="garden.water")
        def water(plant: str) -> None:
            print("watering", plant)


        asyncio.run(BackgroundTask(water, "roses").with_options(engine=Paper()).submit())
        ```

        ```text title="Output"
        to do: garden.water roses
        ```
    """

    @property
    def name(self) -> str:
        """What to call it in messages, such as `celery`."""
        ...

    async def submit(self, message: Message) -> str:
        """Store a task; once it returns, the task is safe.

        Args:
            message: The task. Its delay, queue and priority are for the engine to heed.

        Returns:
            The id to ask for: `message.id`.

        Raises:
            EngineUnavailable: It could not be stored, within a bounded time.
            NotDispatchable: The engine cannot do what the message asks for.
        """
        ...

    async def status(self, task_id: str) -> TaskState:
        """How a task stands; `unknown` for an id that nobody knows.

        Raises:
            EngineUnavailable: The engine does not answer, within a bounded time.
        """
        ...

    async def cancel(self, task_id: str) -> bool:
        """End a task that has not begun.

        Returns:
            Whether it will not run; `False` if it runs, has ended or is not known.

        Raises:
            EngineUnavailable: The engine does not answer, within a bounded time.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A task in the hands of one worker, as long as its lease lasts.

    Attributes:
        message: The task.
        failures: How many of its attempts have failed so far.
        crashes: How many workers were lost while they had it.
        token: Of this claim alone: a store refuses what an earlier one says.

    Example:
        ```python
        import asyncio

        from postlude import BackgroundTask, SQLiteStore, task


        @task(name="emails.welcome")
        def send_welcome(to: str) -> None:
            print("sent to", to)


        async def main() -> None:
            async with SQLiteStore("tasks.db") as store:
                task = BackgroundTask(send_welcome, "ada@example.com")
                await task.with_options(engine=store).submit()
                [claim] = await store.claim(worker="worker-1", queue="default")
                print(claim.message.task, claim.message.args, claim.failures, claim.crashes)
                await store.release([claim])


        asyncio.run(main())
        ```

        ```text title="Output"
        emails.welcome ('ada@example.com',) 0 0
        ```
    """

    message: Message
    failures: int
    crashes: int
    token: str


@runtime_checkable
class Store(Engine, Protocol):
    """An engine whose tasks `Worker`s of ours run: `TaskQueue(store=...)`.

    What was claimed and neither settled nor released when its lease ends is another worker's to
    claim: so a task whose worker is lost runs again. That counts as a crash. A task with crashes is
    a suspect, which its worker runs alone, and of which it says when that begins: one that was lost
    before was not to blame, and no further crash is counted.

    Example:
        ```python
        from postlude import SQLiteStore, Store

        print(isinstance(SQLiteStore("tasks.db"), Store))
        ```

        ```text title="Output"
        True
        ```

        What a worker says to it, here of two tasks, of which it has time for one:

        ```python
        import asyncio

        from postlude import Message, SQLiteStore, Store, Succeeded


        async def work(store: Store) -> None:
            await store.wait(queue="mail", patience=5)
            claims = await store.claim(worker="w1", queue="mail", limit=2)
            print(len(claims), "are mine for", store.lease, "s;", await waiting(store))
            print("lost while I kept them:", await store.renew(claims))

            ada, bob = claims
            print("lost before it ran:", await store.begin([ada]))  # only suspects need this
            outcome = Succeeded(
                value="sent", task_id="to-ada", name="mail", attempts=1, duration=0.1
            )
            print("lost before its end was noted:", await store.settle([(ada, outcome)]))
            await store.release([bob])


        async def waiting(store: Store) -> str:
            return f"{await store.count(queue='mail')} waiting"


        async def main() -> None:
            async with SQLiteStore("tasks.db") as store:
                for to in ("ada", "bob"):
                    await store.submit(
                        Message("mail.send", (to,), id=f"to-{to}", name="mail", queue="mail")
                    )
                print(await waiting(store))
                await work(store)
                for to in ("ada", "bob"):
                    print(to, (await store.status(f"to-{to}")).status)
                print(await waiting(store))


        asyncio.run(main())
        ```

        ```text title="Output"
        2 waiting
        2 are mine for 30.0 s; 0 waiting
        lost while I kept them: []
        lost before it ran: []
        lost before its end was noted: []
        ada succeeded
        bob pending
        1 waiting
        ```
    """

    @property
    def lease(self) -> float:
        """Seconds after which a claim that nobody renews is another worker's to take."""
        ...

    async def claim(
        self, *, worker: str, queue: str, types: Collection[str] | None = None, limit: int = 1
    ) -> Sequence[Claim]:
        """Take up to `limit` tasks that are due: the highest priority first, then the oldest.

        Args:
            worker: Who takes them, for lists.
            queue: The queue to look in.
            types: The names of tasks to take; by default all.
            limit: How many at most.
        """
        ...

    async def renew(self, claims: Collection[Claim]) -> Collection[Claim]:
        """Begin the lease of claims anew.

        Returns:
            Those that are lost: the lease had ended, and another worker may have the task.
        """
        ...

    async def begin(self, claims: Collection[Claim]) -> Collection[Claim]:
        """Note that suspects run from now on, and begin their lease anew.

        Returns:
            Those that are lost, and must not run.
        """
        ...

    async def settle(self, results: Sequence[tuple[Claim, Outcome | Again]]) -> Collection[Claim]:
        """Note what became of attempts, all at once.

        Returns:
            The claims that were lost, of which nothing was noted.
        """
        ...

    async def release(self, claims: Collection[Claim]) -> None:
        """Give tasks back that were not done: they wait again, and that counts for nothing."""
        ...

    async def wait(
        self, *, queue: str, types: Collection[str] | None = None, patience: float
    ) -> None:
        """Return when there may be something to claim, or so many seconds have passed."""
        ...

    async def count(self, *, queue: str) -> int:
        """How many tasks wait in a queue, those that are not due yet included."""
        ...


def checked_store(value: object) -> Store:
    """The value, if tasks can be kept there and claimed.

    Raises:
        TypeError: It is no store.
    """
    needed = ("submit", "claim", "begin", "settle")
    if isinstance(value, type):
        got = f"the class {value.__name__}"
    elif all(callable(getattr(value, method, None)) for method in needed):
        return cast("Store", value)
    else:
        got = f"an object of type {type(value).__name__!r}"
    raise TypeError(f"store= needs a store, got {got}: write store=SQLiteStore('tasks.db')")
