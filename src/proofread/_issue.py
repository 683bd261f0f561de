"""From what ran to receipts: each block of each page gets one, at its place, in each variant."""

from __future__ import annotations

import os
import platform
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from proofread._download import hashes, offers
from proofread._model import Result
from proofread._receipts import FORMAT, Place, Receipt, Receipts, Totals, proven
from proofread._versions import PYTHON_ROLES, versions_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from proofread._model import Block, Page

UNPROVEN = "No run proved this block."

Runs = dict[Place, dict[str, list[Result]]]


def issue(
    pages: Sequence[Page],
    results: Iterable[Result],
    *,
    root: Path,
    rerun: str,
    seconds: float = 0.0,
) -> Receipts:
    """The receipts of one build: every block of every page gets one, also if nothing ran it."""
    done = list(results)
    runs = _at_places(pages, done)
    ids = _ids(pages)
    packages = _packages(runs)
    entries: list[Receipt] = []
    for page in pages:
        files = offers(page)
        for position, block in enumerate(page.blocks):
            place = (page.name, position)
            path = _relative(block.path, root)
            # A docstring runs with the page that shows it.
            shown = (
                f"{path}:{block.line}" if block.path == page.path else _relative(page.path, root)
            )
            made = (ids[place], block, place, path, f"{rerun} {shown}")
            variants = runs.get(place) or {"": []}
            entries.extend(
                _receipt(
                    made,
                    variant,
                    same,
                    packages.get((page.name, variant), {}),
                    hashes(files.get((position, variant), {})),
                )
                for variant, same in variants.items()
            )
    entries.sort(key=lambda entry: (entry.page, entry.position, entry.variant))
    system = f"{platform.system()} {platform.machine()}"
    totals = _totals(pages, done, entries, seconds)
    return Receipts(FORMAT, platform.python_version(), system, totals, tuple(entries))


def _at_places(pages: Sequence[Page], results: Sequence[Result]) -> Runs:
    """Each result under every place that shows its block: a docstring may stand on two pages."""
    places: dict[Block, list[Place]] = defaultdict(list)
    for page in pages:
        for position, block in enumerate(page.blocks):
            places[block].append((page.name, position))
    runs: Runs = defaultdict(lambda: defaultdict(list))
    for result in results:
        block = result.block
        if block not in places:
            raise ValueError(f"{block.path}:{block.line} was run, but no collected page shows it.")
        for place in places[block]:
            runs[place][result.variant].append(result)
    return {place: dict(variants) for place, variants in runs.items()}


def _packages(runs: Runs) -> dict[tuple[str, str], dict[str, str]]:
    """What each variant of a page ran on."""
    told: dict[tuple[str, str], list[Result]] = defaultdict(list)
    for (page, _), variants in runs.items():
        for variant, results in variants.items():
            told[page, variant] += results
    return {variant: versions_of(results) for variant, results in told.items()}


def _relative(path: Path, root: Path) -> str:
    return Path(os.path.relpath(path, root)).as_posix()


def _ids(pages: Sequence[Page]) -> dict[Place, str]:
    seen: Counter[str] = Counter()
    names: dict[Place, str] = {}
    for page in pages:
        slug = "".join(c if c.isalnum() else "-" for c in page.name.rpartition(".")[0])
        for position, block in enumerate(page.blocks):
            name = f"{slug}-{block.sha256[:10]}".lower()
            seen[name] += 1
            names[page.name, position] = name if seen[name] == 1 else f"{name}-{seen[name]}"
    return names


def _receipt(
    made: tuple[str, Block, Place, str, str],
    variant: str,
    same: Sequence[Result],
    page: Mapping[str, str],
    files: dict[str, str],
) -> Receipt:
    """One receipt for all runs of a block in a variant: the worst of them counts."""
    name, block, (page_name, position), path, rerun = made
    role = same[0].role if same else block.language or "no role"
    status = "unproven" if not same else "passed" if all(r.passed for r in same) else "failed"
    own = versions_of(same) if role in PYTHON_ROLES else page
    problems = [text for result in same for text in result.problems]
    return Receipt(
        id=name,
        sha256=block.sha256,
        page=page_name,
        position=position,
        path=path,
        line=block.line,
        role=role,
        title=block.title,
        variant=variant,
        status=status,
        problems=tuple(problems) if same else (UNPROVEN,),
        duration=round(max((result.duration for result in same), default=0.0), 6),
        rerun=rerun,
        packages={} if role == "signature" else dict(own),
        drawn=same[0].drawn if same else "",
        files=files,
    )


def _totals(
    pages: Sequence[Page], results: Sequence[Result], entries: Sequence[Receipt], seconds: float
) -> Totals:
    places: dict[Place, list[Receipt]] = defaultdict(list)
    for entry in entries:
        places[entry.place].append(entry)
    roles = Counter(runs[0].role for runs in places.values())
    return Totals(
        pages=len(pages),
        blocks=len(places),
        roles={role: roles[role] for role in sorted(roles)},
        runs=sum(entry.status != "unproven" for entry in entries),
        commands=sum(result.commands for result in results),
        servers=sum(result.servers for result in results),
        expectations=sum(result.expectations for result in results),
        unproven=sum(not proven(runs) for runs in places.values()),
        seconds=round(seconds, 3),
    )
