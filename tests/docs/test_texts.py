"""The site as Markdown says all that its pages say, and its links arrive."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

import lxml.html
import pytest

from proofread._collect import collect_page
from proofread._config import Site, read_site
from proofread._gate import html_file
from proofread._issue import issue
from proofread._model import Page
from proofread._texts import write_texts

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
FENCE = re.compile(r"^( *)```.*?^\1```", re.MULTILINE | re.DOTALL)
WORD = re.compile(r"\w+")
SAID = ".//text()[not(ancestor::pre or ancestor::*[contains(@class, 'doc-label')])]"
LISTED = re.compile(r"^- \[.*?\]\((.+?)\)", re.MULTILINE)


@pytest.fixture(scope="module")
def site(built_site: Path) -> Path:
    own = read_site(ROOT)
    pages = [_read(path, own) for path in own.pages()]
    write_texts(built_site, own, pages, issue(pages, [], root=ROOT, rerun=""))
    return built_site


def _read(path: Path, own: Site) -> Page:
    return collect_page(path, name=own.name(path), markdown=own.markdown)


def names() -> list[str]:
    return [page.relative_to(ROOT / "docs").as_posix() for page in (ROOT / "docs").rglob("*.md")]


@pytest.mark.parametrize("name", sorted(names()))
def test_a_page_is_there_as_markdown_with_every_block_and_every_word(name: str, site: Path) -> None:
    text = (site / name).read_text(encoding="utf-8")
    assert "--8<--" not in text
    assert "\n::: " not in text
    lines = [line.strip() for line in text.splitlines()]
    shown = lxml.html.parse(str(site / html_file(name, use_directory_urls=False))).getroot()
    [article] = shown.iter("article")
    blocks = article.xpath(".//pre/code")
    for block in blocks:
        wanted = [line.strip() for line in block.text_content().strip("\n").split("\n")]
        starts = (at for at, line in enumerate(lines) if line == wanted[0])
        assert any(lines[at : at + len(wanted)] == wanted for at in starts), wanted
    words = WORD.findall(" ".join(article.xpath(SAID)))
    assert set(words) <= set(WORD.findall(text))


def test_every_link_between_pages_arrives_at_markdown(site: Path) -> None:
    links = 0
    for name in names():
        prose = FENCE.sub("", (site / name).read_text(encoding="utf-8"))
        for link in LINK.findall(prose):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), link))
            assert (site / target).is_file(), f"{name}: {link}"
            links += 1
    assert links > 100


def test_the_list_of_pages_names_each_of_them_once(site: Path) -> None:
    listed = LISTED.findall((site / "llms.txt").read_text(encoding="utf-8"))
    assert sorted(listed) == sorted(names())
