"""The same site by another generator, held against the same proof.

It gets a copy of mkdocs.yml and of the pages in a room of its own, so that whatever it writes is
not published.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from proofread import _receipts
from proofread._config import read_site
from proofread._facts import facts_of
from proofread._site import judged_lines
from proofread._stamp import stamp
from proofread._texts import in_prose
from proofread._twins import differences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from proofread._config import Site
    from proofread._receipts import Receipts

ROOM = Path("build", "rebuilt")
RELATIVE = re.compile(r"!relative[ \t]+\$(docs|config)_dir/?")
ADDED = ("**/*.md", "llms.txt", "downloads/**/*.zip")
"""What the proof puts into a site, whoever built it."""


class RebuildError(Exception):
    """There is no second site, or nothing to hold it against."""


def rebuild(command: Sequence[str]) -> int:
    """Build with a command, as from the root of the project; 0 if its site shows what is proven.

    Needs the receipts and the published site that a proof has left, and runs no block.
    """
    site = read_site(Path.cwd())
    prove = site.settings.prove
    try:
        receipts = _receipts.load(site.receipts, made_by=prove)
        if not site.output.is_dir():
            missing = f"{site.output} does not exist, so there is nothing to compare"
            raise RebuildError(f"{missing}: run `{prove}`.")
        built = _built(command, site)
    except (RebuildError, _receipts.ReceiptsError) as error:
        print(error)
        return 1
    problems, summary = _judged(built, site, receipts)
    print("\n".join([*problems, summary]))
    shown = built.relative_to(site.root)
    if problems:
        print(f"The site in {shown} is not the one that was proven.")
        return 1
    print(f"The site in {shown} is the one that was proven: block by block, page by page.")
    return 0


def _built(command: Sequence[str], site: Site) -> Path:
    """Where the command has put its site."""
    program = shutil.which(command[0])
    if program is None:
        raise RebuildError(f"No program {command[0]!r} here: install it, or write its whole path.")
    room = site.root / ROOM
    _furnish(room, site)
    ended = subprocess.run(
        [str(Path(program).absolute()), *command[1:]],
        cwd=room,
        # With the Markdown extensions that mkdocs.yml may name.
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    built = room / site.output.relative_to(site.root)
    if ended.returncode or not built.is_dir():
        end = f"ended with status {ended.returncode}" if ended.returncode else f"made no {built}"
        raise RebuildError(f"{ended.stdout.rstrip()}\n`{' '.join(command)}` {end}.".lstrip())
    return built


def _furnish(room: Path, site: Site) -> None:
    """An empty room with mkdocs.yml, the pages, and links to all else in the project."""
    shutil.rmtree(room, ignore_errors=True)
    room.mkdir(parents=True)
    docs = site.docs.relative_to(site.root)
    shutil.copytree(site.docs, room / docs)
    facts = facts_of(site.markdown())
    for page in (room / docs).rglob("*.md"):  # where it is built, other packages are installed
        page.write_text(in_prose(page.read_text(encoding="utf-8"), facts), encoding="utf-8")
    settings = (site.root / site.settings.mkdocs).read_text(encoding="utf-8")
    (room / site.settings.mkdocs).write_text(_spelled_out(settings, docs), encoding="utf-8")
    for path in site.root.iterdir():
        here = room / path.name
        if not (here.exists() or path.name.startswith(".") or path in _made(site)):
            here.symlink_to(path, target_is_directory=path.is_dir())


def _made(site: Site) -> set[Path]:
    return {site.output, site.root / ROOM.parts[0]}


def _spelled_out(settings: str, docs: Path) -> str:
    """Without MkDocs' own tag for a path, which others cannot read."""
    return RELATIVE.sub(lambda tag: f"{docs.as_posix()}/" if tag[1] == "docs" else "", settings)


def _judged(built: Path, site: Site, receipts: Receipts) -> tuple[list[str], str]:
    """All that stands between this site and the published one, and a summary."""
    for pattern in ADDED:
        for path in site.output.glob(pattern):
            target = built / path.relative_to(site.output)
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
    problems = stamp(
        built,
        receipts,
        docs=site.docs,
        proof=site.settings.proof,
        use_directory_urls=site.directory_urls,
    )
    refused, summary = judged_lines(built, site, receipts, before=problems)
    other = [*differences(site.output, built)]
    if other:
        other.insert(0, "Beside the published site (-), this one (+) says:")
    return [*refused, *other], summary
