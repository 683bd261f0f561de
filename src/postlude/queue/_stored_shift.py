"""One run of a worker that serves a store."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, cast

import anyio
from postlude._outcome import Cancelled, Failed
from postlude._report import logger
from postlude._waiter import Waiter
from postlude.errors import EngineUnavailable, MessageRefused
from postlude.queue._heart import Heart
from postlude.queue._settlement import PATIENCE, Settlement
from postlude.queue._shift import Shift
from postlude.queue._stored_item import StoredItem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from postlude.protocols import Claim, Store
    from postlude.queue._item import Item
    from postlude.queue._queue import TaskQueue
    from postlude.queue._rate import Rate

# A worker claims as many tasks ahead as it gets through in so many seconds: short tasks share a
# commit, and a long one keeps none that another worker could begin.
AHEAD = 0.05
MOST_AHEAD = 256
_LOST = "its lease was over, and another worker may have it"
# Seconds that a worker which ends may take to tell its store.
GRACE = 5.0


class StoredShift(Shift):
    """Claims tasks from a store and runs them, and tells the store what became of each."""

    def __init__(
        self,
        queue: TaskQueue,
        name: str,
        *,
        kinds: frozenset[str] | None,
        slots: int,
        rate: Rate | None,
        store: Store,
    ) -> None:
        """Begin, as far as the queue can see; nothing is claimed before `run`."""
        super().__init__(queue, name, kinds=kinds, slots=slots, rate=rate)
        self._store = store
        self._settlement = Settlement(store)
        self._fetched: deque[StoredItem] = deque()
        self._at_hand: dict[str, StoredItem] = {}
        # One that was in a worker that was lost: it runs alone, so that it takes nothing along.
        self._suspect: StoredItem | None = None
        self._alone: StoredItem | None = None
        self._is_clear = False
        self._pace = 0.0
        self._is_dry = False
        self._wants = anyio.Event()
        self._asking = anyio.CancelScope()

    async def run(self) -> None:
        """Serve until the queue is closed and nothing is due in it for this worker."""
        heart = Heart(self._store, self._settlement.claims, self._tell_lost)
        self._queue.debtors.append(self._settlement)
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(self._settlement.run)
                group.start_soon(self._feed)
                await super().run()
                group.cancel_scope.cancel()
        finally:
            with anyio.move_on_after(GRACE, shield=True):
                self._return_fetched()
                await self._settlement.tell()
            self._queue.debtors.remove(self._settlement)
            heart.stop()

    def stop(self) -> None:
        """Claim no more, and give back what has not begun."""
        super().stop()
        self._return_fetched()
        self.look()

    def look(self) -> None:
        """See whether it is over; from any thread."""
        super().look()
        self._call_here(self._asking.cancel)
        self._want()

    def _is_over(self) -> bool:
        is_all = self._is_stopped or (self._is_dry and not self._queue.is_open)
        return is_all and not (self._held or self._fetched or self._suspect)

    def _take(self) -> Item | None:
        if self._fetched:
            item: StoredItem | None = self._fetched.popleft()
        else:
            item = self._take_suspect()
        if len(self._fetched) <= self._ahead() // 2:
            self._want()
        return item

    def _take_suspect(self) -> StoredItem | None:
        if not self._is_clear:
            return None
        self._alone, self._suspect, self._is_clear = self._suspect, None, False
        return self._alone

    async def _rest(self, delay: float) -> None:
        waiter = Waiter(self._loop)
        self._paused.append(waiter)
        if delay:
            self._set_timer(delay)
        await waiter.wait()

    def _cancel(self, item: Item, reason: str) -> None:
        if item in self._fetched or item is self._suspect:
            if item is self._suspect:
                self._suspect, self._is_clear = None, False
            else:
                self._fetched.remove(cast("StoredItem", item))
            item.cancel(reason)
            self._end(item)
        else:
            super()._cancel(item, reason)

    def _keep(self, item: Item) -> None:
        stored = self._done(item)
        self._queue.let_go(item)
        self._settlement.note(stored.claim, stored.verdict())

    def _end(self, item: Item) -> None:
        stored = self._done(item)
        super()._end(item)
        verdict = stored.verdict()
        if stored.is_fatal:
            # Its lease ends, and that counts as a crash: or it would end each worker for ever.
            self._settlement.lose(stored.claim)
        elif isinstance(verdict, Cancelled):
            # Nobody but this process was to end: it runs elsewhere.
            self._settlement.give_back(stored.claim)
        else:
            self._settlement.note(stored.claim, verdict)
            duration = getattr(verdict, "duration", 0.0)
            self._pace += (duration - self._pace) / 8 if self._pace else duration

    def _done(self, item: Item) -> StoredItem:
        stored = cast("StoredItem", item)
        self._at_hand.pop(stored.claim.token, None)
        if stored is self._alone:
            self._alone = None
        self._want()
        return stored

    async def _feed(self) -> None:
        while not self._is_stopped:
            self._wants = anyio.Event()
            wanted = self._slots - self._held + self._ahead() - len(self._fetched)
            if self._suspect is not None and not self._is_clear:
                await self._clear()
                continue
            if wanted < 1 or self._suspect is not None or self._alone is not None:
                await self._wants.wait()
                continue
            with anyio.CancelScope() as self._asking:
                await self._fetch(wanted)
            if self._is_dry and not self._queue.is_open:
                self._wake_paused()
                return

    async def _clear(self) -> None:
        """Have nothing at hand but a suspect, or not for long, and the store know all else."""
        with anyio.move_on_after(self._store.lease):
            while self._suspect is not None and (self._held or self._fetched):
                await self._wants.wait()
                self._wants = anyio.Event()
        told = False
        with anyio.CancelScope(shield=True):
            told = await self._settlement.tell() and await self._begin_suspect()
        if not told:
            await anyio.sleep(PATIENCE)
        elif self._suspect is not None:
            self._is_clear = True
            self._wake_paused()

    async def _begin_suspect(self) -> bool:
        """Tell the store that the suspect runs from now on; says whether it could be told."""
        if self._suspect is None:
            return True
        try:
            lost = await self._store.begin([self._suspect.claim])
        except EngineUnavailable as error:
            logger.warning("a store cannot be told what runs: %s", error)
            return False
        for claim in lost:
            self._lose(claim)
        return True

    async def _fetch(self, wanted: int) -> None:
        claims: Sequence[Claim] = ()
        try:
            # Shielded: a claim that was made must not be forgotten.
            with anyio.CancelScope(shield=True):
                claims = await self._store.claim(
                    worker=self.name, queue=self._queue.name, types=self.kinds, limit=wanted
                )
        except EngineUnavailable as error:
            logger.warning("worker %r cannot claim tasks: %s", self.name, error)
            await anyio.sleep(PATIENCE)
            return
        self._is_dry = not claims
        for claim in claims:
            self._settlement.open(claim)
            if claim.crashes and self._suspect is not None:
                self._settlement.give_back(claim)
            else:
                self._receive(claim)
        if claims:
            self._wake_paused()
        elif self._queue.is_open:
            await self._store.wait(queue=self._queue.name, types=self.kinds, patience=PATIENCE)

    def _receive(self, claim: Claim) -> None:
        try:
            item = StoredItem(claim, self._queue)
        except MessageRefused as error:
            logger.error("worker %r was sent what it cannot run: %s", self.name, error)
            self._settlement.note(claim, _refused(claim, error))
            return
        item.holder = self
        self._at_hand[claim.token] = item
        self._queue.hold(item)
        if claim.crashes:
            self._suspect = item
        else:
            self._fetched.append(item)

    def _return_fetched(self) -> None:
        if self._suspect is not None:
            self._fetched.append(self._suspect)
            self._suspect, self._is_clear = None, False
        while self._fetched:
            item = self._done(self._fetched.popleft())
            self._queue.let_go(item)
            self._settlement.give_back(item.claim)

    def _ahead(self) -> int:
        return min(MOST_AHEAD, int(AHEAD * self._slots / self._pace)) if self._pace else 0

    def _want(self) -> None:
        self._call_here(self._wants.set)

    def _tell_lost(self, claim: Claim) -> None:
        self._call_here(lambda: self._lose(claim))

    def _lose(self, claim: Claim) -> None:
        self._settlement.lose(claim)
        item = self._at_hand.get(claim.token)
        if item is not None:
            item.report_loss(_LOST)
            self._cancel(item, _LOST)


def _refused(claim: Claim, error: MessageRefused) -> Failed:
    message = claim.message
    return Failed(error=error, task_id=message.id, name=message.name, attempts=0, duration=0.0)
