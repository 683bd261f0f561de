"""Pages look as they were kept: `nox -s browser -- --keep` keeps them as they are now."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser
from tests.browser import pictures

pytestmark = pytest.mark.anyio

DESK, PHONE = (1280, 1600), (390, 1200)
VIEWS = {
    "front": ("index", DESK),
    "front-phone": ("index", PHONE),
    "guide": ("guides/attach-to-a-response", DESK),
    "guide-phone": ("guides/attach-to-a-response", PHONE),
    "matrix": ("what-happens-when/client-leaves-mid-stream", DESK),
    "reference": ("reference/retries", DESK),
}
SEEN = Path("build/pictures")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
async def test_a_page_looks_as_it_was_kept(
    browser: Browser,
    address: str,
    pytestconfig: pytest.Config,
    view: str,
    scheme: Literal["light", "dark"],
) -> None:
    page, size = VIEWS[view]
    name = f"{view}-{scheme}"
    picture = await pictures.taken(browser, f"{address}/{page}.html", scheme, size)
    if pytestconfig.getoption("--keep"):
        pictures.keep(picture, name)
    if not (pictures.KEPT / f"{name}.webp").is_file():
        pytest.fail(f"No picture {name} is kept: nox -s browser -- --keep -k looks")
    share = pictures.difference(picture, name)
    if share > pictures.SHARE:
        seen = pictures.keep(picture, name, SEEN)
        pytest.fail(
            f"{share:.2%} of {page} differ from {pictures.KEPT.name}/{name}.webp: see {seen}. "
            "If it is right, keep it: nox -s browser -- --keep -k looks"
        )
