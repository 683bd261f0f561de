"""One task of a store, in the hands of a worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from postlude._redelivery import Redelivery
from postlude.queue._item import Item

if TYPE_CHECKING:
    from postlude.protocols import Claim
    from postlude.queue._queue import TaskQueue


class StoredItem(Redelivery, Item):
    """An item that is claimed: what becomes of it, its store is told.

    Attributes:
        claim: The claim.
        is_fatal: Whether it has ended the process that ran it, as far as it could.
    """

    is_kept = True

    def __init__(self, claim: Claim, queue: TaskQueue) -> None:
        """Prepare; nothing is called before `attempt`.

        Raises:
            MessageRefused: The message names no function of this process, or does not fit it.
        """
        message = claim.message
        Item.__init__(self, message.call(), queue, message.name, message.priority)
        self.claim = claim
        self.is_fatal = False
        self.take_up(claim.failures)

    def interrupted(self, error: BaseException) -> None:
        """Report that its worker was stopped while it ran, or by it."""
        self.is_fatal = isinstance(error, SystemExit) and not self.reason
        if self.is_fatal:
            self.reason = "it has ended its worker, with SystemExit"
            self.report_loss(self.reason)
            self.cancel(self.reason)
        else:
            super().interrupted(error)

    def report_loss(self, reason: str) -> None:
        """Log that it is no longer this worker's."""
        self._report().loss(reason, is_kept=True)
