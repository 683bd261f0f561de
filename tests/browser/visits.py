"""One visit to each page of the site, several at once, and what was seen there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import anyio
from playwright.async_api import Browser, ConsoleMessage, Error, Page, Request, Response
from tests.browser import copied
from tests.browser.copied import Vouched

AT_ONCE = 4
WIDTHS = (1440, 768, 360)
SCRIPT = Path(__file__).with_name("page.js")
# A machine that does much else is no reason to fail.
PATIENCE = 120_000


@dataclass(slots=True)
class Seen:
    """What was wrong, by what was asked, and how much was asked at all."""

    pages: list[str] = field(default_factory=list[str])
    complaints: list[str] = field(default_factory=list[str])
    foreign: list[str] = field(default_factory=list[str])
    overflows: list[str] = field(default_factory=list[str])
    tabs: list[str] = field(default_factory=list[str])
    memory: list[str] = field(default_factory=list[str])
    copies: list[str] = field(default_factory=list[str])
    clicks: int = 0
    remembered: int = 0
    blocks: int = 0


def pages(site: Path) -> Iterator[str]:
    """All pages but those that only lead on to another."""
    for file in sorted(site.rglob("*.html")):
        if b'http-equiv="refresh"' not in file.read_bytes():
            yield file.relative_to(site).as_posix()


async def visited(
    browser: Browser, address: str, names: list[str], receipts: dict[str, list[Vouched]]
) -> Seen:
    """Everybody takes the next page that nobody has, and remembers a tab from page to page."""
    seen, left = Seen(), iter(names)

    async def visitor() -> None:
        context = await browser.new_context(viewport={"width": 1440, "height": 900})
        context.set_default_timeout(PATIENCE)
        await context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
        await context.add_init_script(path=SCRIPT)
        visit = _Visitor(await context.new_page(), address, seen)
        for name in left:
            try:
                await visit.to(name, receipts.get(name, []))
            except Error as error:
                seen.complaints.append(f"{name}: {error}")
        await context.close()

    async with anyio.create_task_group() as visitors:
        for _ in range(AT_ONCE):
            visitors.start_soon(visitor)
    return seen


class _Visitor:
    def __init__(self, page: Page, address: str, seen: Seen) -> None:
        self._page, self._address, self._seen = page, address, seen
        self._name, self._tab = "", None
        page.on("console", self._told)
        page.on("pageerror", self._failed)
        page.on("request", self._asked)
        page.on("response", self._answered)
        page.on("requestfailed", self._lost)

    async def to(self, name: str, vouched: list[Vouched]) -> None:
        self._name = name
        self._seen.pages.append(name)
        await self._page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        await self._page.goto(f"{self._address}/{name}")
        await self._page.wait_for_function("ask.ready()")
        await self._remembers()
        await self._copies(vouched)
        await self._switches()
        await self._fits()

    async def _remembers(self) -> None:
        """The tab that was chosen on the page before."""
        if self._tab:
            found = await self._page.evaluate("name => ask.showing(name)", self._tab)
            self._seen.remembered += found["asked"]
            said = f"{self._name}: {self._tab} was chosen on the page before, but "
            self._seen.memory += [said + wrong for wrong in found["wrong"]]

    async def _switches(self) -> None:
        found = await self._page.evaluate("ask.switching()")
        self._seen.clicks += found["clicks"]
        self._seen.tabs += [f"{self._name}: {problem}" for problem in found["problems"]]
        self._tab = found["last"] or self._tab

    async def _copies(self, vouched: list[Vouched]) -> None:
        shown = await self._page.evaluate("ask.shown()")
        copies: list[str | None] = []
        while more := await self._page.evaluate("first => ask.copies(first)", len(copies)):
            copies += more
        self._seen.blocks += len(shown)
        found = copied.problems(shown, copies, vouched)
        self._seen.copies += [f"{self._name}: {problem}" for problem in found]

    async def _fits(self) -> None:
        await self._page.evaluate("ask.unfold(true)")
        for width in WIDTHS:
            await self._page.set_viewport_size({"width": width, "height": 900})
            if found := await self._page.evaluate("ask.overflow()"):
                self._seen.overflows.append(f"{self._name} at {width} px: {found}")

    def _told(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._seen.complaints.append(f"{self._name}: {message.text}")

    def _failed(self, error: Error) -> None:
        self._seen.complaints.append(f"{self._name}: {error}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self._address}/", "data:", "blob:")):
            self._seen.foreign.append(f"{self._name}: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self._seen.complaints.append(f"{self._name}: {response.status} for {response.url}")

    def _lost(self, request: Request) -> None:
        # What was still on its way when the next page was opened is no failure of the page.
        if request.failure != "net::ERR_ABORTED":
            self._seen.complaints.append(f"{self._name}: {request.failure} for {request.url}")
