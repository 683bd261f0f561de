"""The built site: made beside the proof, judged after it, published only when proven."""

from __future__ import annotations

import atexit
import dataclasses
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

from proofread import _receipts
from proofread._cards import write_cards
from proofread._checks import Checks
from proofread._config import Site, read_site
from proofread._download import unvouched, write_downloads
from proofread._gate import Verdict, gate
from proofread._issue import issue
from proofread._model import Page, Problem, Result
from proofread._receipts import Receipts
from proofread._report import of_results
from proofread._roles import GENERATED
from proofread._scan import Scan, scan
from proofread._seal import Seal
from proofread._stamp import stamped
from proofread._texts import unproven, write_texts
from proofread._world import world


class Publication:
    """A build that has begun; `finish` decides whether anybody gets to see it."""

    def __init__(self, site: Site, *, fresh: bool, seen: str) -> None:
        """Begin to build, unless the published site is of all that is there now.

        Args:
            site: What to build.
            fresh: Whether every story will be run, whatever is known of it.
            seen: The `world` in which its blocks are run.
        """
        self._seen = seen
        self._site = site
        self._seal = Seal(site)
        self._stands = not fresh and self._seal.holds()
        if not self._stands:
            self._begin()

    def settle(self, *, ran: bool) -> None:
        """Build after all if a story is run, which was not recalled."""
        if self._stands and ran:
            self._stands = False
            self._begin()

    def drop(self) -> None:
        """Nobody will get to see it."""
        if not self._stands:
            self._build.kill()

    def _begin(self) -> None:
        self._seal.lift()
        site = self._site
        build = site.root / "build"
        build.mkdir(exist_ok=True)
        self._draft = Path(tempfile.mkdtemp(prefix="draft-", dir=build))
        atexit.register(shutil.rmtree, self._draft, ignore_errors=True)  # also if interrupted
        # Not `--quiet`: what it keeps to itself, `--strict` does not count.
        command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
        environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true"}
        self._build = subprocess.Popen(
            [*command, "-d", self._draft, "-f", site.root / site.settings.mkdocs],
            cwd=site.root,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._log = ""
        self._scans: dict[str, Scan] = {}
        self._ahead = threading.Thread(target=self._read_ahead, daemon=True)
        self._ahead.start()

    def _read_ahead(self) -> None:
        """Wait for the build, and read it while stories still run."""
        self._log, _ = self._build.communicate()
        for file in self._draft.rglob("*.html") if not self._build.returncode else ():
            html = file.read_bytes().decode(errors="replace")
            self._scans[html] = scan(html)

    def finish(
        self, pages: Sequence[Page], results: Sequence[Result], *, seconds: float, refused: bool
    ) -> tuple[list[str], str]:
        """Why the site is refused, and the summary; a site that is not refused is published."""
        site = self._site
        receipts = issue(pages, results, root=site.root, seconds=seconds, rerun=site.settings.rerun)
        _receipts.write(receipts, site.receipts)
        if self._stands:
            verdict = judged(site.output, site, receipts)
            if not (verdict.problems or refused):
                return [], _receipts.summary(receipts, found=verdict.blocks)
            self._begin()
        self._ahead.join()
        if self._build.returncode:
            said = [line for line in self._log.splitlines() if not line.startswith("INFO ")]
            return ["The site does not build:", *said], _receipts.summary(receipts)
        checks = Checks(site, self._draft)
        files, problems = stamped(
            self._draft,
            receipts,
            docs=site.docs,
            proof=site.settings.proof,
            use_directory_urls=site.directory_urls,
            scans=self._scans,
        )
        objections, notes = checks.ended()
        for file, content in files.items():
            file.write_bytes(content)
        write_downloads(self._draft, pages, receipts)
        verdict = judged(self._draft, site, receipts)
        said = [*_said((*problems, *verdict.problems), site.root), *objections]
        failed = [result for result in results if not result.passed]
        generated = [result for result in failed if result.role == GENERATED]
        if failed or refused:
            said = ["Not published: something above is not proven."]
            said.append(of_results(generated, root=site.root, rerun=site.settings.rerun))
        elif world(site.sources) != self._seen:
            said.append("Not published: what pages import or include has changed. Run it again.")
        if not said:
            write_cards(self._draft, site, pages)
            write_texts(self._draft, site, pages, receipts)
            copies = unproven(self._draft, receipts, prove=site.settings.prove)
            said = _said(copies, site.root)
        if said:
            shutil.rmtree(self._draft)
        else:
            _drop_empty_map(self._draft)
            publish(self._draft, site.output)
            self._seal.put()
        return said, "\n".join([_receipts.summary(receipts, found=verdict.blocks), *notes])


def standing(site: Site) -> str | None:
    """The summary of the published site, if nothing has changed since; otherwise `None`."""
    try:
        receipts = _receipts.load(site.receipts, made_by=site.settings.prove)
    except _receipts.ReceiptsError:
        return None
    if receipts.totals.unproven or not Seal(site).holds():
        return None
    untimed = dataclasses.replace(receipts.totals, seconds=0.0)
    return _receipts.summary(
        dataclasses.replace(receipts, totals=untimed), found=receipts.totals.blocks
    )


def judge(directory: Path | None = None) -> int:
    """Whether a built site shows what its receipts prove; 0 if so, else it says what does not."""
    site = read_site(Path.cwd())
    settings = site.settings
    try:
        receipts = _receipts.load(site.receipts, made_by=settings.prove)
    except _receipts.ReceiptsError as error:
        print(error)
        return 1
    problems, summary = judged_lines((directory or site.output).resolve(), site, receipts)
    if receipts.totals.unproven:
        print(f"`{settings.prove}` has refused the pages of now: a site that was built is older.")
    print("\n".join([*problems, summary]))
    return 1 if problems else 0


def judged_lines(
    directory: Path, site: Site, receipts: Receipts, *, before: Sequence[Problem] = ()
) -> tuple[list[str], str]:
    """The same verdict in words, behind what was wrong `before`, and the summary."""
    verdict = judged(directory, site, receipts)
    summary = _receipts.summary(receipts, found=verdict.blocks)
    return _said((*before, *verdict.problems), site.root), summary


def judged(directory: Path, site: Site, receipts: Receipts) -> Verdict:
    """What the gate says of a built site, of the Markdown in it, and of what it gives away."""
    prove = site.settings.prove
    verdict = gate(
        directory, receipts, docs=site.docs, prove=prove, use_directory_urls=site.directory_urls
    )
    copies = unproven(directory, receipts, prove=prove)
    archives = unvouched(directory, receipts, prove=prove)
    return dataclasses.replace(verdict, problems=(*verdict.problems, *copies, *archives))


def _said(problems: Iterable[Problem], root: Path) -> list[str]:
    return [
        f"{_place(p.path, root)}{f':{p.line}' if p.line else ''}: {p.message}" for p in problems
    ]


def _place(path: Path, root: Path) -> Path:
    return path.relative_to(root) if path.is_relative_to(root) else path


def _drop_empty_map(draft: Path) -> None:
    """MkDocs lists no page in the sitemap where it does not know the address of the site."""
    file = draft / "sitemap.xml"
    if file.exists() and "<loc>" not in file.read_text(encoding="utf-8"):
        file.unlink()
        (draft / "sitemap.xml.gz").unlink(missing_ok=True)


def publish(draft: Path, output: Path) -> None:
    """Put the new site where the old one was; a reader never finds half of one."""
    old = output.with_name(f".{output.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if output.exists():
        output.rename(old)
    draft.rename(output)
    shutil.rmtree(old, ignore_errors=True)
