"""A task that is due again and again in several processes, and fires in one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from postlude._call import Call
from postlude._dispatch import dispatch
from postlude._options import Options
from postlude._report import logger
from postlude._status import TaskStatus
from postlude.scheduler._recurring import Recurring

if TYPE_CHECKING:
    from datetime import tzinfo

    from postlude._pool import Pool
    from postlude.protocols import Store
    from postlude.scheduler._plan import Plan

_UNDER_WAY = {TaskStatus.PENDING, TaskStatus.RUNNING, TaskStatus.RETRYING}


class Shared(Recurring):
    """Puts a call into a store whenever it is due.

    The id is made of its name and the moment it is due, and a store takes an id once: so it does
    not matter how many processes put it.
    """

    def __init__(self, call: Call, plan: Plan, pool: Pool, zone: tzinfo, store: Store) -> None:
        """Prepare; nothing is due before `begin`."""
        super().__init__(call, plan, pool, zone)
        self._store = store
        self._before: str | None = None

    def _local_call(self) -> Call:
        task_id = f"{self.name} {self._moment:%Y-%m-%dT%H:%M:%S.%fZ}"
        local = Call(self._put, task_id, self._before)
        self._before = task_id
        local.context = self._call.context
        local.options = Options(name=f"{self.name} to {self._store.name}", is_async=True)
        return local

    async def _put(self, task_id: str, before: str | None) -> None:
        if before is not None and self._plan.overlap == "skip":
            state = await self._store.status(before)
            if state.status in _UNDER_WAY:
                logger.warning("task %r still runs: it is skipped until that has ended", self.name)
                return
        await dispatch(self._call, self._store, task_id=task_id)
