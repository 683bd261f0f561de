"""What a worker owes its store: a word on each claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
from postlude._report import logger
from postlude.errors import EngineUnavailable

if TYPE_CHECKING:
    from collections.abc import Collection

    from postlude._outcome import Outcome
    from postlude._redelivery import Again
    from postlude.protocols import Claim, Store

# Seconds until a store that does not answer is asked again.
PATIENCE = 1.0


class Settlement:
    """Tells a store what became of claims, as many at a time as have gathered."""

    def __init__(self, store: Store) -> None:
        """Begin without claims."""
        self._store = store
        self._held: dict[str, Claim] = {}
        self._results: dict[str, tuple[Claim, Outcome | Again]] = {}
        self._back: dict[str, Claim] = {}
        self._news = anyio.Event()
        self._line = anyio.Lock()

    def open(self, claim: Claim) -> None:
        """Owe a word on a claim."""
        self._held[claim.token] = claim

    def note(self, claim: Claim, verdict: Outcome | Again) -> None:
        """The word is what became of it."""
        if claim.token in self._held:
            self._results[claim.token] = (claim, verdict)
            self._news.set()

    def give_back(self, claim: Claim) -> None:
        """The word is that it was not done."""
        if claim.token in self._held:
            self._back[claim.token] = claim
            self._news.set()

    def lose(self, claim: Claim) -> None:
        """Owe nothing: another worker may have it."""
        for owed in (self._held, self._results, self._back):
            owed.pop(claim.token, None)

    def claims(self) -> Collection[Claim]:
        """Those that the store has not heard of; in any thread."""
        return list(self._held.values())

    async def run(self) -> None:
        """Tell the store for ever."""
        while True:
            await self._news.wait()
            self._news = anyio.Event()
            told = False
            with anyio.CancelScope(shield=True):  # or nobody would know what was noted
                told = await self.tell()
            if not told:
                self._news.set()
                await anyio.sleep(PATIENCE)

    async def tell(self) -> bool:
        """Tell the store what has gathered, and say whether it could be told."""
        async with self._line:
            return await self._tell()

    async def _tell(self) -> bool:
        results, back = list(self._results.values()), list(self._back.values())
        try:
            if results:
                lost = await self._store.settle(results)
                self._close([claim for claim, _ in results])
                for claim in lost:
                    _warn(claim)
            if back:
                await self._store.release(back)
                self._close(back)
        except EngineUnavailable as error:
            logger.warning("a store cannot be told what became of its tasks: %s", error)
            return False
        return True

    def _close(self, claims: list[Claim]) -> None:
        for claim in claims:
            self.lose(claim)


def _warn(claim: Claim) -> None:
    logger.warning(
        "task %r (id %s) was done, but its lease was over: it may have run elsewhere as well",
        claim.message.name,
        claim.message.id,
    )
