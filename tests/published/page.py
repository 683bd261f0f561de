"""What the pages show of the rows and of the blocks, made from their data and never by hand."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from tests.published import blocks
from tests.published.check import ROOT
from tests.published.rows import HERE, all_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tests.published.rows import Place, Row

SHOWN = HERE / "shown.md"
FENCE = re.compile(r"^( *)(`{3,}).*?^\1\2", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
NO_SLUG = re.compile(r"[^\w\- ]")


def shown() -> str:
    """All that the pages include, each part under its name."""
    sections = all_rows()
    every = [row for rows in sections.values() for row in rows.values()]
    parts = {
        "count": count(every),
        **{name: _table(rows.values()) for name, rows in sections.items()},
        **{f"gates-{name}": text for name, text in blocks.gates().items()},
        "ran-on": blocks.ran_on(),
    }
    for name, rows in sections.items():
        if found := blocks.of(rows):
            parts[f"found-{name}"] = _found(found, rows)
    return "\n".join(
        f"--8<-- [start:{name}]\n{text}\n--8<-- [end:{name}]\n" for name, text in parts.items()
    )


def count(rows: Iterable[Row]) -> str:
    """How many rows there are, and how many of them something is open of."""
    every = list(rows)
    some = sum(bool(row.open and row.shown) for row in every)
    none = sum(not row.shown for row in every)
    if not some + none:
        return f"{len(every)} rows, and each is shown."
    return (
        f"{len(every)} rows: {len(every) - some - none} are shown, {some} in part, "
        f"and {none} are open. *Open* says what nothing here shows yet, and a row with links "
        "beside it is shown in part."
    )


def _table(rows: Iterable[Row]) -> str:
    lines = ["| Row | What it is about | Shown by |", "|---|---|---|"]
    lines += [f"| {row.id} | {row.topic} | {_cell(row)} |" for row in rows]
    return "\n".join(lines)


def _cell(row: Row) -> str:
    links = list(dict.fromkeys(map(link, row.shown)))
    if row.open:
        links.append(f"*Open: {row.open}*")
    return "<br>".join(links)


def _found(found: Mapping[str, blocks.Found], rows: Mapping[str, Row]) -> str:
    lines = ["| Block | What it shows | What came of it | Here |", "|---|---|---|---|"]
    for name, block in found.items():
        row = rows[name]
        lines.append(f"| {name} | {row.topic} | {block.result} | {_counterpart(row)} |")
    return "\n".join(lines)


def _counterpart(row: Row) -> str:
    """The first place that shows it, which stands for all."""
    if not row.shown:
        return "*open*"
    return link(row.shown[0]) + ("<br>*in part*" if row.open else "")


def link(place: Place) -> str:
    """A link from a page in `docs/explanation` to the section."""
    title, headings = _headings(place.page)
    heading = headings.get(place.anchor, f"`{place.anchor.removeprefix('postlude.')}`")
    text = title if heading == title or title.endswith("?") else f"{title}: {heading}"
    return f"[{text}](../{place.page}.md#{place.anchor})"


@cache
def _headings(page: str) -> tuple[str, dict[str, str]]:
    """The title of a page, and its headings by anchor."""
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    found = dict(_anchored(FENCE.sub("", text)))
    return next(iter(found.values())), found


def _anchored(prose: str) -> Iterator[tuple[str, str]]:
    for heading in HEADING.findall(prose):
        yield NO_SLUG.sub("", heading).strip().lower().replace(" ", "-"), heading
