"""One server in conversation: requests to it, and what its tasks say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from postlude.testing._exchange import ERRORS, open_exchange
from postlude.testing._probe import PLANS

if TYPE_CHECKING:
    from postlude.testing._ledger import Ledger
    from postlude.testing._served import Served


class Broken(Exception):
    """A promise was not kept; the message says what was seen."""


class Talk:
    """Requests to one server, and what its tasks say of them."""

    def __init__(self, url: str, ledger: Ledger, *, served: Served | None, patience: float) -> None:
        """Hold what the promises are asked of.

        Args:
            url: Where the server answers.
            ledger: Where its tasks report.
            served: The server, if a command started it.
            patience: Seconds to wait for an answer, or for a task.
        """
        self.url = url
        self.ledger = ledger
        self.served = served
        self.patience = patience
        self.within = f"within {patience:g} s"

    async def ask(self, key: str, *, method: str = "GET", status: int = 200) -> None:
        """Send a request and take the whole response.

        Raises:
            Broken: There is none, or another one.
        """
        path = f"/respond/{status}/{key}"
        try:
            async with open_exchange(
                self.url, path, method=method, patience=self.patience
            ) as exchange:
                answered = await exchange.status()
                body = await exchange.rest()
        except ERRORS as error:
            raise self.unanswered(key, f"{method} {path}", error) from error
        if answered != status:
            raise Broken(f"{method} {path} was answered with {answered} instead of {status}")
        if bool(body) is (method == "HEAD"):
            raise Broken(f"{method} {path} was answered with {len(body)} bytes of body")

    def unanswered(self, key: str, request: str, error: Exception) -> Broken:
        """What a response that did not come to its end shows."""
        begun = self.ledger.tasks(key, "begin")
        if isinstance(error, TimeoutError) and begun and not self.ledger.tasks(key, "end"):
            return Broken(
                f"task {begun[0]!r} ran before the response to {request} was out: it waited for "
                f"the client to have that response, and the client did not get it {self.within}"
            )
        why = "" if isinstance(error, TimeoutError) else f" ({type(error).__name__}: {error})"
        return Broken(f"{request} had no whole response {self.within}{why}")

    async def ended(self, key: str, after: str, more: float = 0.0) -> None:
        """Wait until all tasks of the request have run.

        Args:
            key: Of the request.
            after: What has happened, for the reader.
            more: Seconds to wait besides.

        Raises:
            Broken: One has not.
        """
        names = PLANS[key.partition(".")[0]]
        ledger = self.ledger

        def are_over() -> bool:
            return bool(ledger.of(key, "cut")) or {*names} <= {*ledger.tasks(key, "end")}

        await ledger.until(are_over, more)
        for name in names:
            if name in ledger.tasks(key, "cut"):
                raise Broken(f"task {name!r} was cut off before its end, after {after}")
            if name not in ledger.tasks(key, "begin"):
                raise Broken(f"task {name!r} never began {self.within}, after {after}")
            if name not in ledger.tasks(key, "end"):
                raise Broken(f"task {name!r} began and did not end {self.within}, after {after}")
