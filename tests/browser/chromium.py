"""The browser that is installed here: none is ever fetched."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class NoBrowser(LookupError):
    """None of the names leads to a program."""

    def __init__(self) -> None:
        super().__init__(
            f"There is no Chromium: none of {', '.join(NAMES)} is on PATH. "
            "Install it (`apt-get install chromium`, `dnf install chromium`, "
            "`brew install --cask chromium`), or set CHROMIUM to the path of one."
        )


def installed() -> str:
    """The path of the browser, which CHROMIUM may say."""
    told = os.environ.get("CHROMIUM")
    found = next(filter(None, map(shutil.which, [told] if told else NAMES)), None)
    if found is None and told:
        raise LookupError(f"CHROMIUM is {told!r}, which is no program: write the path of one.")
    if found is None:
        raise NoBrowser
    return found


@asynccontextmanager
async def started() -> AsyncGenerator[Browser]:
    """One browser, without a window."""
    # As root, as in a container, it cannot build its own sandbox; what it opens is our own.
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    options = ["--no-sandbox"] if as_root else []
    # Letters are drawn the same whatever the machine says of its screen.
    options += ["--font-render-hinting=none", "--disable-lcd-text", "--force-color-profile=srgb"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=installed(), args=options)
        try:
            yield browser
        finally:
            await browser.close()
