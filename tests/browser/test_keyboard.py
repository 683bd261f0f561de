"""All of the first page can be used without a mouse."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect
from tests.browser.focus import walk
from tests.browser.searching import PATIENCE

pytestmark = pytest.mark.anyio


@pytest.fixture
async def front(browser: Browser, address: str) -> AsyncIterator[Page]:
    """The first page, on a desk."""
    context = await browser.new_context(
        viewport={"width": 1440, "height": 900}, reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE)
    await context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    page = await context.new_page()
    await page.goto(f"{address}/index.html")
    await page.locator("[data-clipboard-target]").first.wait_for(state="attached")
    yield page
    await context.close()


async def test_tab_reaches_everything_and_shows_where_it_is(front: Page) -> None:
    stops, missed = await walk(front)
    assert not missed
    assert not [stop for stop in stops if not stop.visible]
    kinds = " ".join(stop.kind for stop in stops)
    for kind in ("md-skip", "md-search__input", "md-tabs__link", "radio", "md-code__button"):
        assert kind in kinds
    assert stops[0].kind == "md-skip"


async def test_the_first_stop_skips_to_the_text(front: Page) -> None:
    await front.keyboard.press("Tab")
    await front.keyboard.press("Enter")
    await front.keyboard.press("Tab")
    assert await front.evaluate("document.activeElement.closest('article') !== null")


async def test_arrows_choose_a_tab(front: Page) -> None:
    await front.locator(".tabbed-set > input").first.focus()
    await front.keyboard.press("ArrowRight")
    blocks = front.locator(".tabbed-set").first.locator(".tabbed-block")
    await expect(blocks.nth(0)).to_be_hidden(timeout=PATIENCE)
    await expect(blocks.nth(1)).to_be_visible(timeout=PATIENCE)


async def test_enter_copies_and_a_slash_searches(front: Page) -> None:
    await front.locator(".md-code__button:visible").first.focus()
    await front.keyboard.press("Enter")
    await expect(front.locator(".md-dialog")).to_contain_text("Copied", timeout=PATIENCE)
    copied = await front.evaluate("navigator.clipboard.readText()")
    assert copied == 'pip install "postlude[fastapi]" uvicorn'
    await front.evaluate("document.activeElement.blur()")
    await front.keyboard.press("/")
    await expect(front.locator(".md-search__input")).to_be_focused(timeout=PATIENCE)


async def test_the_menu_and_the_search_of_a_phone_open(front: Page) -> None:
    await front.set_viewport_size({"width": 390, "height": 844})
    for name in ("__drawer", "__search"):
        await front.evaluate("document.activeElement.blur()")
        button = front.locator(f"label.md-header__button[for={name}]")
        await button.focus()
        await expect(button).to_be_focused(timeout=PATIENCE)
        await front.keyboard.press("Enter")
        await expect(front.locator(f"#{name}")).to_be_checked(timeout=PATIENCE)
        await front.keyboard.press("Escape")
        await expect(front.locator(f"#{name}")).not_to_be_checked(timeout=PATIENCE)
