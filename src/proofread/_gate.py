"""The gate: nothing in the built HTML may look like code unless a run of this build vouches for it.

It reads what a visitor will get, so it serves any generator, and any page that no source file has.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, cast

from lxml import etree

from proofread._model import Problem, sha256
from proofread._receipts import MADE_BY, Receipt, proven

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from lxml.etree import _Element as Element  # pyright: ignore[reportPrivateUsage]

    from proofread._receipts import Receipts

PREFORMATTED = ("pre", "xmp", "listing", "plaintext")
NOT_PROSE = frozenset({"pre", "code", "script", "style", "textarea", "template", "svg", "math"})
INLINE = frozenset({"a", "abbr", "b", "code", "del", "em", "i", "ins", "kbd", "mark", "q", "s",
                    "small", "span", "strong", "sub", "sup", "u"})  # fmt: skip
FENCES = ("```", "~~~")
SWALLOWED = re.compile(
    r"""(?:python3?|py|pycon|console|bash|sh|http|json|toml|yaml|ini|text)
        (?:,\w+\s | \s+(?:title|hl_lines|linenums)=[^\s"'])""",
    re.VERBOSE,
)
AGAIN = f"Run `{MADE_BY}` again; if it stays, something changes code after it was collected."


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


@dataclass(frozen=True, slots=True)
class Shown:
    """One code block as the browser gets it."""

    text: str
    line: int

    @property
    def sha256(self) -> str:
        return sha256(self.text)


def html_file(page: str, *, use_directory_urls: bool = True) -> str:
    """Where in the site a page lands: `guides/retry.md` is `guides/retry/index.html`."""
    path = PurePosixPath(page)
    if path.stem in {"index", "README"}:
        return str(path.with_name("index.html"))
    return str(
        path.with_suffix("") / "index.html" if use_directory_urls else path.with_suffix(".html")
    )


def gate(site: Path, receipts: Receipts, *, docs: Path, use_directory_urls: bool = True) -> Verdict:
    """Holds all code in every HTML file of `site` against the receipts of this build."""
    expected: dict[str, list[list[Receipt]]] = defaultdict(list)
    for (page, _), runs in sorted(receipts.by_place().items()):
        expected[html_file(page, use_directory_urls=use_directory_urls)].append(runs)
    files = sorted(site.rglob("*.html"))
    problems: list[Problem] = []
    found: Counter[str] = Counter()
    for built in files:
        places = expected.pop(built.relative_to(site).as_posix(), [])
        source = docs / places[0][0].page if places else None
        problems.extend(_refusals(_File(site, built, source), places, found))
    for name, places in expected.items():
        problems.extend(_lost(runs[0], f"{name} was not built") for runs in places)
    if not files or not found:
        missing = "code block" if files else "HTML file"
        problems.append(Problem(site, 0, f"The site holds no {missing}: build it first."))
    return Verdict(tuple(problems), dict(sorted(found.items())), len(files))


@dataclass(frozen=True, slots=True)
class _File:
    site: Path
    html: Path
    page: Path | None

    @property
    def name(self) -> str:
        return self.html.relative_to(self.site).as_posix()

    def refuse(self, line: int, text: str, message: str) -> Problem:
        """Names the page that a writer can mend, and where the built site shows it."""
        lines = text.strip().splitlines() or [""]
        shown = f"{self.name}:{line}: {lines[0][:80]!r}"
        return Problem(self.page or self.html, 0 if self.page else line, f"{shown}: {message}")


def _refusals(
    file: _File, places: Sequence[Sequence[Receipt]], found: Counter[str]
) -> Iterator[Problem]:
    source = file.html.read_bytes()
    if not source.strip():
        yield file.refuse(0, "", "this file is empty. Build the site again.")
        return
    root = etree.fromstring(source, etree.HTMLParser(encoding="utf-8", huge_tree=True))
    shown: list[Shown] = []
    for pre in root.iter(*PREFORMATTED):
        taken = _code(pre)
        if isinstance(taken, Shown):
            shown.append(taken)
        elif taken:
            yield file.refuse(_line(pre), _text(pre), taken)
    yield from _compare(file, places, shown, found)
    yield from _prose(file, root)


def _line(element: Element) -> int:
    return cast("int | None", element.sourceline) or 0


def _text(element: Element) -> str:
    """As the browser's `textContent`: without comments."""
    return str(element.xpath("string()"))


def _classes(element: Element) -> list[str]:
    return (element.get("class") or "").split()


def _code(pre: Element) -> Shown | str | None:
    """The code in it, or why it is refused; None for the numbers beside a block."""
    if pre.tag != "pre":
        return f"a <{pre.tag}> is no code block: write a fenced block with a role."
    if "mermaid" in _classes(pre):
        return "a mermaid fence has no role: show a figure made from the code that it depicts."
    around = list(pre.iterancestors())
    if any(node.tag == "td" and "linenos" in _classes(node) for node in around):
        numbers = "".join(_text(pre).split())
        return None if numbers.isdecimal() else "line numbers that are no numbers."
    codes = [child for child in pre if child.tag == "code"]
    if len(codes) != 1:
        return f"a <pre> with {len(codes)} <code> in it: write a fenced block with a role."
    if not any("highlight" in _classes(node) for node in (pre, *around)):
        return "a raw <pre> in the page: write a fenced block with a role."
    text = _text(codes[0])
    if _text(pre).strip() != text.strip():
        return "a <pre> with text beside its <code>: write a fenced block with a role."
    return Shown(text, _line(pre))


def _compare(
    file: _File, places: Sequence[Sequence[Receipt]], shown: Sequence[Shown], found: Counter[str]
) -> Iterator[Problem]:
    """Block by block, in reading order."""
    wanted, got = [runs[0].sha256 for runs in places], [block.sha256 for block in shown]
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
            yield file.refuse(block.line, block.text, f"{why}. {AGAIN}")
        for runs in places[first:last]:
            yield _lost(runs[0], f"{file.name} does not show these bytes at this place")


def _failed(file: _File, runs: Sequence[Receipt], block: Shown) -> Problem:
    bad = next((run for run in runs if run.status != "passed"), runs[0])
    variant = f" ({bad.variant})" if bad.variant else ""
    said = bad.problems[0] if bad.problems else "no reason was given"
    where = file.refuse(block.line, block.text, f"{bad.status}{variant}: {said}")
    return Problem(Path(bad.path), bad.line, f"{where.message} Rerun: {bad.rerun}")


def _lost(run: Receipt, why: str) -> Problem:
    message = f"This {run.role} block of {run.page} has a receipt, but {why}. {AGAIN}"
    return Problem(Path(run.path), run.line, message)


def _prose(file: _File, root: Element) -> Iterator[Problem]:
    """Blocks that never became blocks."""
    for comment in root.iter(etree.Comment):
        text = comment.text or ""
        if "<pre" in text or any(_opens_fence(line) for line in text.splitlines()):
            yield file.refuse(
                _line(comment),
                text,
                "code in an HTML comment, where nobody sees it: delete it.",
            )
    for code in root.iter("code", "samp", "kbd", "tt"):
        text = _text(code)
        if ("\n" in text.strip() or SWALLOWED.match(text)) and not _within(code, ("pre",)):
            yield file.refuse(
                _line(code),
                text,
                'a fence that became inline code. Quote its options, as in title="main.py"; '
                "and keep real inline code on one line.",
            )
    text = _text(root)
    if any(fence in text for fence in FENCES):
        for element, line in _lines(root):
            if _opens_fence(line):
                yield file.refuse(
                    _line(element),
                    line,
                    "a fence shown as prose: close it, or indent it as its text.",
                )


def _opens_fence(line: str) -> bool:
    return line.lstrip().startswith(FENCES)


def _within(element: Element, tags: Collection[str]) -> bool:
    return any(node.tag in tags for node in (element, *element.iterancestors()))


def _lines(root: Element) -> Iterator[tuple[Element, str]]:
    """Each line of prose with its element; text behind an inline element begins no line."""
    for element in root.iter("*"):
        if not _within(element, NOT_PROSE):
            yield from ((element, line) for line in (element.text or "").split("\n"))
        parent = element.getparent()
        if parent is not None and not _within(parent, NOT_PROSE):
            lines = (element.tail or "").split("\n")
            yield from ((parent, line) for line in lines[element.tag in INLINE :])
