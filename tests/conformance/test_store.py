"""Every store of ours keeps what stores promise."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from postlude import SQLiteStore
from postlude.testing import MemoryStore, check_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from postlude import Store

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["sqlite", "memory"])
def make_store(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Store]:
    if request.param == "sqlite":
        return lambda: SQLiteStore(tmp_path / "tasks.db", lease=1.0)
    store = MemoryStore(lease=1.0)
    return lambda: store


async def test_a_store_keeps_all_promises(make_store: Callable[[], Store]) -> None:
    report = await check_store(make_store)
    assert report.broken == {}
    assert len(report.kept) == 18
