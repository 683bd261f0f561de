"""A task that is due again and again in several processes, and fires in one of them."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from postlude._call import Call
from postlude._dispatch import dispatch
from postlude._message import Message
from postlude._options import Options
from postlude._report import logger
from postlude._status import TaskStatus
from postlude.scheduler._recurring import Recurring
from postlude.scheduler._trigger import latest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, tzinfo

    from postlude._pool import Pool
    from postlude.protocols import Store
    from postlude.scheduler._plan import Plan

_UNDER_WAY = {TaskStatus.PENDING, TaskStatus.RUNNING, TaskStatus.RETRYING}
_INSTANT = timedelta(microseconds=1)
_YEAR = timedelta(days=366)
# So many moments a new process looks back for one that still runs.
_BACK = 60


class Shared(Recurring):
    """Puts a call into a store whenever it is due.

    The id is made of the call and the moment it is due, and a store takes an id once: so it does
    not matter how many processes put it.
    """

    # What only this process has measured would bring it to other moments than the others.
    _follows_wall = True

    def __init__(self, call: Call, plan: Plan, pool: Pool, zone: tzinfo, store: Store) -> None:
        """Prepare; nothing is due before `begin`.

        Raises:
            NotDispatchable: It cannot leave the process.
        """
        super().__init__(call, plan, pool, zone)
        self._store = store
        self._key = _key_of(call)
        self._known: datetime | None = None
        self._looked: datetime | None = None
        self._is_behind = False

    def _first_after(self, now: datetime) -> datetime:
        # Also what was due before this process was there, and by its jitter is still to come.
        nominal = self._trigger.next_after(now - self._plan.jitter)
        while self._due_of(nominal) <= now:
            nominal = self._trigger.next_after(nominal)
        return nominal

    def _luck(self, nominal: datetime) -> float:
        return random.Random(self._id_of(nominal)).random()

    def _local_call(self) -> Call:
        local = Call(self._put, self._moment)
        local.context = self._call.context
        local.options = Options(name=f"{self.name} to {self._store.name}", is_async=True)
        return local

    async def _put(self, moment: datetime) -> None:
        if self._plan.overlap == "skip":
            was_behind, self._is_behind = self._is_behind, await self._still_runs(moment)
            if self._is_behind:
                if not was_behind:
                    logger.warning(
                        "task %r still runs: it is skipped until that has ended", self.name
                    )
                return
        await dispatch(self._call, self._store, task_id=self._id_of(moment))
        self._known = self._looked = moment

    async def _still_runs(self, moment: datetime) -> bool:
        """Whether the one before is under way, whoever has put it."""
        for before in self._earlier(moment):
            state = await self._store.status(self._id_of(before))
            if state.status is not TaskStatus.UNKNOWN:
                self._known, self._looked = before, moment - _INSTANT
                return state.status in _UNDER_WAY
        self._looked = moment - _INSTANT
        return False

    def _earlier(self, moment: datetime) -> Iterator[datetime]:
        for _ in range(_BACK):
            before = latest(self._trigger, after=moment - _YEAR, until=moment - _INSTANT)
            if before is None or (self._looked is not None and before <= self._looked):
                break
            yield before
            moment = before
        if self._known is not None:
            yield self._known

    def _id_of(self, moment: datetime) -> str:
        return f"{self._key} {moment:%Y-%m-%dT%H:%M:%S.%fZ}"


def _key_of(call: Call) -> str:
    """The name, and what else tells the call from others of that name."""
    message = Message.of(call)
    message.encode()
    rest = [message.task, message.args, message.kwargs, message.queue]
    if rest == [message.name, (), {}, None]:
        return message.name
    return f"{message.name} {sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()[:12]}"
