"""What a conformance check found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from postlude.errors import PostludeError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Findings:
    """Promises that were kept, that were not, and that were not looked at."""

    kept: tuple[str, ...]
    broken: Mapping[str, str]
    without: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [f"broken: {name}: {seen}" for name, seen in self.broken.items()]
        lines += [f"kept: {', '.join(self.kept)}"] if self.kept else []
        lines += [f"not looked at: {', '.join(self.without)}"] if self.without else []
        return "\n".join(lines)


@dataclass(frozen=True)
class AttachmentReport(Findings):
    """What `check_attachment` found; its text has a line for each broken promise.

    Attributes:
        kept: The promises that were kept.
        broken: Those that were not, each with what was seen.
        without: Those that were not looked at.

    Example:
        ```python
        from postlude.testing import AttachmentReport

        print(AttachmentReport(("order", "head"), {}, without=("drain",)))
        ```

        ```text title="Output"
        kept: order, head
        not looked at: drain
        ```
    """


@dataclass(frozen=True)
class EngineReport(Findings):
    """What `check_engine` found; its text has a line for each broken promise.

    Attributes:
        kept: The promises that were kept.
        broken: Those that were not, each with what was seen.
        without: Those that were not looked at.

    Example:
        ```python
        from postlude.testing import EngineReport

        print(EngineReport(("runs", "delay"), {}, without=("priority",)))
        ```

        ```text title="Output"
        kept: runs, delay
        not looked at: priority
        ```
    """


class AttachmentBroken(PostludeError, AssertionError):
    """A framework or server does not keep what tasks promise.

    Attributes:
        report: All that was found, as an `AttachmentReport`.

    Example:
        ```python
        from postlude.testing import AttachmentBroken, AttachmentReport

        seen = "task 'task' never began within 10 s, after a response of 404"
        print(AttachmentBroken(AttachmentReport(("order",), {"error-responses": seen})))
        ```

        ```text title="Output"
        broken: error-responses: task 'task' never began within 10 s, after a response of 404
        kept: order
        ```
    """

    def __init__(self, report: AttachmentReport, printed: str = "") -> None:
        """Hold the report.

        Args:
            report: What was found.
            printed: The last lines that the server printed.
        """
        said = f"\nthe server printed last:\n{printed}" if printed else ""
        super().__init__(f"{report}{said}")
        self.report = report


@dataclass(frozen=True)
class StoreReport(Findings):
    """What `check_store` found; its text has a line for each broken promise.

    Attributes:
        kept: The promises that were kept.
        broken: Those that were not, each with what was seen.
        without: Those that were not looked at.

    Example:
        ```python
        from postlude.testing import StoreReport

        print(StoreReport(("order", "lease"), {}, without=("reopen",)))
        ```

        ```text title="Output"
        kept: order, lease
        not looked at: reopen
        ```
    """


class StoreBroken(PostludeError, AssertionError):
    """A store does not keep what workers and callers rely on.

    Attributes:
        report: All that was found, as a `StoreReport`.

    Example:
        ```python
        from postlude.testing import StoreBroken, StoreReport

        seen = "a task of priority 0 came before one of priority 5"
        print(StoreBroken(StoreReport(("lease",), {"order": seen})))
        ```

        ```text title="Output"
        broken: order: a task of priority 0 came before one of priority 5
        kept: lease
        ```

        A store that has no way to cancel:

        ```python
        import asyncio

        from postlude.testing import MemoryStore, StoreBroken, check_store


        class Firm(MemoryStore):
            async def cancel(self, task_id: str) -> bool:
                return False


        store = Firm(lease=0.5)
        try:
            asyncio.run(check_store(lambda: store))
        except StoreBroken as error:
            print(dict(error.report.broken))
            print(len(error.report.kept), "others are kept")
        ```

        ```text title="Output"
        {'cancel': 'a task that waits could not be cancelled'}
        17 others are kept
        ```
    """

    def __init__(self, report: StoreReport) -> None:
        """Hold the report."""
        super().__init__(str(report))
        self.report = report


class EngineBroken(PostludeError, AssertionError):
    """An engine does not keep what tasks promise.

    Attributes:
        report: All that was found, as an `EngineReport`.

    Example:
        ```python
        from postlude.testing import EngineBroken, EngineReport

        seen = "a task with a delay of 2 s began after 0.01 s"
        print(EngineBroken(EngineReport(("runs",), {"delay": seen})))
        ```

        ```text title="Output"
        broken: delay: a task with a delay of 2 s began after 0.01 s
        kept: runs
        ```
    """

    def __init__(self, report: EngineReport, printed: str = "") -> None:
        """Hold the report.

        Args:
            report: What was found.
            printed: The last lines that the worker printed.
        """
        said = f"\nthe worker printed last:\n{printed}" if printed else ""
        super().__init__(f"{report}{said}")
        self.report = report
