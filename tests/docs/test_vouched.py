"""No section of the site only says something, and one that would is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.docs.vouched import bare, objections, read_reasons
from tests.published.site import BuiltSite

if TYPE_CHECKING:
    from pathlib import Path

SHOWN = "<pre><code>print(1)</code></pre>"
PAGE = """
<article>
<h1 id="tiny">Tiny<a href="#tiny">¶</a></h1><p>It prints.</p>
<h2 id="first">First</h2><h3 id="within">Within</h3>{within}
<h2 id="second">Second</h2>{second}
</article>
"""
OTHER = f'<article><h1 id="other">Other</h1>{SHOWN}<h2 id="said">Said</h2><p>So.</p></article>'


def tiny(tmp_path: Path, *, within: str = SHOWN, second: str = "") -> list[str]:
    (tmp_path / "guides").mkdir()
    page = PAGE.format(within=within, second=second)
    (tmp_path / "guides" / "tiny.html").write_text(page)
    (tmp_path / "guides" / "old.html").write_text("<html>moved</html>")
    (tmp_path / "other.html").write_text(OTHER)
    return [place for place in bare(BuiltSite(tmp_path)) if place.startswith("guides/")]


def test_something_vouches_for_each_section_of_the_site(built_site: Path) -> None:
    assert objections(bare(BuiltSite(built_site)), read_reasons()) == []


@pytest.mark.parametrize(
    "second",
    [
        "",
        f"<p>So it is.</p>{SHOWN}",
        '<p>As <a href="#first">above</a>.</p>',
        '<p>As <a href="../other.html">there</a>.</p>',
        '<table><tr><td><a href="../other.html#other">there</a></td></tr></table>',
    ],
)
def test_a_section_that_shows_it_or_leads_to_what_does_is_no_matter(
    second: str, tmp_path: Path
) -> None:
    assert tiny(tmp_path, second=second) == []


@pytest.mark.parametrize(
    "second",
    [
        "<p>So it is.</p>",
        "<ul><li>So it is.</li></ul>",
        "<table><tr><td>so</td></tr></table>",
        '<p>As <a href="#second">here</a>.</p>',
        '<p>As <a href="../other.html#said">there</a>.</p>',
        '<p>As <a href="../gone.html">there</a>.</p>',
        '<p>As <a href="../other.html#gone">there</a>.</p>',
        '<p>As <a href="https://example.com/other.html">they say</a>.</p>',
    ],
)
def test_a_section_that_only_says_it_is_named(second: str, tmp_path: Path) -> None:
    assert tiny(tmp_path, second=second) == ["guides/tiny#second"]


def test_a_page_without_a_block_vouches_for_none_of_its_sections(tmp_path: Path) -> None:
    found = tiny(tmp_path, within="<p>So it is.</p>")
    assert found == ["guides/tiny#tiny", "guides/tiny#first", "guides/tiny#within"]


def test_a_reason_is_for_a_page_or_a_section_and_needed() -> None:
    found = ["a#one", "a#two", "b#one", "b#two"]
    reasons = {"a": "all of it", "b#one": "this", "c": "gone"}
    assert objections(found, reasons) == [
        "b#two only says something: show it by a block, or lead to one.",
        "vouched.toml: c has no need of a reason.",
    ]
