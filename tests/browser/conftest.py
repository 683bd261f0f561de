"""One browser and one server for all tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser
from tests.browser import chromium, copied, visits
from tests.browser.served import served
from tests.browser.visits import Seen

ROOT = Path(__file__).parents[2]
RECEIPTS = "../build/receipts.json"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--keep", action="store_true", help="keep the pictures as they are now")
    parser.addoption("--site", type=Path, default=ROOT / "site", help="another site than `site`")
    parser.addoption("--pages", default="", help="visit only pages with this in their name")


def pytest_sessionstart(session: pytest.Session) -> None:
    try:
        chromium.installed()
    except LookupError as error:
        pytest.exit(str(error), returncode=1)
    site = Path(str(session.config.getoption("--site")))
    for file in (site / "index.html", site / RECEIPTS):
        if not file.is_file():
            pytest.exit(f"{file} is not there: `nox -s docs-test` writes it.", returncode=1)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def site(pytestconfig: pytest.Config) -> Path:
    """The folder of the built site."""
    return Path(str(pytestconfig.getoption("--site"))).resolve()


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Where the site is served."""
    with served(site) as address:
        yield address


@pytest.fixture(scope="session")
async def browser(anyio_backend: str) -> AsyncIterator[Browser]:
    """The installed browser."""
    async with chromium.started() as browser:
        yield browser


@pytest.fixture(scope="session")
async def seen(browser: Browser, site: Path, pytestconfig: pytest.Config) -> Seen:
    """What a visit to each page has shown."""
    wanted = str(pytestconfig.getoption("--pages"))
    names = [name for name in visits.pages(site) if wanted in name]
    receipts = copied.receipts(site / RECEIPTS)
    with served(site, searchable=False) as address:
        return await visits.visited(browser, address, names, receipts)
