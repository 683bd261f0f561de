"""Checks that no section only says something: a block in it shows it, or it leads to a block.

A build of the site ends with it; that each block has run, its gate says. Where there can be none,
`vouched.toml` has the reason.
"""

from __future__ import annotations

import posixpath
import sys
import tomllib
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tests.published.site import Absent, BuiltSite

ROOT = Path(__file__).parents[2]
REASONS = Path(__file__).with_suffix(".toml")


def bare(site: BuiltSite) -> list[str]:
    """The sections that only say something, as `page#anchor`."""

    @cache
    def shows(page: str, anchor: str) -> bool:
        try:
            return bool(site.section(page, anchor or site.page(page).anchors[0]).blocks)
        except Absent:  # on another host, or no page but a file
            return False

    def is_vouched_for(page: str, anchor: str) -> bool:
        section = site.section(page, anchor)
        places = [(page, anchor), *(_place(page, link) for link in section.links)]
        return not (section.prose or section.rows) or any(shows(*place) for place in places)

    return [
        f"{page}#{anchor}"
        for page in site.names()
        for anchor in site.page(page).anchors
        if not is_vouched_for(page, anchor)
    ]


def _place(page: str, link: str) -> tuple[str, str]:
    """The page and the anchor to which a link on a page leads."""
    split = urlsplit(link)
    here = posixpath.join(posixpath.dirname(page), unquote(split.path)) if split.path else page
    name = posixpath.normpath(here).removesuffix(".html")
    return ("" if split.netloc else name), unquote(split.fragment)


def objections(found: list[str], reasons: dict[str, str]) -> list[str]:
    """What is wrong with these bare sections, or with the reasons for them."""
    used: set[str] = set()
    said: list[str] = []
    for place in found:
        named = {place, place.partition("#")[0]} & reasons.keys()
        used |= named
        if not named:
            said.append(f"{place} only says something: show it by a block, or lead to one.")
    unused = reasons.keys() - used
    return [*said, *(f"{REASONS.name}: {name} has no need of a reason." for name in sorted(unused))]


def read_reasons() -> dict[str, str]:
    """By page, or by `page#anchor`."""
    return tomllib.loads(REASONS.read_text(encoding="utf-8"))


def main() -> int:
    """0 if something vouches for each section; it prints for which nothing does."""
    site = BuiltSite(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "site")
    reasons = read_reasons()
    said = objections(bare(site), reasons)
    print("\n".join(said) or f"No section only says something, but for {len(reasons)} places.")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
