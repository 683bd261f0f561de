"""Marks lead from every proven block to the ledger and back, and change nothing else."""

from __future__ import annotations

import os
import platform
import posixpath
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote

import lxml.html
import pytest
from lxml.html import HtmlElement
from mkdocs.config import load_config

from proofread._collect import collect_page
from proofread._gate import gate
from proofread._issue import issue
from proofread._marked import markdown_factory
from proofread._model import Block, Page, Problem, Result
from proofread._receipts import Receipts, summary
from proofread._stamp import stamp

PROVE = "nox -s docs-test"
RERUN = f"{PROVE} --"
CONFIG = """
site_name: Tiny
theme: {name: material, font: false}
markdown_extensions:
  - admonition
  - attr_list
  - md_in_html
  - pymdownx.highlight: {anchor_linenums: true}
  - pymdownx.superfences
  - pymdownx.tabbed: {alternate_style: true}
"""

SOURCES = {
    "index.md": """# Tiny

```python title="a<b.py"
import lxml
print("one", 1 < 2)
```

!!! note
    ```text title="Output"
    one True
    ```

<div class="highlight" markdown="1">
```json
{"quoted": "é"}
```

```json
[]
```
</div>
""",
    "guides/a b/tabs.md": """# Guide

=== "A"

    ```python linenums="1" title="numbered.py"
    first = 1
    second = 2
    ```

=== "B"

    ```python
    print("b")
    ```
""",
    "proof.md": """# Proof

<div data-proofread="ledger"></div>

```python
print("on the proof page itself")
```
""",
}
MARK = re.compile(r'<a class="proof-mark".*?</a>| data-role="[^"]*"')
LEDGER = re.compile(r'(<div data-proofread="ledger">).*</table></div>(</div>)')
PYTHON = ".".join(platform.python_version_tuple()[:2])


@dataclass(frozen=True)
class Built:
    root: Path
    pages: tuple[Page, ...]
    receipts: Receipts
    use_directory_urls: bool = True

    @property
    def site(self) -> Path:
        return self.root / "site"

    def stamp(self, receipts: Receipts | None = None) -> list[Problem]:
        return stamp(
            self.site,
            receipts or self.receipts,
            docs=self.root / "docs",
            use_directory_urls=self.use_directory_urls,
        )

    def files(self) -> dict[str, str]:
        found = sorted(self.site.rglob("*.html"))
        return {f.relative_to(self.site).as_posix(): f.read_bytes().decode() for f in found}

    def tree(self, name: str) -> HtmlElement:
        return lxml.html.document_fromstring((self.site / name).read_bytes())

    def marks(self, name: str) -> list[HtmlElement]:
        return list(self.tree(name).find_class("proof-mark"))

    def row(self, number: int) -> list[str]:
        row = self.tree("proof/index.html").find_class("ledger")[0].findall("tbody/tr")[number]
        return [cell.text_content() for cell in row]


def results(pages: tuple[Page, ...], *variants: str) -> list[Result]:
    roles = {"text": "output"}
    return [
        Result(block, roles.get(block.language, block.language), variant, duration=0.25)
        for page in pages
        for block in page.blocks
        for variant in variants or ("",)
    ]


def build(root: Path, config: str) -> Built:
    for name, text in SOURCES.items():
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
    pages = tuple(collect_page(root / "docs" / n, name=n, markdown=markdown) for n in SOURCES)
    receipts = issue(pages, results(pages), root=root, rerun=RERUN, seconds=1.5)
    return Built(root, pages, receipts, read.use_directory_urls)


@pytest.fixture(scope="session")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(tmp_path_factory.mktemp("healthy"), CONFIG)


