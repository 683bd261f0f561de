"""Figures that somebody typed into prose, though no block shows them and no reference does.

A figure is a duration, a rate, a size in bytes, a ratio or a version, in digits or in words. It may
stand in prose, and in a table,

- where a run has written the text, and the page includes it,
- as a reference, `{{ shop.Store.lease in seconds }}`, which the build fills in,
- or as a block of the page has it, in its code or in what it prints; of a docstring, its module.

One whose sentence speaks of a default is the code's to say: it must be a reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from proofread._facts import Facts
from proofread._figures import SOFT, Figure, figures
from proofread._model import Block
from proofread._numbers import Numbers, of_module
from proofread._prose import prose, said

ADVICE = {
    "version": "Write `{{ version.NAME }}`, which takes it from the lock, or show it in a block.",
    "default": "A default is the code's: write a reference, such as"
    " `{{ shop.Store.lease in seconds }}`.",
    "else": "Show it in a block, write a reference, such as `{{ shop.Store.lease in seconds }}`,"
    " or leave the number out.",
}


def may_tell(text: str) -> bool:
    """Whether a text holds a figure, or a reference, at all."""
    return "{{" in text or any(True for _ in figures(said(prose(text.split("\n")))))


def bare(
    lines: Sequence[str], hidden: Iterable[int], *, path: Path, blocks: Iterable[Block],
    facts: Facts,
) -> Iterator[tuple[int, str]]:  # fmt: skip
    """What is wrong with the figures of some prose, by the line from 0."""
    text = prose(lines, hidden)
    yield from facts.problems(text)
    text = said(text)
    numbers: Numbers | None = None
    for figure in figures(text, frozenset(facts.packages)):
        if numbers is None:
            numbers = _shown(path, blocks)
        if not _holds(figure, numbers, facts, docstring=path.suffix == ".py"):
            shown = " ".join(figure.text.replace(SOFT, "").split())
            line = text.count("\n", 0, figure.start)
            why = ", and nothing here shows it" if not numbers.show(figure) else ""
            yield line, f"{shown!r} is typed by hand{why}. {_advice(figure)}"


def _shown(path: Path, blocks: Iterable[Block]) -> Numbers:
    numbers = of_module(path) if path.suffix == ".py" else Numbers()
    for block in blocks:
        numbers.read(block.text)
    return numbers


def _holds(figure: Figure, numbers: Numbers, facts: Facts, *, docstring: bool) -> bool:
    if figure.kind == "version" and figure.text == facts.oldest_python:
        return True
    return numbers.show(figure) and (docstring or not figure.default)


def _advice(figure: Figure) -> str:
    return ADVICE[
        "version" if figure.kind == "version" else "default" if figure.default else "else"
    ]
