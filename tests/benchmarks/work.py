"""What the tasks of served applications do, and under which path."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

FOREVER = threading.Event()


async def nothing_async() -> None:
    """Nothing."""


def nothing() -> None:
    """Nothing."""


def wait(seconds: float) -> None:
    """Hold a thread."""
    time.sleep(seconds)


WORK: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "async": (nothing_async, ()),
    "def": (nothing, ()),
    "slow": (wait, (0.2,)),
    "pending": (wait, (0.1,)),
    "forever": (FOREVER.wait, ()),
}
