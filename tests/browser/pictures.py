"""Pictures of pages, and how much two of them differ."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Literal

from PIL import Image, ImageChops
from playwright.async_api import Browser
from tests.browser.searching import PATIENCE

KEPT = Path(__file__).with_name("pictures")
# One pixel in 500 may differ by more than 32 of 255: some letters, but no line of them.
STRENGTH, SHARE = 32, 1 / 500
# What every proof measures anew.
HIDDEN = ".proof-mark, .timeline, .md-version { visibility: hidden !important }"


async def taken(
    browser: Browser, url: str, scheme: Literal["light", "dark"], size: tuple[int, int]
) -> Image.Image:
    """The top of a page, at half its size: so it is small, and edges of letters are no matter."""
    width, height = size
    context = await browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": height}
    )
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    await page.goto(url)
    await page.add_style_tag(content=HIDDEN)
    await page.locator("[data-clipboard-target]").first.wait_for(state="attached")
    await page.evaluate("document.fonts.ready")
    picture = await page.screenshot(animations="disabled", timeout=PATIENCE)
    await context.close()
    whole = Image.open(io.BytesIO(picture)).convert("RGB")
    return whole.resize((width // 2, height // 2), Image.Resampling.BOX)


def keep(picture: Image.Image, name: str, folder: Path = KEPT) -> Path:
    """Write it without a loss."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.webp"
    picture.save(file, lossless=True, quality=100, method=6)
    return file


def difference(picture: Image.Image, name: str) -> float:
    """The share of pixels that differ from the kept picture."""
    kept = Image.open(KEPT / f"{name}.webp").convert("RGB")
    if kept.size != picture.size:
        return 1
    bands = ImageChops.difference(kept, picture).split()
    strongest = ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])
    counts = strongest.histogram()
    return sum(counts[STRENGTH + 1 :]) / (picture.width * picture.height)
