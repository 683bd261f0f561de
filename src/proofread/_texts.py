"""The site for programs that read: each page as Markdown, and `llms.txt`, which lists them.

A page's Markdown is what was written, with its includes; what a `:::` directive shows is taken from
the built page. It keeps its path, so that links between pages lead to Markdown as well.
"""

from __future__ import annotations

import re
import textwrap
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import lxml.html

from proofread._facts import REFERENCE, facts_of
from proofread._figure import load, written
from proofread._gate import html_file
from proofread._marked import SIGN
from proofread._model import Problem, sha256
from proofread._plain import markdown_of
from proofread._prose import CODE
from proofread._receipts import proven

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from markdown import Markdown

    from proofread._config import Site
    from proofread._facts import Facts
    from proofread._model import Page
    from proofread._receipts import Receipts

DIRECTIVE = re.compile(r"^::: *(\S+)\n(?:[ \t]+\S.*\n)*", re.MULTILINE)
FENCE = re.compile(r"^([ >]*)(`{3,}|~{3,})[^\n]*\n(.*?)^\1\2[ \t]*$", re.MULTILINE | re.DOTALL)
WRAPPER = re.compile(
    r"^<(?:div|section)\b[^>]* markdown(?:=\S+)?>\n+|^</(?:div|section)>\n+", re.MULTILINE
)
"""What only lays out the Markdown within it."""
OR_CODE = re.compile(
    rf"^[ >]*(?P<fence>`{{3,}}|~{{3,}})[^\n]*\n.*?^[ >]*(?P=fence)[ \t]*$"
    rf"|{CODE.pattern}|{REFERENCE}",
    re.MULTILINE | re.DOTALL,
)
LEDGER = re.compile(r'^<div data-proofread="ledger"></div>\n', re.MULTILINE)
TITLE = re.compile(r"^# (.+)\n+((?:.+\n)*)", re.MULTILINE)
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
NAMED = re.compile(r"\[(`[^`\]]+`)\]\[[\w.]+\]")
"""A link to wherever the site documents a name: only the site's generator knows where that is."""
SENTENCE = re.compile(r".*?[.?!](?=\s|$)")

Listed = tuple[str, str, str]
"""The section of a page, its title there, and its path."""


def write_texts(draft: Path, site: Site, pages: Sequence[Page], receipts: Receipts) -> None:
    """Into the built site, beside the HTML that they are about."""
    renderer, texts = site.markdown(), dict[str, str]()
    drawn: dict[str, list[str]] = defaultdict(list)
    for (name, _), runs in sorted(receipts.by_place().items()):
        drawn[name] += [written(load(runs[0].drawn))] if runs[0].drawn else []
    for page in pages:
        texts[page.name] = _timed(_text(page, draft, site, renderer), drawn[page.name])
    for name, text in texts.items():
        target = draft / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    (draft / "llms.txt").write_text(_index(texts, site.mkdocs), encoding="utf-8")


def unproven(site: Path, receipts: Receipts, *, prove: str) -> Iterator[Problem]:
    """Code in the Markdown of a built site that no run vouches for."""
    passed: dict[str, set[str]] = defaultdict(set)
    for (page, _), runs in receipts.by_place().items():
        if runs[0].drawn and proven(runs):
            passed[page].add(sha256(written(load(runs[0].drawn))))
        else:
            passed[page] |= {run.sha256 for run in runs if proven(runs)}
    for path in sorted(site.rglob("*.md")):
        name = path.relative_to(site).as_posix()
        text = path.read_text(encoding="utf-8")
        for fence in FENCE.finditer(text):
            if not passed[name] & {sha256(code) for code in _readings(fence[3], fence[1])}:
                said = f"nothing vouches for this code. Run `{prove}` again."
                yield Problem(path, text.count("\n", 0, fence.start()) + 1, said)


def _readings(code: str, lead: str) -> Iterator[str]:
    """A block without what stands before its lines, as it is and as a browser shows it."""
    lines = [
        line[len(lead) :] if line.startswith(lead) else line.lstrip(" >")
        for line in code.splitlines()
    ]
    yield "\n".join([*lines, ""])
    yield "\n".join(line.rstrip() for line in lines).strip("\n") + "\n"


