"""A reference page shows what the code says, and its examples are blocks like any other."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import lxml.html
import pytest
from mkdocs.config import load_config

from proofread._collect import collect_markdown, collect_page
from proofread._gate import gate
from proofread._issue import issue
from proofread._marked import markdown_factory
from proofread._model import Block, Page, Result
from proofread._receipts import Receipts
from proofread._reference import Reference
from proofread._spelling import disagreement

PROVE = "nox -s docs-test"
RERUN = f"{PROVE} --"
CONFIG = """
site_name: Tiny
theme: {name: material, font: false}
plugins:
  - autorefs
  - mkdocstrings:
      handlers:
        python:
          paths: [src]
          options:
            docstring_style: google
            docstring_section_style: list
            filters: public
            line_length: 80
            members_order: source
            merge_init_into_class: true
            separate_signature: true
            show_root_heading: true
            show_signature_annotations: true
            show_source: false
            signature_crossrefs: true
markdown_extensions:
  - admonition
  - attr_list
  - pymdownx.details
  - pymdownx.highlight: {anchor_linenums: true, pygments_lang_class: true}
  - pymdownx.inlinehilite
  - pymdownx.superfences
  - pymdownx.tabbed: {alternate_style: true}
"""

INDEX = """# Tiny

```python
print("before")
```

::: tiny_proofread

::: tiny_proofread.Sub
    options:
      inherited_members: true
      members: [own, run]

```python
print("after")
```
"""

PACKAGE = '''"""A tiny package.

Example:
    ```python
    import tiny_proofread
    ```

    ```text title="Output"
    3
    ```
"""

from __future__ import annotations

import dataclasses
import enum
import typing as t
from collections.abc import Awaitable, Callable

P = t.ParamSpec("P")
T = t.TypeVar("T")

Handler: t.TypeAlias = "Callable[[int], Awaitable[None]]"
"""What handles."""

LIMIT: int = 3
"""The limit.

