"""The search of the site, as a reader uses it."""

from __future__ import annotations

from playwright.async_api import Page, expect

# A machine that does much else is no reason to fail.
PATIENCE = 120_000


async def first_result(page: Page, words: str) -> str:
    """The address to which the first result leads; empty if nothing is found."""
    said = page.locator(".md-search-result__meta")
    results = page.locator(".md-search-result__item")
    await page.locator("[data-md-component=search-query]").click(timeout=PATIENCE)
    await page.keyboard.press("ControlOrMeta+A")
    await page.keyboard.press("Delete")
    await expect(results).to_have_count(0, timeout=PATIENCE)
    await expect(said).to_contain_text("Type to start", timeout=PATIENCE)
    # The field asks when a key is released: once, for all of the words.
    await page.keyboard.insert_text(words)
    await page.keyboard.press("End")
    await expect(said).to_contain_text("matching", timeout=PATIENCE)
    if "No matching" in (await said.text_content() or ""):
        return ""
    address = await results.first.locator("a").first.evaluate("link => link.href")
    return str(address).partition("#")[0].partition("?")[0]