@pytest.fixture(scope="session")
def flat(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(tmp_path_factory.mktemp("flat"), f"{CONFIG}\nuse_directory_urls: false\n")


@pytest.fixture
def built(healthy: Built, tmp_path: Path) -> Built:
    """A copy to stamp."""
    ignore = shutil.ignore_patterns("assets")
    shutil.copytree(healthy.root, tmp_path / "copy", ignore=ignore)
    return replace(healthy, root=tmp_path / "copy")


def test_every_proven_block_gets_a_mark_and_the_gate_still_passes(built: Built) -> None:
    assert built.stamp() == []
    verdict = gate(built.site, built.receipts, docs=built.root / "docs", prove=PROVE)
    assert verdict.problems == ()
    marks = [mark for name in built.files() for mark in built.marks(name)]
    assert len(marks) == verdict.blocks == 7


def test_what_a_run_printed_says_so_by_its_looks_without_a_script(built: Built) -> None:
    told = results(built.pages)
    told[2] = replace(told[2], role="server log")
    built.stamp(issue(built.pages, told, root=built.root, rerun=RERUN))
    shown = built.tree("index.html").xpath("//pre/ancestor::div[contains(@class, 'highlight')][1]")
    assert [block.get("data-role") for block in shown] == [None, "output", "log", None]


def test_nothing_but_marks_and_the_ledger_is_written(built: Built) -> None:
    before = built.files()
    built.stamp()
    after = built.files()
    assert before != after
    plain = {name: LEDGER.sub(r"\1\2", MARK.sub("", text)) for name, text in after.items()}
    assert plain == before


def test_stamping_twice_gives_the_same_bytes(built: Built) -> None:
    built.stamp()
    once = built.files()
    assert built.stamp() == []
    assert built.files() == once


def test_a_new_proof_replaces_the_marks_of_an_old_one(built: Built) -> None:
    fresh = built.files()
    other = issue(built.pages, results(built.pages, "X", "Y"), root=built.root, rerun=RERUN)
    built.stamp(other)
    stale = built.files()
    built.stamp()
    renewed = built.files()
    assert stale != renewed
    shutil.rmtree(built.site)
    for name, text in fresh.items():
        (built.site / name).parent.mkdir(parents=True, exist_ok=True)
        (built.site / name).write_bytes(text.encode())
    built.stamp()
    assert built.files() == renewed


def test_line_ends_stay_as_the_generator_wrote_them(built: Built) -> None:
    for name, text in built.files().items():
        (built.site / name).write_bytes(text.replace("\n", "\r\n").encode())
    before = built.files()
    built.stamp()
    plain = {n: LEDGER.sub(r"\1\2", MARK.sub("", text)) for n, text in built.files().items()}
    assert plain == before
    assert len(built.marks("index.html")) == 4


def test_a_mark_stands_right_behind_its_block_inside_the_wrapper(built: Built) -> None:
    built.stamp()
    for name in built.files():
        for mark in built.marks(name):
            assert mark.getprevious().tag == "pre"
            assert any("highlight" in (n.get("class") or "") for n in mark.iterancestors())
    [numbered, *_] = built.marks("guides/a b/tabs/index.html")
    assert numbered.xpath("ancestor::table//td[@class='linenos']")


def test_blocks_that_share_a_wrapper_are_marked_in_order(built: Built) -> None:
    built.stamp()
    page = next(page for page in built.pages if page.name == "index.md")
    ids = [mark.get("id") for mark in built.marks("index.html")]
    made = [r.id for r in built.receipts.entries if r.page == page.name]
    assert ids == [f"proof-{name}" for name in made]


def test_a_mark_says_what_it_ran_on_and_how_long_it_took(built: Built) -> None:
    built.stamp()
    [receipt, *_] = [r for r in built.receipts.entries if r.page == "index.md"]
    [first, second, *_] = built.marks("index.html")
    version = receipt.packages["lxml"]
    assert first.text == f"✓ verified · Python {PYTHON} · lxml {version} · 0.2 s"
    assert first.get("title") == (
        f"This python block was proven on Python {platform.python_version()}, lxml {version}."
        " Rerun: nox -s docs-test -- docs/index.md:3"
    )
    assert second.text == "✓ matched"
    assert f"lxml {version}" in second.get("title")


@pytest.mark.parametrize(
    ("duration", "said"), [(1.26, "1.3 s"), (0.1, "0.1 s"), (0.0123, "12 ms"), (0.0001, "< 1 ms")]
)
def test_a_mark_gives_the_time_in_a_readable_unit(built: Built, duration: float, said: str) -> None:
    told = [replace(result, duration=duration) for result in results(built.pages)]
    built.stamp(issue(built.pages, told, root=built.root, rerun=RERUN))
    [first, *_] = built.marks("index.html")
    assert first.text.rsplit(" · ", 1)[1] == said


def test_a_block_of_several_tabs_counts_its_runs(built: Built) -> None:
    built.stamp(issue(built.pages, results(built.pages, "A", "B"), root=built.root, rerun=RERUN))
    assert built.marks("index.html")[2].text.endswith(" · 2 runs · 0.5 s")
    assert built.row(3)[4:7] == ["A, B", "✓ passed", "0.500"]


def test_versions_that_differ_between_tabs_stay_in_the_tooltip(built: Built) -> None:
    both = [r for r in results(built.pages, "A", "B") if (r.role, r.variant) != ("python", "B")]
    told = [replace(r, role="http") if r.role == "output" else r for r in both]
    built.stamp(issue(built.pages, told, root=built.root, rerun=RERUN))
    first, second, *_ = built.marks("index.html")
    assert "lxml" in first.text
    assert second.text == f"✓ verified · Python {PYTHON} · 2 runs · 0.5 s"
    assert "lxml" in second.get("title")


def test_a_stray_end_tag_moves_no_mark(built: Built) -> None:
    file = built.site / "index.html"
    old = file.read_text(encoding="utf-8")
    file.write_text(old.replace("<pre>", "</i><br><img><pre>"), encoding="utf-8")
    built.stamp()
    assert len(built.marks("index.html")) == 4
    for mark in built.marks("index.html"):
        assert mark.getprevious().tag == "pre"


def test_what_is_not_proven_gets_no_mark_and_a_word_in_the_ledger(built: Built) -> None:
    told = results(built.pages)
    told[0].problems.append("No.")
    told[2] = replace(told[2], role="other")
    del told[3]
    built.stamp(issue(built.pages, told, root=built.root, rerun=RERUN))
    assert len(built.marks("index.html")) == 2
    assert [built.row(2 + n)[5] for n in range(4)] == [
        "✗ failed",
        "✓ passed",
        "✓ passed",
        "✗ unproven",
    ]


def test_altered_code_gets_no_mark(built: Built) -> None:
    file = built.site / "index.html"
    file.write_text(file.read_text(encoding="utf-8").replace("one True", "one true"), "utf-8")
    built.stamp()
    assert len(built.marks("index.html")) == 3


@pytest.mark.parametrize("kind", ["healthy", "flat"])
def test_every_link_arrives(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    source: Built = request.getfixturevalue(kind)
    shutil.copytree(source.root, tmp_path / "copy", ignore=shutil.ignore_patterns("assets"))
    built = replace(source, root=tmp_path / "copy")
    assert built.stamp() == []
    links = 0
    for name in built.files():
        tree = built.tree(name)
        ids = tree.xpath("//@id")
        assert len(ids) == len(set(ids))
        for link in [*tree.find_class("proof-mark"), *tree.xpath("//table[@class='ledger']//a")]:
            assert " " not in link.get("href")
            path, _, anchor = link.get("href").partition("#")
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(path)))
            if built.use_directory_urls:
                assert path.endswith("/")
                target = posixpath.normpath(posixpath.join(target, "index.html"))
            assert built.tree(target).get_element_by_id(anchor) is not None
            links += 1
    assert links == 14


