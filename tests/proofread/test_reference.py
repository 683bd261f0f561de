"""A reference page shows what the code says, and its examples are blocks like any other."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import lxml.html
import pytest
from tests.proofread.tiny_package import INDEX, PACKAGE, ask

from proofread._collect import collect_page
from proofread._gate import gate
from proofread._issue import issue
from proofread._model import Block, Page, Result
from proofread._receipts import Receipts
from proofread._reference import Reference

PROVE = "nox -s docs-test"

RERUN = f"{PROVE} --"


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
        told = [line.replace("  # doctest: +ELLIPSIS", "") for line in written]
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


SERVED = '''"""Served.

Example:
    ```python title="main.py"
    app = None
    ```

    ```console
    $ uvicorn main:app
    ```

    ```http
    GET / HTTP/1.1

    HTTP/1.1 200 OK
    ```

    ```text title="Server log"
    asked
    ```

Example: Alone
    ```python
    print()
    ```
"""
'''


def test_an_example_with_a_server_is_one_section_and_the_next_another(tmp_path: Path) -> None:
    reference = ask(tmp_path, SERVED)
    page = tmp_path / "docs/index.md"
    page.write_text("::: tiny_proofread\n", encoding="utf-8")
    markdown = reference.collect.keywords["markdown"]  # type: ignore[attr-defined]
    shown = collect_page(page, name="index.md", markdown=markdown, reference=reference).blocks
    assert [block.language for block in shown] == ["python", "console", "http", "text", "python"]
    sections = [block.section for block in shown]
    assert len({*sections[:4]}) == 1
    assert sections[4] not in sections[:4]


def test_published_source_is_refused(tmp_path: Path) -> None:
    reference = ask(tmp_path)
    reference("::: tiny_proofread.kinds\n    options:\n      show_source: true")
    [problem] = reference.problems
    assert "set show_source: false" in problem.message
    assert problem.path == tmp_path / "src/tiny_proofread/__init__.py"
