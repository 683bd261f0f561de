"""taskiq and procrastinate keep what `check_engine` asks of an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.conformance.asyncio_engines import check_procrastinate, check_taskiq
from tests.engines.conftest import (
    nats_server,
    nats_url,
    postgres_server,
    postgres_url,
    redis_server,
    redis_url,
    servers,
    warden,
)

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "nats_server",
    "nats_url",
    "postgres_server",
    "postgres_url",
    "redis_server",
    "redis_url",
    "servers",
    "warden",
]
pytestmark = pytest.mark.anyio
REFUSED = {
    # taskiq's brokers have no priorities, and a JetStream broker has one subject.
    "redis": ("priority",),
    "nats": ("priority", "queue"),
}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_procrastinate(postgres_url: str, tmp_path: Path) -> None:
    report = await check_procrastinate(postgres_url, tmp_path)
    assert not report.without


@pytest.mark.parametrize("kind", REFUSED)
async def test_taskiq(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    url = request.getfixturevalue(f"{kind}_url")
    report = await check_taskiq(kind, url, tmp_path, without=REFUSED[kind])
    assert report.without == REFUSED[kind]
