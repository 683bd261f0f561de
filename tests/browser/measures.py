"""What a page weighs and when it is seen; `nox -s browser -- --measure` prints it.

Beside it stand the same words in plain MkDocs Material, served by the same server.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
from playwright.async_api import Browser
from tests.browser import chromium
from tests.browser.searching import PATIENCE
from tests.browser.served import served

ROOT = Path(__file__).parents[2]
PAGES = {
    "front page": "index",
    "guide": "guides/attach-to-a-response",
    "reference": "reference/tasks",
}
ROUNDS = 5
PLAIN = """site_name: Plain
docs_dir: docs
site_dir: site
use_directory_urls: false
theme: {name: material, font: false}
markdown_extensions:
  - admonition
  - attr_list
  - def_list
  - footnotes
  - md_in_html
  - tables
  - pymdownx.details
  - pymdownx.highlight
  - pymdownx.superfences
  - pymdownx.tabbed: {alternate_style: true}
"""
PAINTS = """() => new Promise((resolve) => {
  new PerformanceObserver((list, observer) => {
    const paint = list.getEntriesByName("first-contentful-paint")[0];
    if (paint) { observer.disconnect(); resolve(paint.startTime); }
  }).observe({ type: "paint", buffered: true });
})"""


@dataclass(frozen=True, slots=True)
class Measure:
    """Of one page, for a reader who was never here."""

    requests: int
    sent: int
    """Bytes over the wire, with all headers."""
    index: int
    """Those of them that are the index of the search, which loads behind the page."""
    paint: float
    """Milliseconds until text is seen: the median of several rounds."""


async def measure(browser: Browser, url: str) -> Measure:
    """Each round has a cache of its own, which is empty."""
    rounds = [await _loaded(browser, url) for _ in range(ROUNDS)]
    paint = statistics.median(paint for _, paint in rounds)
    asked = rounds[-1][0]
    index = sum(size for name, size in asked if "/search/search_index" in name)
    return Measure(len(asked), sum(size for _, size in asked), index, paint)


async def _loaded(browser: Browser, url: str) -> tuple[list[tuple[str, int]], float]:
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    await session.send("Network.enable")
    names: dict[str, str] = {}
    asked: list[tuple[str, int]] = []

    def sent(event: dict[str, Any]) -> None:
        names[event["requestId"]] = event["request"]["url"]

    def finished(event: dict[str, Any]) -> None:
        if names[event["requestId"]].startswith("http"):
            asked.append((names[event["requestId"]], int(event["encodedDataLength"])))

    session.on("Network.requestWillBeSent", sent)
    session.on("Network.loadingFinished", finished)
    await page.goto(url, wait_until="networkidle")
    paint = float(await page.evaluate(PAINTS))
    await context.close()
    return asked, paint


def plain(site: Path, folder: Path) -> Path:
    """The Markdown of all pages, as the site itself offers it, in plain MkDocs Material."""
    shutil.rmtree(folder, ignore_errors=True)
    for page in site.rglob("*.md"):
        copy = folder / "docs" / page.relative_to(site)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(page, copy)
    (folder / "mkdocs.yml").write_text(PLAIN, encoding="utf-8")
    subprocess.run([sys.executable, "-m", "mkdocs", "build", "--quiet"], cwd=folder, check=True)
    return folder / "site"


async def main() -> None:
    """Measure both, page by page."""
    sites = {"Postlude": ROOT / "site"}
    sites["plain Material"] = plain(sites["Postlude"], ROOT / "build" / "plain")
    row = "{:<12} {:<15} {:>8} {:>10} {:>10} {:>9}".format
    print(row("page", "site", "requests", "weight kB", "search kB", "paint ms"))
    async with chromium.started() as browser:
        for kind, page in PAGES.items():
            for name, site in sites.items():
                with served(site) as address:
                    found = await measure(browser, f"{address}/{page}.html")
                weight, index = (
                    f"{size / 1000:.0f}" for size in (found.sent - found.index, found.index)
                )
                print(row(kind, name, found.requests, weight, index, f"{found.paint:.0f}"))


if __name__ == "__main__":
    anyio.run(main)