def test_the_ledger_shows_every_block_and_the_totals(built: Built) -> None:
    built.stamp()
    tree = built.tree("proof/index.html")
    [wrap] = tree.find_class("ledger-wrap")
    [table] = wrap.findall("table")
    assert [head.text for head in table.findall("thead/tr/th")][:4] == [
        "Page",
        "Line",
        "Role",
        "Title",
    ]
    assert len(table.findall("tbody/tr")) == 7
    [totals] = tree.find_class("ledger-totals")
    assert [item.text for item in totals] == [
        line.strip() for line in summary(built.receipts).splitlines()
    ]
    version = next(r.packages["lxml"] for r in built.receipts.entries if r.packages)
    assert built.row(2) == [
        "index.md", "3", "python", "a<b.py", "", "✓ passed", "0.250",
        "nox -s docs-test -- docs/index.md:3", f"lxml {version}",
    ]  # fmt: skip


def test_a_site_without_a_proof_page_is_refused(built: Built) -> None:
    shutil.rmtree(built.site / "proof")
    [problem] = built.stamp()
    assert problem.path == built.root / "docs/proof.md"
    assert problem.message.startswith("proof/index.html was not built: write proof.md, with `<div ")


@pytest.mark.parametrize("count", [0, 2])
def test_the_proof_page_has_exactly_one_place_for_the_ledger(built: Built, count: int) -> None:
    file = built.site / "proof/index.html"
    ledger = '<div data-proofread="ledger"></div>'
    text = file.read_text(encoding="utf-8")
    assert ledger in text
    file.write_text(text.replace(ledger, ledger * count), encoding="utf-8")
    [problem] = built.stamp()
    assert problem.message.startswith(f"It has {count} places for the ledger: write `{ledger}`")


@pytest.mark.parametrize(
    ("code", "mark"),
    [
        ("$ pip install lxml\n", "✓ checked"),
        ("$ python -m pip install lxml\n", "✓ checked"),
        ("$ python -m this\n", "✓ verified"),
    ],
)
def test_an_install_line_is_marked_as_checked(tmp_path: Path, code: str, mark: str) -> None:
    block = Block(tmp_path / "index.md", 1, 3, "console", None, code)
    page = Page(block.path, "index.md", (block,))
    receipts = issue([page], [Result(block, "console")], root=tmp_path, rerun=RERUN)
    shown = f'<div class="highlight"><pre><code>{code}</code></pre></div>'
    (tmp_path / "index.html").write_text(shown, encoding="utf-8")
    (tmp_path / "proof").mkdir()
    ledger = '<div data-proofread="ledger"></div>'
    (tmp_path / "proof" / "index.html").write_text(ledger, encoding="utf-8")
    assert stamp(tmp_path, receipts, docs=tmp_path) == []
    assert mark in (tmp_path / "index.html").read_text(encoding="utf-8")
