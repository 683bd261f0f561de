"""The gate: nothing in the built HTML may look like code unless a run of this build vouches for it.

It reads what a visitor will get, so it serves any generator, and any page that no source file has.
"""

from __future__ import annotations

import difflib
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from lxml import etree

from proofread._disguise import disguised
from proofread._figure import figure_of
from proofread._links import Links
from proofread._model import Problem, sha256
from proofread._receipts import Receipt, proven
from proofread._shown import Shown, figure_bytes, shown_code

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from proofread._receipts import Receipts

PAGES = frozenset({".html", ".htm", ".xhtml", ".shtml"})
"""What a browser shows as a page."""
LOST = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate saw, and why the site must not be published."""

    problems: tuple[Problem, ...]
    found: dict[str, int]
    """Code blocks in the built site by role; those that nobody collected count as `unknown`."""
    files: int

    @property
    def blocks(self) -> int:
        return sum(self.found.values())


def html_file(page: str, *, use_directory_urls: bool = True) -> str:
    """Where in the site a page lands: `guides/retry.md` is `guides/retry/index.html`."""
    path = PurePosixPath(page)
    if path.stem in {"index", "README"}:
        return str(path.with_name("index.html"))
    return str(
        path.with_suffix("") / "index.html" if use_directory_urls else path.with_suffix(".html")
    )


def gate(
    site: Path, receipts: Receipts, *, docs: Path, prove: str, use_directory_urls: bool = True
) -> Verdict:
    """Holds all code in every HTML file of `site` against the receipts of this build.

    `prove` is the command that makes both, for those who must run it again.
    """
    again = f"Run `{prove}` again; if it stays, something changes code after it was collected."
    expected: dict[str, list[list[Receipt]]] = defaultdict(list)
    for (page, _), runs in sorted(receipts.by_place().items()):
        expected[html_file(page, use_directory_urls=use_directory_urls)].append(runs)
    files = sorted(path for path in site.rglob("*") if path.suffix.lower() in PAGES)
    sources = {
        html_file(page.relative_to(docs).as_posix(), use_directory_urls=use_directory_urls): page
        for page in docs.rglob("*.md")
    }
    problems: list[Problem] = []
    found: Counter[str] = Counter()
    links = Links(site)
    for built in files:
        name = built.relative_to(site).as_posix()
        places = expected.pop(name, [])
        source = docs / places[0][0].page if places else sources.get(name)
        problems.extend(_refusals(_File(site, built, source, again), places, found, links))
    for name, places in expected.items():
        problems.extend(_lost(runs[0], f"{name} was not built", again) for runs in places)
    for link, why in links.lost():
        file = _File(site, site / link.file, sources.get(link.file), again)
        problems.append(file.refuse(link.line, link.target, f"this link leads nowhere: {why}."))
    if not files or not found:
        missing = "code block" if files else "HTML file"
        problems.append(Problem(site, 0, f"The site holds no {missing}: build it first."))
    return Verdict(tuple(problems), dict(sorted(found.items())), len(files))


@dataclass(frozen=True, slots=True)
class _File:
    site: Path
    html: Path
    page: Path | None
    again: str

    @property
    def name(self) -> str:
        return self.html.relative_to(self.site).as_posix()

    def refuse(self, line: int, text: str, message: str) -> Problem:
        """Names the page that a writer can mend, and where the built site shows it."""
        lines = text.strip().splitlines() or [""]
        shown = f"{self.name}:{line}: {lines[0][:80]!r}"
        return Problem(self.page or self.html, 0 if self.page else line, f"{shown}: {message}")


def _refusals(
    file: _File, places: Sequence[Sequence[Receipt]], found: Counter[str], links: Links
) -> Iterator[Problem]:
    source = file.html.read_bytes()
    if not source.strip():
        yield file.refuse(0, "", "this file is empty. Build the site again.")
        return
    yield from _lost_characters(file, source)
    root = etree.fromstring(source, etree.HTMLParser(encoding="utf-8", huge_tree=True))
    links.read(file.name, root)
    shown: list[Shown] = []
    for found_here in chain(shown_code(root), disguised(root)):
        if isinstance(found_here, Shown):
            shown.append(found_here)
        else:
            yield file.refuse(found_here.line, found_here.text, found_here.message)
    yield from _compare(file, places, shown, found)


def _lost_characters(file: _File, source: bytes) -> Iterator[Problem]:
    """What a reader would see as a question mark: one was lost, or this is not UTF-8 at all."""
    for number, line in enumerate(source.split(b"\n"), 1):
        text = line.decode(errors="replace")
        if LOST in text:
            here = text[max(0, text.index(LOST) - 30) :]
            yield file.refuse(number, here, "a character was lost on its way. Write it again.")


def _compare(
    file: _File, places: Sequence[Sequence[Receipt]], shown: Sequence[Shown], found: Counter[str]
) -> Iterator[Problem]:
    """Block by block, in reading order."""
    wanted, got = [_vouched(runs) for runs in places], [block.sha256 for block in shown]
    matcher = difflib.SequenceMatcher(None, wanted, got, autojunk=False)
    for kind, first, last, start, end in matcher.get_opcodes():
        if kind == "equal":
            for runs, block in zip(places[first:last], shown[start:end], strict=True):
                found[runs[0].role] += 1
                if not proven(runs):
                    yield _failed(file, runs, block)
            continue
        for block in shown[start:end]:
            found["unknown"] += 1
            why = "out of order" if block.sha256 in wanted else "nothing vouches for this code"
            yield file.refuse(block.line, block.text, f"{why}. {file.again}")
        for runs in places[first:last]:
            yield _lost(runs[0], f"{file.name} does not show these bytes at this place", file.again)


def _vouched(runs: Sequence[Receipt]) -> str:
    """The hash of what a place must show."""
    return sha256(figure_bytes(figure_of(runs))) if runs[0].drawn else runs[0].sha256


def _failed(file: _File, runs: Sequence[Receipt], block: Shown) -> Problem:
    bad = next((run for run in runs if run.status != "passed"), runs[0])
    variant = f" ({bad.variant})" if bad.variant else ""
    said = bad.problems[0] if bad.problems else "no reason was given"
    where = file.refuse(block.line, block.text, f"{bad.status}{variant}: {said}")
    return Problem(Path(bad.path), bad.line, f"{where.message} Rerun: {bad.rerun}")


def _lost(run: Receipt, why: str, again: str) -> Problem:
    message = f"This {run.role} block of {run.page} has a receipt, but {why}. {again}"
    return Problem(Path(run.path), run.line, message)
