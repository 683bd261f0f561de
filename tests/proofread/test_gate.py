"""The gate lets a built site through only when every byte of code in it has a passing receipt."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from mkdocs.config import load_config

from proofread._collect import collect_page
from proofread._gate import Verdict, gate, html_file
from proofread._issue import issue
from proofread._marked import markdown_factory
from proofread._model import Page, Result
from proofread._receipts import Receipts

PROVE = "nox -s docs-test"
RERUN = f"{PROVE} --"
CONFIG = """
site_name: Tiny
theme: {name: material, font: false}
plugins: [search, tags]
markdown_extensions:
  - admonition
  - attr_list
  - md_in_html
  - pymdownx.details
  - pymdownx.highlight: {anchor_linenums: true}
  - pymdownx.inlinehilite
  - pymdownx.superfences
  - pymdownx.tabbed: {alternate_style: true}
"""

INDEX = """---
tags: [one]
---

# Tiny

Use `print` and `python title="main.py"`, <!-- as said above --> and `#!python x = 1`.

```python title="main.py"
print("one", 1 < 2)
```

```text title="Output"
one True
```

!!! note
    ~~~ { .python .annotate }
    print("noted")  # (1)!
    ~~~

    1.  A note.

> ```json
> {"quoted": true}
> ```
"""

GUIDE = """# Guide

=== "A"

    ```python
    print("a")
    ```

=== "B"

    ```python
    print("b")
    ```

```python linenums="1" hl_lines="2"
first = 1
second = 2
```

````python
fence = '''
```python
~~~
'''
````

