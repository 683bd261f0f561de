"""The heartbeat of a worker: its claims stay its own as long as its process lives."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import anyio
from postlude._report import logger
from postlude.errors import EngineUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from postlude.protocols import Claim, Store


# Whatever loop the server has: rloop's, made in a thread, takes the signals of the main one away.
_PLAIN = {"loop_factory": asyncio.SelectorEventLoop}


class Heart:
    """Renews claims three times in each lease.

    In a thread, so that a task which blocks the event loop does not lose its claim, and runs in
    two places.
    """

    def __init__(
        self,
        store: Store,
        claims: Callable[[], Collection[Claim]],
        tell_lost: Callable[[Claim], None],
    ) -> None:
        """Begin.

        Args:
            store: The store.
            claims: Those that are held now; called in the thread.
            tell_lost: Told of each that another worker may have now; called in the thread.
        """
        self._store = store
        self._claims = claims
        self._tell_lost = tell_lost
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="postlude heart", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End, after the beat that is under way."""
        self._end.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._end.wait(min(self._store.lease / 3, threading.TIMEOUT_MAX)):
            claims = self._claims()
            if not claims:
                continue
            try:
                lost = anyio.run(self._store.renew, claims, backend_options=_PLAIN)
            except EngineUnavailable as error:
                logger.warning("claims could not be renewed, and end if that goes on: %s", error)
            else:
                for claim in lost:
                    self._tell_lost(claim)
