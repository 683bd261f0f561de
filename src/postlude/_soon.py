"""A way back to the event loop, from another thread or a signal handler."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def caller_of_this_loop() -> Callable[[Callable[[], object]], object]:
    """A function that has others called on the event loop of now, soon, without waiting."""
    trio = sys.modules.get("trio")
    if trio is not None:
        try:
            token = trio.lowlevel.current_trio_token()
        except RuntimeError:  # imported, but not what runs here
            pass
        else:
            return lambda function: token.run_sync_soon(function)
    return asyncio.get_running_loop().call_soon_threadsafe