def _text(page: Page, draft: Path, site: Site, renderer: Markdown) -> str:
    body = page.text  # as it was proven, whatever stands in the file by now
    if "snippet" in renderer.preprocessors:
        body = "\n".join(
            _without_last_ends(renderer.preprocessors["snippet"].run(body.split("\n")))
        )
    body = LEDGER.sub("It stands on the page itself, not in its Markdown.\n", body.strip() + "\n")
    body = NAMED.sub(r"\1", _unwrapped(body))
    body = in_prose(NAMED.sub(r"\1", body), facts_of(renderer))
    if not DIRECTIVE.search(body):
        return body
    built = draft / html_file(page.name, use_directory_urls=site.directory_urls)
    tree = lxml.html.document_fromstring(built.read_bytes())
    return DIRECTIVE.sub(lambda found: f"{_shown(tree, found[1])}\n", body)


def _unwrapped(text: str) -> str:
    """Without the elements that lay it out; code stays as it is."""
    pieces, last = list[str](), 0
    for fence in FENCE.finditer(text):
        pieces += [WRAPPER.sub("", text[last : fence.start()]), fence[0]]
        last = fence.end()
    return "".join([*pieces, WRAPPER.sub("", text[last:])])


def in_prose(body: str, facts: Facts) -> str:
    """With what its references stand for, but for those in code."""
    return OR_CODE.sub(
        lambda found: facts.fill(found["asked"]) if found["asked"] else found[0], body
    )


def _timed(text: str, drawn: Sequence[str]) -> str:
    """With the times that were measured behind the rows of each timeline."""
    left = iter(drawn)

    def with_times(fence: re.Match[str]) -> str:
        lead, marks = fence[1], fence[2]
        opening = fence[0].partition("\n")[0]
        rows = next(left, "") if opening.strip(" >`~{.}") == "timeline" else ""
        if not rows:
            return fence[0]
        rows = textwrap.indent(rows, lead, lambda _: True)
        lines = [opening, *(line.rstrip() for line in rows.splitlines()), f"{lead}{marks}"]
        return "\n".join(lines)

    return FENCE.sub(with_times, text)


def _without_last_ends(lines: list[str]) -> Iterator[str]:
    """An included file ends with a newline, and so does the line that it stands on."""
    parts = [line.partition(SIGN) for line in lines]
    for (text, _, number), (_, _, below) in pairwise([*parts, ("", "", "")]):
        if text.strip() or not number or number == below:
            yield text


def _shown(tree: lxml.html.HtmlElement, name: str) -> str:
    """Everything that stands on the built page about a name."""
    heading = tree.get_element_by_id(name)
    return markdown_of(next(heading.iterancestors("div")))


def _index(texts: dict[str, str], mkdocs: Any) -> str:
    lines = [f"# {mkdocs.site_name}", ""]
    if mkdocs.site_description:
        lines += [f"> {mkdocs.site_description}", ""]
    lines += ["Each page is there as Markdown. What stands in its code blocks was run.", ""]
    sections: dict[str, list[str]] = {"": []}
    listed = [*_listed(mkdocs.nav or list(texts), "")]
    for section, title, name in [*listed, *_unlisted(texts, {name: s for s, _, name in listed})]:
        if found := TITLE.search(texts.get(name, "")):
            sentence = SENTENCE.match(LINK.sub(r"\1", " ".join(found[2].split())))
            said = f": {sentence[0]}" if sentence else ""
            line = f"- [{title or found[1]}]({mkdocs.site_url or ''}{name}){said}"
            sections.setdefault(section, []).append(line)
    for section, entries in sections.items():
        lines += [f"## {section}", ""] if section else []
        lines += [*entries, ""] if entries else []
    return "\n".join(lines)


def _unlisted(names: Iterable[str], sections: Mapping[str, str]) -> Iterator[Listed]:
    """Those to which no menu leads, each under the section of its folder's own page."""
    for name in sorted(names):
        if name not in sections:
            own = name.rpartition("/")[0] + "/index.md"
            yield sections.get(own, ""), "", name


def _listed(entries: list[Any], section: str) -> Iterator[Listed]:
    """The pages of a navigation in its order, each under its outermost section."""
    for entry in entries:
        if isinstance(entry, str):
            yield section, "", entry
            continue
        for title, below in entry.items():
            if isinstance(below, str):
                yield section, title, below
            else:
                yield from _listed(below, section or title)