```python title="main.py"
print("one", 1 < 2)
```
"""

GUIDE_HTML = "guides/tabs/index.html"


@dataclass(frozen=True)
class Built:
    """A site as mkdocs built it, with receipts that prove all of it."""

    root: Path
    pages: tuple[Page, ...]
    receipts: Receipts
    use_directory_urls: bool = True

    @property
    def site(self) -> Path:
        return self.root / "site"

    def judge(self, receipts: Receipts | None = None) -> Verdict:
        return gate(
            self.site,
            receipts or self.receipts,
            docs=self.root / "docs",
            prove=PROVE,
            use_directory_urls=self.use_directory_urls,
        )

    def alter(self, name: str, old: str, new: str) -> None:
        file = self.site / name
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    def refusals(self, receipts: Receipts | None = None) -> list[str]:
        root = f"{self.root}/"
        problems = self.judge(receipts).problems
        return [f"{p.path}:{p.line}: {p.message}".replace(root, "") for p in problems]


def index_html(built: Built) -> str:
    return (built.site / "index.html").read_text(encoding="utf-8")


def roles(page: Page, *, variants: tuple[str, ...] = ("",)) -> list[Result]:
    names = {"text": "output"}
    return [
        Result(block, names.get(block.language, block.language), variant)
        for block in page.blocks
        for variant in variants
    ]


def build(root: Path, config: str, sources: dict[str, str]) -> Built:
    for name, text in sources.items():
        (root / "docs" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "docs" / name).write_text(text, encoding="utf-8")
    (root / "mkdocs.yml").write_text(config, encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict"],
        cwd=root,
        check=True,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )
    read = load_config(str(root / "mkdocs.yml"))
    markdown = markdown_factory(read.markdown_extensions, read.mdx_configs)
    pages = tuple(collect_page(root / "docs" / n, name=n, markdown=markdown) for n in sources)
    results = [result for page in pages for result in roles(page)]
    return Built(
        root, pages, issue(pages, results, root=root, rerun=RERUN), read.use_directory_urls
    )


@pytest.fixture(scope="session")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Built:
    sources = {
        "index.md": INDEX,
        "guides/tabs.md": GUIDE,
        "tags.md": "# Tags\n\n<!-- material/tags -->\n",
    }
    return build(tmp_path_factory.mktemp("healthy"), CONFIG, sources)


@pytest.fixture
def built(healthy: Built, tmp_path: Path) -> Built:
    """A copy to alter."""
    shutil.copytree(
        healthy.root, tmp_path, ignore=shutil.ignore_patterns("assets"), dirs_exist_ok=True
    )
    return replace(healthy, root=tmp_path)


def test_a_proven_site_passes_and_its_blocks_are_counted_by_role(healthy: Built) -> None:
    verdict = healthy.judge()
    assert verdict.problems == ()
    assert verdict.found == {"json": 1, "output": 1, "python": 7}
    assert verdict.blocks == sum(len(page.blocks) for page in healthy.pages) == 9
    assert verdict.files == len(list(healthy.site.rglob("*.html"))) == 4


def test_pages_are_found_without_directory_urls_too(tmp_path: Path) -> None:
    config = f"{CONFIG}\nuse_directory_urls: false\n"
    made = build(
        tmp_path, config, {"index.md": INDEX, "guides/tabs.md": GUIDE, "a/README.md": INDEX}
    )
    assert not made.use_directory_urls
    assert made.judge().problems == ()
    assert made.judge().blocks == 13
    assert gate(made.site, made.receipts, docs=tmp_path / "docs", prove=PROVE).problems != ()


@pytest.mark.parametrize(
    ("page", "with_directories", "without"),
    [
        ("index.md", "index.html", "index.html"),
        ("guides/index.md", "guides/index.html", "guides/index.html"),
        ("guides/README.md", "guides/index.html", "guides/index.html"),
        ("guides/retry.md", "guides/retry/index.html", "guides/retry.html"),
        ("v1.2.md", "v1.2/index.html", "v1.2.html"),
    ],
)
def test_a_page_lands_where_mkdocs_puts_it(page: str, with_directories: str, without: str) -> None:
    assert html_file(page) == with_directories
    assert html_file(page, use_directory_urls=False) == without


@pytest.mark.parametrize(
    ("html", "why"),
    [
        ('<a href="../../#tiny">', None),
        ('<a href="../../index.html#tiny">', None),
        ('<a href="#guide">', None),
        ('<a href="https://example.org/nowhere#there">', None),
        ('<a href="../../#tinier">', "index.html has no #tinier"),
        ('<a href="#guided">', "guides/tabs/index.html has no #guided"),
        ('<a href="../tab/">', "the site has no guides/tab/index.html"),
        ('<img src="../shop.png" alt="A shop">', "the site has no guides/shop.png"),
    ],
)
def test_a_link_that_leads_nowhere_is_refused(built: Built, html: str, why: str | None) -> None:
    built.alter(GUIDE_HTML, "</article>", f"{html}</article>")
    said = built.refusals()
    assert said == [] if why is None else [line.endswith(f": {why}.") for line in said] == [True]
    assert all(line.startswith("docs/guides/tabs.md:0: ") for line in said)


def test_one_altered_byte_of_code_is_refused(built: Built) -> None:
    built.alter(GUIDE_HTML, ">second<", ">sec0nd<")
    unknown, lost = built.refusals()
    assert unknown.startswith("docs/guides/tabs.md:0: guides/tabs/index.html:")
    assert "'first = 1': nothing vouches for this code. Run `nox -s docs-test`" in unknown
    assert lost.startswith(
        "docs/guides/tabs.md:15: This python block of guides/tabs.md has a receipt"
    )
    assert "guides/tabs/index.html does not show these bytes" in lost
    assert built.judge().found["unknown"] == 1


def test_white_space_is_code_too(built: Built) -> None:
    built.alter("index.html", "one True", "one  True")
    assert any("'one  True': nothing vouches" in line for line in built.refusals())


def test_markup_inside_code_is_not_code(built: Built) -> None:
    built.alter("index.html", "one True", "one <b></b><!-- hm -->True")
    assert built.refusals() == []


def test_a_block_that_vanished_is_missed(built: Built) -> None:
    file = built.site / "index.html"
    text = file.read_text(encoding="utf-8")
    start = text.index("<pre", text.index("noted") - 300)
    file.write_text(text[:start] + text[text.index("</pre>", start) + 6 :], encoding="utf-8")
    [line] = built.refusals()
    assert line.startswith("docs/index.md:18: This python block of index.md has a receipt, but")


def test_a_page_that_was_not_built_is_missed(built: Built) -> None:
    (built.site / GUIDE_HTML).unlink()
    lines = built.refusals()
    assert sum("was not built" in line for line in lines) == 5
    assert all("leads nowhere" in line for line in lines[5:])
    assert "docs/guides/tabs.md:5: " in lines[0]
    assert "guides/tabs/index.html was not built" in lines[0]


def test_the_order_of_blocks_is_part_of_the_proof(built: Built) -> None:
    built.alter(GUIDE_HTML, '"a"', '"?"')
    built.alter(GUIDE_HTML, '"b"', '"a"')
    built.alter(GUIDE_HTML, '"?"', '"b"')
    assert any("out of order" in line for line in built.refusals())


def test_proven_code_may_not_stand_on_another_page(built: Built) -> None:
    code = re.search(r"<div class=\"[^\"]*highlight.*?</pre></div>", index_html(built), re.DOTALL)
    assert code is not None
    built.alter("404.html", "</article>", f"{code[0]}</article>")
    [line] = built.refusals()
    assert line.startswith("site/404.html:")
    assert "404.html:" in line
    assert "nothing vouches for this code" in line


@pytest.mark.parametrize("name", ["404.html", "tags/index.html", "index.html"])
@pytest.mark.parametrize(
    ("html", "said"),
    [
        ('<pre><code>print("one", 1 &lt; 2)\n</code></pre>', "a raw <pre> in the page"),
        ("<pre>plain\n</pre>", "a <pre> with 0 <code> in it"),
        ('<div class="highlight"><pre><code>a</code><code>b</code></pre></div>', "with 2 <code>"),
        ('<div class="highlight"><pre>$ <code>a</code></pre></div>', "text beside its <code>"),
        ('<pre class="mermaid"><code>graph LR</code></pre>', "a mermaid fence has no role"),
        ("<xmp>code</xmp>", "a <xmp> is no code block"),
        ("<listing>code</listing>", "a <listing> is no code block"),
        ("<plaintext>code", "a <plaintext> is no code block"),
        ("<textarea readonly>x = 1</textarea>", "a <textarea> is no code block"),
        ('<iframe srcdoc="&lt;pre&gt;x = 1&lt;/pre&gt;"></iframe>', "what a <iframe> shows"),
        ('<object data="code.txt"></object>', "what a <object> shows"),
        ("<p><code>x = 1<br>y = 2</code></p>", "inline code of several lines"),
        ("<p><kbd><div>x = 1</div></kbd></p>", "inline code of several lines"),
        ("<p><code>x = 1</code><br>\n<code>y = 2</code></p>", "line below line"),
        ('<div style="white-space: pre">x = 1</div>', "a <div> that is styled as code"),
        ('<p style="font: 1em Courier">x = 1</p>', "a <p> that is styled as code"),
        ('<font face="monospace">x = 1</font>', "a <font> that is styled as code"),
        ("<style>.x {white-space: pre-wrap}</style>", "a <style> that makes prose look like"),
        ('<div class="highlight">x = 1</div>', "a <div> in the colours of code"),
    ],
)
def test_preformatted_text_that_is_no_block_is_refused(
    built: Built, name: str, html: str, said: str
) -> None:
    built.alter(name, "</article>", f"{html}</article>")
    [line] = built.refusals()
    assert said in line
    assert f"{name}:" in line
    assert "write a fenced block" in line or "show a figure" in line


@pytest.mark.parametrize(
    "html",
    [
        "<p><code>x</code>, or<br><code>y</code></p>",
        "<p>One: <code>x</code><br><code>y</code></p>",
        "<p>Press <kbd>Ctrl</kbd>+<kbd>C</kbd><br>now.</p>",
        '<p style="color: red">red</p>',
        '<p>A <code class="highlight">word</code></p>',
    ],
)
def test_words_of_code_in_prose_need_no_receipt(built: Built, html: str) -> None:
    built.alter("index.html", "</article>", f"{html}</article>")
    assert built.refusals() == []


@pytest.mark.parametrize("name", ["old.htm", "old.XHTML", "guides/old.shtml"])
def test_every_file_that_a_browser_shows_as_a_page_is_read(built: Built, name: str) -> None:
    code = '<div class="highlight"><pre><code>x = 1</code></pre></div>'
    (built.site / name).write_text(f"<p>Old</p>{code}", encoding="utf-8")
    [line] = built.refusals()
    assert line.startswith(f"site/{name}:1: {name}:1: 'x = 1': nothing vouches for this code.")


@pytest.mark.parametrize(
    ("button", "refused"),
    [
        ('<button data-clipboard-text="print(&quot;one&quot;, 1 &lt; 2)"></button>', False),
        ('<button data-clipboard-text="print(&quot;two&quot;)"></button>', True),
        ('<button data-clipboard-target="#elsewhere"></button>', True),
    ],
)
def test_a_button_copies_what_stands_beside_it(built: Built, button: str, refused: bool) -> None:
    built.alter("index.html", "<pre", f"{button}<pre")
    assert any("a button that copies other text" in line for line in built.refusals()) is refused


def test_only_numbers_may_stand_beside_numbered_code(built: Built) -> None:
    file = built.site / GUIDE_HTML
    text = file.read_text(encoding="utf-8")
    assert 'class="linenos"' in text
    file.write_text(re.sub(r"(__codelineno-\d+-2\">)2<", r"\1rm -rf<", text), encoding="utf-8")
    [line] = built.refusals()
    assert "line numbers that are no numbers" in line


@pytest.mark.parametrize(
    ("html", "refused"),
    [
        ("<p>```python\nprint(1)</p>", True),
        ("<p>text\n~~~ python</p>", True),
        ("<p>text<br>``` python</p>", True),
        ("<ul><li>  ```\n</li></ul>", True),
        ("<p>a</p>```\n", True),
        ("<p>behind a <b>word</b>```</p>", False),
        ("<p>within ``` a line</p>", False),
        ("<p><code>```python</code> opens a block</p>", False),
        ("<script>x = `\n```\n`</script>", False),
        ("<svg><text>a</text>\n```\n</svg>", False),
    ],
)
def test_a_fence_shown_as_prose_is_refused(built: Built, html: str, refused: bool) -> None:
    built.alter("index.html", "</article>", f"{html}</article>")
    assert any("a fence shown as prose" in line for line in built.refusals()) is refused


@pytest.mark.parametrize(
    ("code", "refused"),
    [
        ("python title=main.py\nprint(1)\n", True),
        ("anything\nwith two lines", True),
        ("python title=main.py print(1)", True),
        ("python,ignore print(1)", True),
        ('python title="main.py"', False),
        ("python main.py", False),
        ("x,y = 1, 2", False),
        ("one\n", False),
    ],
)
def test_a_fence_swallowed_as_inline_code_is_refused(
    built: Built, code: str, refused: bool
) -> None:
    built.alter("index.html", "</article>", f"<p>So <code>{code}</code>.</p></article>")
    lines = built.refusals()
    assert any("a fence that became inline code" in line for line in lines) is refused
    assert all(repr(code.splitlines()[0]) in line for line in lines)


@pytest.mark.parametrize(
    ("comment", "refused"),
    [
        ("\n```python\nprint(1)\n```\n", True),
        (" <pre><code>print(1)</code></pre> ", True),
        (" ~~~ ", True),
        (" a word on `code` ", False),
    ],
)
def test_code_in_a_comment_is_refused(built: Built, comment: str, refused: bool) -> None:
    built.alter("index.html", "</article>", f"<!--{comment}--></article>")
    assert any("code in an HTML comment" in line for line in built.refusals()) is refused


def test_a_failed_run_is_refused_with_its_reason_and_the_command(healthy: Built) -> None:
    results = [r for page in healthy.pages for r in roles(page, variants=("A", "B"))]
    assert healthy.refusals(issue(healthy.pages, results, root=healthy.root, rerun=RERUN)) == []
    results[1].problems.append("NameError: name 'x' is not defined")
    [line] = healthy.refusals(issue(healthy.pages, results, root=healthy.root, rerun=RERUN))
    assert line.startswith("docs/index.md:9: index.html:")
    assert "failed (B): NameError: name 'x' is not defined" in line
    assert line.endswith("Rerun: nox -s docs-test -- docs/index.md:9")


def test_a_block_that_nothing_ran_is_refused(healthy: Built) -> None:
    results = [result for page in healthy.pages for result in roles(page)]
    ran = [result for result in results if result.role != "json"]
    [line] = healthy.refusals(issue(healthy.pages, ran, root=healthy.root, rerun=RERUN))
    assert "unproven: No run proved this block." in line


def test_one_text_on_two_pages_is_proven_for_each_of_them(built: Built) -> None:
    texts = [block.text for page in built.pages for block in page.blocks]
    assert texts.count('print("one", 1 < 2)\n') == 2
    built.alter(GUIDE_HTML, '"one"', '"two"')
    assert len(built.refusals()) == 2
    assert all("guides/tabs" in line for line in built.refusals())


def test_an_empty_site_and_a_site_without_code_prove_nothing(built: Built, tmp_path: Path) -> None:
    empty = issue([], [], root=tmp_path, rerun=RERUN)
    shutil.rmtree(built.site)
    assert built.refusals(empty) == ["site:0: The site holds no HTML file: build it first."]
    built.site.mkdir()
    (built.site / "index.html").write_text("<p>Hello", encoding="utf-8")
    assert built.refusals(empty) == ["site:0: The site holds no code block: build it first."]


def test_an_empty_file_is_refused(built: Built) -> None:
    (built.site / "404.html").write_text("\n", encoding="utf-8")
    [line] = built.refusals()
    assert "404.html:0: '': this file is empty" in line


@pytest.mark.parametrize("lost", ["\N{REPLACEMENT CHARACTER}".encode(), b"\xe9"])
def test_a_character_that_was_lost_is_refused(built: Built, lost: bytes) -> None:
    file = built.site / "guides" / "tabs" / "index.html"
    before, title, after = file.read_bytes().partition(b">Guide<")
    file.write_bytes(before + title[:3] + lost + title[3:] + after)
    [line, *rest] = built.refusals()
    assert "docs/guides/tabs.md:0: guides/tabs/index.html:" in line
    assert "a character was lost on its way" in line
    assert not rest
