"""What a writer asks to prove: some pages, or the block on one line of one page."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from proofread._settings import ConfigError

if TYPE_CHECKING:
    from proofread._config import Site

INCLUDE = re.compile(r"""^.*-+8<-+[ \t]+["']([^"':]+)[^"']*["']""")


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands behind `proofread test`; without any page, the whole site is asked for."""

    pages: tuple[str, ...]
    line: int | None


def read_asked(words: Sequence[str]) -> Asked:
    """Pages, or `PAGE:LINE`."""
    parts = [re.fullmatch(r"(.*?)(?::(\d+))?", word, re.DOTALL) for word in words]
    pages = tuple(part[1] for part in parts if part)
    lines = [int(part[2]) for part in parts if part and part[2]]
    if lines and len(words) > 1:
        raise ConfigError(f"{' '.join(words)}: a line is proven alone. Name one page with it.")
    return Asked(pages, lines[0] if lines else None)


def check(asked: Asked, site: Site) -> None:
    """Refuse what is no page, and say where to find what was meant."""
    for file in map(Path, asked.pages):
        if not file.exists():
            raise ConfigError(f"There is no {file}. The pages are beneath {site.docs}.")
        if file.is_dir() and not any(True for _ in _beneath(file, site)):
            raise ConfigError(f"There is no page beneath {file}. They are beneath {site.docs}.")
        if file.is_dir() or site.proves(file.resolve()):
            continue
        message = f"{file} is no page of this site: those are beneath {site.docs}."
        if shown := [*_showing(file, site)]:
            ways = "\n".join(f"  {site.settings.rerun} {place}" for place in shown)
            message = f"{file} is no page; these show it, and prove it:\n{ways}"
        raise ConfigError(message)


def expand(asked: Asked, site: Site) -> Iterator[Path]:
    """The pages themselves, those of each folder that is named and of the whole site if none is."""
    for file in map(Path, asked.pages or [os.curdir]):
        yield from _beneath(file, site) if file.is_dir() else [file]


def _beneath(folder: Path, site: Site) -> Iterator[Path]:
    pages = (*site.pages(), *site.beside)
    return (page for page in pages if page.is_relative_to(folder.resolve()))


def _showing(file: Path, site: Site) -> Iterator[str]:
    """Each place at which a page includes a file, or a section of it."""
    for page in (*site.pages(), *site.beside):
        for number, line in enumerate(page.read_text(encoding="utf-8").split("\n"), 1):
            found = INCLUDE.match(line)
            parts = PurePosixPath(found[1]).parts if found else ()
            if parts and file.parts[-len(parts) :] == parts:
                yield f"{page.relative_to(site.root)}:{number}"
