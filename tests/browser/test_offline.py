"""The site is read from a disk, without any server."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect
from tests.browser.searching import PATIENCE, first_result

pytestmark = pytest.mark.anyio


async def test_a_page_a_tab_and_search_work_without_a_server(browser: Browser, site: Path) -> None:
    context = await browser.new_context()
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(f"{request.url}: {request.failure}"))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    await page.goto((site / "index.html").as_uri())
    await page.locator(".tabbed-labels--linked label", has_text="Litestar").first.click()
    found = await first_result(page, "202")
    assert found == (site / "guides/return-202-and-a-status-url.html").as_uri()
    await page.locator(".md-search-result__item a").first.click()
    await expect(page).to_have_title("Return 202 and a status URL - Postlude", timeout=PATIENCE)
    chosen = page.locator(".tabbed-set > input:checked").first
    await expect(chosen).to_have_attribute("id", re.compile("^litestar"), timeout=PATIENCE)
    await context.close()
    assert not complaints
    assert asked
    assert not [url for url in asked if url.startswith("http")]