```python
from tiny_proofread import LIMIT
```
"""


class Color(enum.Enum):
    """Colours."""

    RED = "red"
    """Red."""


def add(
    a: int,
    b: t.Optional[int] = 2,
    *,
    sign: str = 'it\\'s "+"',
    key: Callable[..., t.Any] | None = None,
    color: Color = Color.RED,
    word: str = Color.RED.value,
) -> dict[str, list[int]]:
    """Adds, and wraps its long signature.

    Args:
        a: The first.

            ```python
            add(1)
            ```
        b: The second.

    Returns:
        The sum.

    Examples:
        Some text.

        >>> add(1, 2)
        3

        And more:

        >>> add(1, 3)  # doctest: +SKIP
        4
    """
    return {}


def kinds(a, b=1, /, c=2, *args: int, d, **kw: str) -> None:
    """Every kind of parameter."""


def call(
    func: Callable[P, T], /, *args: P.args, note: t.Annotated[str, "x"] = "", **kwargs: P.kwargs
) -> T:
    """Calls."""


@t.overload
def over(a: int) -> int: ...
@t.overload
def over(a: str) -> str: ...
def over(a):
    """Overloaded.

    === "One"

        ```python
        over(1)
        ```

    === "Two"

        ```python
        over(2)
        ```
    """
    return a


class Base(t.Generic[T]):
    """A base.

    Example: How to
        Text before.

        ```python
        Base(1)
        ```
    """

    def __init__(self, x: T, *, verbose: bool = False) -> None:
        """Makes one.

        ```python
        Base(2)
        ```
        """
        self.x = x
        """The x."""

    @property
    def double(self) -> int:
        """Twice."""
        return 2

    async def run(self) -> None:
        """Runs.

        ```python
        Base(3).run()
        ```
        """


class Sub(Base[int]):
    """A sub."""

    def own(self) -> "Sub":
        """Own."""
        return self


@dataclasses.dataclass(frozen=True)
class Data:
    """Data."""

    a: int
    """The a."""
    b: tuple[int, ...] = (1, 2)
    """The b."""
'''


@dataclass(frozen=True)
class Built:
    root: Path
    page: Page
    reference: Reference
    receipts: Receipts

    def shown(self) -> list[str]:
        tree = lxml.html.parse(self.root / "site/index.html")
        return [str(code.text_content()) for code in tree.iterfind(".//pre/code")]

    def block(self, start: str) -> Block:
        return next(block for block in self.page.blocks if block.text.startswith(start))


def ask(root: Path, package: str = PACKAGE) -> Reference:
    (root / "docs").mkdir(parents=True, exist_ok=True)
    (root / "mkdocs.yml").write_text(CONFIG, encoding="utf-8")
    (root / "src/tiny_proofread").mkdir(parents=True, exist_ok=True)
    (root / "src/tiny_proofread/__init__.py").write_text(package, encoding="utf-8")
    read = load_config(str(root / "mkdocs.yml"))
    markdown = markdown_factory(read.markdown_extensions, read.mdx_configs)
    return Reference(root / "mkdocs.yml", partial(collect_markdown, markdown=markdown))


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    root = tmp_path_factory.mktemp("reference")
    reference = ask(root)
    (root / "docs/index.md").write_text(INDEX, encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict"],
        cwd=root,
        check=True,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )
    page = collect_page(
        root / "docs/index.md",
        name="index.md",
        markdown=reference.collect.keywords["markdown"],  # type: ignore[attr-defined]
        reference=reference,
    )
    own = [Result(block, block.language) for block in page.blocks if block.language != "signature"]
    receipts = issue([page], [*own, *reference.signatures], root=root, rerun=RERUN)
    return Built(root, page, reference, receipts)


def test_what_is_collected_is_what_the_site_shows_in_its_order(built: Built) -> None:
    assert built.reference.problems == []
    assert [block.text for block in built.page.blocks] == built.shown()
    assert built.page.blocks[0].text == 'print("before")\n'
    assert built.page.blocks[-1].text == 'print("after")\n'
    verdict = gate(built.root / "site", built.receipts, docs=built.root / "docs", prove=PROVE)
    assert verdict.problems == ()
    assert verdict.found == {"pycon": 2, "python": 12, "signature": 21, "text": 1}


def test_every_example_leads_to_its_fence_in_the_python_file(built: Built) -> None:
    lines = PACKAGE.splitlines()
    examples = [
        b for b in built.page.blocks if b.path.suffix == ".py" and b.language != "signature"
    ]
    assert len(examples) == 13
    for block in examples:
        assert block.path == built.root / "src/tiny_proofread/__init__.py"
        written = [line.strip() for line in lines[block.line : block.end_line - 1]]
        told = [line.replace("  # doctest: +SKIP", "") for line in written]
        assert told == block.text.splitlines()
        if block.language != "pycon":
            assert lines[block.line - 1].strip().startswith("```")


def test_titles_languages_and_tabs_of_examples_are_kept(built: Built) -> None:
    output = built.block("3\n")
    assert (output.language, output.title) == ("text", "Output")
    assert built.block("over(2)").tabs == ((("One", "Two"), "Two"),)


def test_signatures_are_blocks_of_their_own_and_agree_with_the_code(built: Built) -> None:
    signatures = [block for block in built.page.blocks if block.language == "signature"]
    assert [result.block for result in built.reference.signatures] == signatures
    assert {result.role for result in built.reference.signatures} == {"signature"}
    assert [result.problems for result in built.reference.signatures if not result.passed] == []
    lines = PACKAGE.splitlines()
    assert "def kinds" in lines[built.block("kinds(").line - 1]
    assert "@dataclasses.dataclass" in lines[built.block("Data(").line - 1]
    assert built.block("double").text == "double: int\n"
    assert built.block("LIMIT").text == "LIMIT: int = 3\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [(">kinds<", ">kindz<"), (">verbose<", ">verbos<"), (">3<", ">4<"), (">/<", ">*<")],
)
def test_one_altered_byte_of_a_signature_stops_the_site(
    built: Built, tmp_path: Path, old: str, new: str
) -> None:
    text = (built.root / "site/index.html").read_text(encoding="utf-8")
    _, signature, rest = text.partition("doc-signature")
    assert old in rest
    changed = "".join([_, signature, rest.replace(old, new)])
    (tmp_path / "index.html").write_text(changed, encoding="utf-8")
    said = [
        problem.message
        for problem in gate(tmp_path, built.receipts, docs=built.root, prove=PROVE).problems
    ]
    assert any("nothing vouches for this code" in message for message in said)


CODE = "def f(a: int, /, b: str = 'x', *, c=None, **kw: int) -> bool: ..."


@pytest.mark.parametrize(
    ("text", "agrees"),
    [
        ("f(a: int, /, b: str = 'x', *, c=None, **kw: int) -> bool\n", True),
        (
            'f(\n    a: int,\n    /,\n    b: str = "x", *,\n    c = None, **kw: int\n) -> bool',
            True,
        ),
        ("g(a: int, /, b: str = 'x', *, c=None, **kw: int) -> bool", False),
        ("f(b: int, /, a: str = 'x', *, c=None, **kw: int) -> bool", False),
        ("f(a: int, b: str = 'x', *, c=None, **kw: int) -> bool", False),
        ("f(a: int, /, b: str = 'x', c=None, **kw: int) -> bool", False),
        ("f(a: int, /, b: str = 'y', *, c=None, **kw: int) -> bool", False),
        ("f(a: int, /, b: str = 'x ', *, c=None, **kw: int) -> bool", False),
        ("f(a: int, /, b: str, *, c=None, **kw: int) -> bool", False),
        ("f(a: str, /, b: str = 'x', *, c=None, **kw: int) -> bool", False),
        ("f(a: int, /, b: str = 'x', *, c=None, **kw) -> bool", False),
        ("f(a: int, /, b: str = 'x', *, c=None) -> bool", False),
        ("f(a: int, /, b: str = 'x', *, c=None, **kw: int)", False),
        ("f(a: int, /, b: str = 'x', *, c=None, **kw: int) -> int", False),
        ("", False),
    ],
)
def test_a_signature_that_says_something_else_than_the_code_is_refused(
    text: str, agrees: bool
) -> None:
    said = disagreement(text, CODE)
    assert (said is None) is agrees
    assert said is None or "but the code says `def f(a: int, /, b: str = 'x'" in said


def test_attributes_and_what_this_python_cannot_parse_are_compared_too() -> None:
    assert disagreement("LIMIT: int = 3\n", "LIMIT: int = 3") is None
    assert disagreement("LIMIT: int = 4\n", "LIMIT: int = 3") is not None
    assert disagreement("f[**P](\n    a: int\n)", "def f[**P](a: int): ...") is None
    assert disagreement("f[**Q](a: int)", "def f[**P](a: int): ...") is not None


@pytest.mark.parametrize(
    "option",
    [
        "signature_crossrefs: false",
        "annotations_path: source",
        "annotations_path: full",
        "show_signature_annotations: false",
        "merge_init_into_class: false",
        "show_attribute_values: false",
        "unwrap_annotated: true",
        "overloads_only: true",
    ],
)
def test_signatures_agree_with_the_code_under_other_options(tmp_path: Path, option: str) -> None:
    reference = ask(tmp_path)
    blocks = reference(f"::: tiny_proofread\n    options:\n      {option}")
    assert len(blocks) > 20
    assert [result.problems for result in reference.signatures if not result.passed] == []


def test_a_directive_that_names_nothing_is_refused_with_its_name(tmp_path: Path) -> None:
    reference = ask(tmp_path)
    page = tmp_path / "docs/index.md"
    assert reference("::: tiny_proofread.Nope", page=page, line=7) == []
    [problem] = reference.problems
    assert (problem.path, problem.line) == (page, 7)
    assert "`::: tiny_proofread.Nope` shows nothing:" in problem.message
    assert "Write a dotted name" in problem.message


@pytest.mark.parametrize("below", ["options: [", "just some text"])
def test_options_that_cannot_be_read_are_refused(tmp_path: Path, below: str) -> None:
    reference = ask(tmp_path)
    assert reference(f"::: tiny_proofread\n    {below}") == []
    assert "indent `options:` below it" in reference.problems[0].message


def test_a_signature_that_mkdocstrings_shows_wrongly_is_refused(tmp_path: Path) -> None:
    reference = ask(tmp_path, 'def f(a, /):\n    """No more than positional."""\n')
    [block] = reference("::: tiny_proofread.f")
    [result] = reference.signatures
    assert result.block is block
    assert result.problems == ["The page shows `f(a)`, but the code says `def f(a, /)`."]


def test_what_is_wrong_with_an_example_is_told_with_its_line(tmp_path: Path) -> None:
    reference = ask(tmp_path, 'x = 1\n"""Empty.\n\n```python\n```\n"""\n')
    reference("::: tiny_proofread")
    [problem] = reference.problems
    assert (problem.path.name, problem.line) == ("__init__.py", 4)
    assert "empty" in problem.message


def test_two_examples_with_one_text_have_a_line_each(tmp_path: Path) -> None:
    example = "Example: Again\n    ```python\n    print()\n    ```\n\n"
    reference = ask(tmp_path, f'"""Twice.\n\n{example}{example}"""\n')
    assert [block.line for block in reference("::: tiny_proofread")] == [4, 9]


def test_signatures_in_headings_are_no_blocks(tmp_path: Path) -> None:
    reference = ask(tmp_path)
    options = "{separate_signature: false, show_overloads: false}"
    blocks = reference(f"::: tiny_proofread\n    options: {options}")
    assert {block.language for block in blocks} == {"python", "pycon", "text"}
    written = {line.split("  #")[0].strip() for line in PACKAGE.splitlines()}
    assert all(block.text.splitlines()[0] in written for block in blocks)
    assert reference.signatures == []


def test_published_source_is_refused(tmp_path: Path) -> None:
    reference = ask(tmp_path)
    reference("::: tiny_proofread.kinds\n    options:\n      show_source: true")
    [problem] = reference.problems
    assert "set show_source: false" in problem.message
    assert problem.path == tmp_path / "src/tiny_proofread/__init__.py"
