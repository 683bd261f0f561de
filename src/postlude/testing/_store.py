"""Whether a store of one's own keeps what workers and callers rely on."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from postlude._options import checked_seconds
from postlude.testing._findings import StoreBroken, StoreReport
from postlude.testing._store_promises import STORE_PROMISES, Counter
from postlude.testing._talk import Broken

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import timedelta

    from postlude.protocols import Store


async def check_store(
    make_store: Callable[[], Store],
    /,
    *,
    without: Collection[str] = (),
    patience: float | timedelta = 10.0,
) -> StoreReport:
    """Ask a store whether it keeps what workers and callers rely on.

    Each promise is asked about in a queue of its own:

    - `message`: a worker gets the very message that was put.
    - `once`: a task that is put again while its id is known is there once.
    - `order`: the highest priority comes first, then the oldest.
    - `types`: a worker gets tasks of its queue and its types only.
    - `delay`: a task is not given before it is due, and then it is.
    - `one-worker`: no task is in two hands at one time.
    - `lease`: a claim that nobody renews is another's to take, which counts as a crash and not as
      a failure; what the earlier claim says is refused.
    - `renewal`: a claim that is renewed is kept.
    - `crashes`: a task that takes its workers with it has failed in the end.
    - `begin`: a suspect that was lost before it began counts for no further crash.
    - `again`: an attempt that failed is followed by another one, when that is due.
    - `success`: a task that succeeded is over, and its result is kept if it is JSON.
    - `failure`: so is one that failed, ran out of time or was cancelled, and it says why.
    - `release`: a task that was given back waits again, and nothing is counted.
    - `cancel`: a task that waits can be cancelled, and one that runs cannot.
    - `status`: a task's state follows it, and an id that nobody knows is `unknown`.
    - `wait`: who waits hears of a task, and otherwise when patience ends.
    - `reopen`: what was stored is there when the store was closed and is opened again.

    Args:
        make_store: Gives a store that is not open yet, each time on the same tasks, as several
            processes would have it. The check waits for several leases: make them short, such as
            `lease=0.5`. A store that is an asynchronous context manager is opened and closed.
        without: The names of promises not to look at; the report lists them.
        patience: How long to wait for a task, in seconds or as a `timedelta`.

    Returns:
        What was found: all promises were kept.

    Raises:
        StoreBroken: One was not. All others have been looked at as well.
        TypeError: `make_store` is no function, `without` is a text, or `patience` no number.
        ValueError: A name is unknown or all are left out, or `patience` is not more than 0.

    Example:
        ```python
        import asyncio

        from postlude import SQLiteStore
        from postlude.testing import check_store


        def make_store() -> SQLiteStore:
            return SQLiteStore("tasks.db", lease=0.5)


        print(asyncio.run(check_store(make_store, without=["crashes"])))
        ```

        ```text title="Output"
        kept: message, once, order, types, delay, one-worker, lease, renewal, begin, ...
        not looked at: crashes
        ```
    """
    if not callable(make_store):
        raise TypeError(
            f"check_store({make_store!r}) takes a function that makes a store, such as "
            "check_store(lambda: SQLiteStore('tasks.db', lease=0.5))"
        )
    names = _checked_names(without)
    seconds = checked_seconds("patience", patience, without="for 10 seconds")
    broken: dict[str, str] = {}
    for name in names:
        try:
            async with AsyncExitStack() as stack:
                await STORE_PROMISES[name](Counter(make_store, stack, patience=seconds))
        except Broken as error:
            broken[name] = str(error)
        except Exception as error:
            broken[name] = f"{type(error).__name__}: {error}"
    report = StoreReport(
        tuple(name for name in names if name not in broken),
        broken,
        tuple(name for name in STORE_PROMISES if name not in names),
    )
    if broken:
        raise StoreBroken(report)
    return report


def _checked_names(without: Collection[str]) -> list[str]:
    if isinstance(without, str):
        raise TypeError(f"without={without!r} takes several names: write without=[{without!r}]")
    unknown = [name for name in without if name not in STORE_PROMISES]
    if unknown:
        raise ValueError(f"without={unknown[0]!r} is none of {', '.join(STORE_PROMISES)}")
    names = [name for name in STORE_PROMISES if name not in without]
    if not names:
        raise ValueError("nothing is left to check: without= names every promise")
    return names
