"""Search leads from the words that people use to a page that helps."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser
from tests.browser.searching import PATIENCE, first_result

pytestmark = pytest.mark.anyio

# What is typed, and the pages of which one must come first.
WANTED = {
    "email": {"index.html", "recipes/send-a-welcome-e-mail.html"},
    "lost task": {"guides/keep-tasks-across-restarts.html", "pitfalls/errors-nobody-sees.html"},
    "error vanished": {"pitfalls/errors-nobody-sees.html"},
    "celery": {"guides/choose.html", "guides/hand-tasks-to-celery.html"},
    "retry": {"guides/retry-what-can-be-retried.html"},
    "cron": {"guides/run-later-and-run-regularly.html"},
    "queue": {"guides/feed-a-worker-pool.html"},
    "202": {"guides/return-202-and-a-status-url.html"},
    "shutdown": {
        "guides/shut-down-without-losing-work.html",
        "guides/shut-down-under-another-server.html",
    },
}


async def test_the_first_result_helps(browser: Browser, address: str) -> None:
    page = await browser.new_page()
    await page.goto(f"{address}/index.html", timeout=PATIENCE)
    found = {words: await first_result(page, words) for words in WANTED}
    await page.close()
    first = {words: place.removeprefix(f"{address}/") for words, place in found.items()}
    assert not {words: page for words, page in first.items() if page not in WANTED[words]}
