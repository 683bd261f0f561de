"""The stamp: a mark behind each proven block that leads to its entry in the ledger, and its role.

The built file is edited at offsets and never written anew, so the gate still sees the bytes that
the generator wrote.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from proofread._download import INSTALLS, REQUIREMENTS, address, offered
from proofread._figure import figure_of
from proofread._gate import html_file
from proofread._model import Problem, sha256
from proofread._receipts import Receipt, Receipts, proven, summary
from proofread._scan import ROLE, Scan, scan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

EMPTY: Mapping[str, Scan] = {}
LEDGER = '<div data-proofread="ledger"></div>'
COLUMNS = ("Page", "Line", "Role", "Title", "Tabs", "Result", "Seconds", "Rerun", "Versions")

# These say what came of a run: that it is the same is all there is to say.
COMPARED = frozenset({"output", "error", "server log", "worker log", "timeline", "seen",
                      "signature", "source"})  # fmt: skip
LOOKS = {"output": "output", "error": "error", "server log": "log",
         "worker log": "log", "seen": "log"}  # fmt: skip
"""What the wrapper of a block is told, for style sheets: they cannot read its title."""


def stamp(
    site: Path,
    receipts: Receipts,
    *,
    docs: Path,
    proof: str = "proof.md",
    use_directory_urls: bool = True,
) -> list[Problem]:
    """Marks the built site in place; a second time changes nothing."""
    files, problems = stamped(
        site, receipts, docs=docs, proof=proof, use_directory_urls=use_directory_urls
    )
    for file, new in files.items():
        file.write_bytes(new)
    return problems


def stamped(
    site: Path,
    receipts: Receipts,
    *,
    docs: Path,
    proof: str = "proof.md",
    use_directory_urls: bool = True,
    scans: Mapping[str, Scan] = EMPTY,
) -> tuple[dict[Path, bytes], list[Problem]]:
    """What the files of a built site come to with their marks, those that change.

    `scans` are of files that somebody has read before, by their text.
    """
    book = _Book(receipts, proof, use_directory_urls)
    places: dict[str, list[list[Receipt]]] = {}
    for (page, _), runs in sorted(receipts.by_place().items()):
        places.setdefault(page, []).append(runs)
    changed: dict[Path, bytes] = {}
    problem = f"{book.file(proof)} was not built: write {proof}, with `{LEDGER}` in it."
    for page in sorted({*places, proof}):
        file = site / book.file(page)
        if not file.is_file():
            continue
        old = file.read_bytes()
        html = old.decode()
        seen = scans.get(html) or scan(html)
        new = _marked(html, seen, book, page, places.get(page, [])).encode()
        if new != old:
            changed[file] = new
        if page == proof:
            ledgers = len(seen.ledgers)
            said = f"It has {ledgers} places for the ledger: write `{LEDGER}` in it, once."
            problem = said if ledgers != 1 else ""
    return changed, [Problem(docs / proof, 0, problem)] if problem else []


def _marked(
    html: str, seen: Scan, book: _Book, page: str, places: Sequence[Sequence[Receipt]]
) -> str:
    edits = [(start, end, "") for start, end in seen.marks]
    for block, runs in zip(seen.blocks, places, strict=False):
        if proven(runs) and runs[0].drawn:
            if block.figure or sha256(block.text) == runs[0].sha256:
                edits.append((block.start, block.end, figure_of(runs)))
                edits.append((block.end, block.end, book.mark(page, runs, block.text)))
        elif proven(runs) and sha256(block.text) == runs[0].sha256:
            said = book.downloads(page, runs) + book.mark(page, runs, block.text)
            edits.append((block.behind, block.behind, said))
            if block.told and (look := LOOKS.get(runs[0].role)):
                edits.append((block.told, block.told, f' {ROLE}="{look}"'))
    if page == book.proof:
        edits.extend((start, end, book.ledger()) for start, end in seen.ledgers)
    pieces, last = list[str](), 0
    for start, end, text in sorted(edits, key=lambda edit: edit[:2]):
        pieces += [html[last:start], text]
        last = end
    return "".join([*pieces, html[last:]])


@dataclass(frozen=True, slots=True)
class _Book:
    """What the marks and the ledger say, and how they point at each other."""

    receipts: Receipts
    proof: str
    use_directory_urls: bool

    def file(self, page: str) -> str:
        return html_file(page, use_directory_urls=self.use_directory_urls)

    def link(self, start: str, end: str) -> str:
        """From one page to another, as the site spells it."""
        target = self.file(end)
        here = posixpath.dirname(self.file(start)) or "."
        if not self.use_directory_urls:
            return quote(posixpath.relpath(target, here))
        return quote(posixpath.relpath(posixpath.dirname(target) or ".", here)) + "/"

    def mark(self, page: str, runs: Sequence[Receipt], code: str) -> str:
        name = runs[0].id
        python = ".".join(self.receipts.python.split(".")[:2])
        packages = _packages(runs)
        shown = packages if len({tuple(run.packages) for run in runs}) == 1 else []
        parts = ["✓ verified", f"Python {python}", *shown[:3]]
        parts += [f"{len(runs)} runs"] if len(runs) > 1 else []
        parts += [_seconds(sum(run.duration for run in runs))]
        if runs[0].role in COMPARED:
            parts = ["✓ matched"]
        elif all(line.startswith(INSTALLS) for line in code.splitlines()):
            parts = ["✓ checked", *shown[:3]]
        text = " · ".join(parts)
        on = ", ".join([f"Python {self.receipts.python}", *packages])
        title = f"This {runs[0].role} block was proven on {on}. Rerun: {runs[0].rerun}"
        return (
            f'<a class="proof-mark" id="proof-{name}" href="{self.link(page, self.proof)}#{name}"'
            f' title="{escape(title)}">{escape(text)}</a>'
        )

    def downloads(self, page: str, runs: Sequence[Receipt]) -> str:
        """A link to each archive of this place; where they differ, by the tab they are of."""
        different = offered(runs)
        here = posixpath.dirname(self.file(page)) or "."
        links: list[str] = []
        for run in different:
            files = [name for name in run.files if name != REQUIREMENTS]
            what = files[0] if len(files) == 1 else f"{len(files)} files"
            text = run.variant if len(different) > 1 else f"Download {what}"
            title = f"Download {', '.join(files)} and {REQUIREMENTS} as a zip file"
            target = quote(posixpath.relpath(address(run), here))
            links.append(
                f'<a class="proof-mark proof-files" href="{target}" download'
                f' title="{escape(title)}">↓ {escape(text)}</a>'
            )
        return "".join(links)

    def ledger(self) -> str:
        lines = summary(self.receipts).split("\n")
        totals = "".join(f"<li>{escape(line.strip())}</li>" for line in lines)
        head = "".join(_cell(name, name, tag='th scope="col"') for name in COLUMNS)
        rows = "".join(self.row(runs) for _, runs in sorted(self.receipts.by_place().items()))
        return (
            f'<ul class="ledger-totals">{totals}</ul>'
            '<div class="ledger-wrap"><table class="ledger">'
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
        )

    def row(self, runs: Sequence[Receipt]) -> str:
        first = runs[0]
        target = f"{self.link(self.proof, first.page)}#proof-{first.id}"
        cells = (
            f'<a href="{target}">{escape(first.page)}</a>',
            str(first.line),
            escape(first.role),
            escape(first.title or ""),
            escape(", ".join(run.variant for run in runs if run.variant)),
            "✓ passed" if proven(runs) else f"✗ {escape(_worst(runs))}",
            f"{sum(run.duration for run in runs):.3f}",
            f"<code>{escape(first.rerun)}</code>",
            escape(", ".join(_packages(runs))),
        )
        return f'<tr id="{first.id}">' + "".join(map(_cell, COLUMNS, cells)) + "</tr>"


def _cell(column: str, content: str, *, tag: str = "td") -> str:
    number = ' class="number"' if column in {"Line", "Seconds"} else ""
    return f"<{tag}{number}>{content}</{tag.split()[0]}>"


def _packages(runs: Sequence[Receipt]) -> list[str]:
    found = {name: version for run in runs for name, version in run.packages.items()}
    return [f"{name} {version}" for name, version in sorted(found.items())]


def _worst(runs: Sequence[Receipt]) -> str:
    return next((run.status for run in runs if run.status != "passed"), "unproven")


def _seconds(duration: float) -> str:
    if duration >= 0.1:
        return f"{duration:.1f} s"
    return f"{duration * 1000:.0f} ms" if duration >= 0.001 else "< 1 ms"
