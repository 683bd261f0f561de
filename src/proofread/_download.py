"""A complete example to take away: the files that a section has shown, and what to install.

A receipt tells what is in its archive, by hash, so that the gate can hold each archive against it.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import re
import shlex
import zipfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement

from proofread._model import Problem, sha256
from proofread._receipts import proven
from proofread._story import stories
from proofread._versions import version_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from proofread._model import Block, Page
    from proofread._receipts import Receipt, Receipts
    from proofread._story import Story

FOLDER = "downloads"
REQUIREMENTS = "requirements.txt"
INSTALLS = ("$ pip install ", "$ python -m pip install ")
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest that an archive can say: its bytes do not depend on the day."""

Files = dict[str, str]
"""By name, the text of each."""
Offers = dict[tuple[int, str], Files]
"""By the position of a block on its page, and by variant."""


def offers(page: Page) -> Offers:
    """What the reader of each tab can take away, at the last file of each section.

    A page that names nothing to install offers nothing: its reader is not told what it needs.
    """
    position = {id(block): number for number, block in enumerate(page.blocks)}
    found: Offers = {}
    for story in stories(page):
        needed = _requirements(story)
        for block, files in _sections(story) if needed else ():
            found[position[id(block)], story.variant] = {**files, REQUIREMENTS: needed}
    return found


def _sections(story: Story) -> Iterator[tuple[Block, Files]]:
    """The last file of each section that this story tells, with all that its reader has by then."""
    told = {block.section for block in story.blocks}
    files: Files = {}
    shown = [block for block in story.shown or story.blocks if _is_file(block)]
    for section, group in itertools.groupby(shown, key=lambda block: block.section):
        blocks = list(group)
        files |= {str(block.title): block.text for block in blocks}
        if section in told:
            yield blocks[-1], dict(files)


def _is_file(block: Block) -> bool:
    return bool(block.title) and block.language != "text"


def _requirements(story: Story) -> str:
    """All that the page has its reader install, in the versions that it was proven on."""
    lines = [
        line
        for block in story.shown or story.blocks
        if block.language == "console"
        for line in block.text.splitlines()
        if line.startswith(INSTALLS)
    ]
    named = [word for line in lines for word in shlex.split(line.partition(" install ")[2])]
    wanted: dict[str, set[str]] = {}
    for word in named:
        # What is no requirement is refused where its block is run.
        with contextlib.suppress(InvalidRequirement):
            requirement = Requirement(word)
            wanted.setdefault(requirement.name, set()).update(requirement.extras)
    return "".join(_pinned(name, extras) for name, extras in wanted.items())


def _pinned(name: str, extras: set[str]) -> str:
    version = version_of(name)
    added = f"[{','.join(sorted(extras))}]" if extras else ""
    return f"{name}{added}=={version}\n" if version else ""


def hashes(files: Files) -> dict[str, str]:
    """As a receipt keeps them."""
    return {name: sha256(text) for name, text in files.items()}


def address(receipt: Receipt) -> str:
    """Where in the site the archive of a receipt is."""
    inside = "".join(f"{name} {hashed}\n" for name, hashed in sorted(receipt.files.items()))
    return f"{FOLDER}/{sha256(inside)[:12]}/{named(receipt)}.zip"


def named(receipt: Receipt) -> str:
    """What the archive and the folder in it are called: `retry-fastapi`."""
    stem = PurePosixPath(receipt.page).stem
    words = ["example" if stem in {"index", "README"} else stem, receipt.variant]
    return "-".join(filter(None, (re.sub(r"\W+", "-", word).strip("-") for word in words))).lower()


def write_downloads(draft: Path, pages: Sequence[Page], receipts: Receipts) -> None:
    """Into the built site, each archive once."""
    texts = {page.name: offers(page) for page in pages}
    for receipt in receipts.entries:
        if receipt.files:
            target = draft / address(receipt)
            target.parent.mkdir(parents=True, exist_ok=True)
            files = texts[receipt.page][receipt.position, receipt.variant]
            target.write_bytes(_archive(named(receipt), files))


def _archive(folder: str, files: Files) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            entry = zipfile.ZipInfo(f"{folder}/{name}", EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text)
    return made.getvalue()


def unvouched(site: Path, receipts: Receipts, *, prove: str) -> Iterator[Problem]:
    """Archives that are missing, that nobody vouches for, or that hold something else."""
    wanted = {address(entry): entry for entry in receipts.entries if entry.files}
    again = f"Run `{prove}` again."
    there = {path.relative_to(site).as_posix(): path for path in (site / FOLDER).rglob("*.zip")}
    for place, path in sorted(there.items()):
        receipt = wanted.pop(place, None)
        if receipt is None:
            yield Problem(path, 0, f"nothing vouches for this archive. {again}")
        elif _inside(path) != {f"{named(receipt)}/{n}": h for n, h in receipt.files.items()}:
            yield Problem(path, 0, f"it holds other files than were proven. {again}")
    for place, receipt in wanted.items():
        said = f"{receipt.page} offers its files, but the site has no {place}. {again}"
        yield Problem(site / place, 0, said)


def _inside(path: Path) -> Mapping[str, str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return {name: sha256(archive.read(name).decode()) for name in archive.namelist()}
    except (zipfile.BadZipFile, UnicodeDecodeError):
        return {}


def offered(runs: Iterable[Receipt]) -> list[Receipt]:
    """The receipts of one place whose archives differ, each once; none if a run of it failed."""
    same = [run for run in runs if run.files]
    return list({address(run): run for run in same}.values()) if proven(same) else []
