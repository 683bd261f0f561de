"""A signature on a reference page says what the code says, and no other words."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.proofread.tiny_package import PACKAGE, ask

from proofread._spelling import disagreement

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


def test_a_signature_that_mkdocstrings_shows_wrongly_is_refused(tmp_path: Path) -> None:
    reference = ask(tmp_path, 'def f(a, /):\n    """No more than positional."""\n')
    [block] = reference("::: tiny_proofread.f")
    [result] = reference.signatures
    assert result.block is block
    assert result.problems == ["The page shows `f(a)`, but the code says `def f(a, /)`."]


def test_signatures_in_headings_are_no_blocks(tmp_path: Path) -> None:
    reference = ask(tmp_path)
    options = "{separate_signature: false, show_overloads: false}"
    blocks = reference(f"::: tiny_proofread\n    options: {options}")
    assert {block.language for block in blocks} == {"python", "pycon", "text"}
    written = {line.split("  #")[0].strip() for line in PACKAGE.splitlines()}
    assert all(block.text.splitlines()[0] in written for block in blocks)
    assert reference.signatures == []
