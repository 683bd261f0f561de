"""The ordeal of a package: its sections know where they come by, and judge one change at a time."""

from __future__ import annotations

import functools
import itertools
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from proofread._collect import collect_markdown, collect_page
from proofread._config import Site
from proofread._reference import Reference
from proofread._rehearsal import Rehearsal, rehearse
from proofread._sandbox import Sandbox
from proofread._scene import Scene, chosen
from proofread._settings import ConfigError
from proofread._story import stories
from proofread._surface import Mutant, Place, is_used, mutants, places
from proofread._twin import Twin
from proofread._workers import all_kinds

MOST = 24
"""Of the sections that come by a change, how many are asked at most besides its own examples."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a mutant."""

    mutant: Mutant
    asked: tuple[Scene, ...]
    killer: str = ""
    """The block that noticed."""


class Ordeal:
    """One session: the site, its sections, and what may slip in its package."""

    def __init__(self, site: Site, sandbox: Sandbox) -> None:
        self.site = site
        self.package = package_of(site)
        self.scenes: list[Scene] = []
        self.at_once = 1
        self._sandbox = sandbox
        self._workers = all_kinds(site.settings.workers)
        self._root = Path(tempfile.mkdtemp(prefix="proofread-mutate-"))
        self._numbers = itertools.count()
        # What is changed on the disk in the meantime changes nothing here.
        self._twin = Twin.compiled(sandbox, self._root / "rehearsal", self.package)
        self.places = self._collect()
        self.mutants = [m for place in self.places for m in mutants(place, self._twin.source)]

    def _collect(self) -> list[Place]:
        site = self.site
        collect = functools.partial(collect_markdown, markdown=site.markdown)
        reference = Reference(site.root / site.settings.mkdocs, collect)
        known: dict[tuple[str, ...], Place] = {}
        for path in [*site.pages(), *site.beside]:
            reference.documented.clear()
            name = site.name(path)
            page = collect_page(path, name=name, markdown=site.markdown, reference=reference)
            self.scenes += [Scene(s) for story in stories(page) for s in story.sections()]
            for place in places(reference.documented, page=path, package=self.package):
                known.setdefault((place.module, *place.within), place)
        self.at_once = site.settings.sections_at_once(len(self.scenes))
        return list(known.values())

    def rehearse(self, *, fresh: bool) -> list[str]:
        """Learn where each section comes by; what is wrong with those that do not pass."""
        self._twin.leave_a_trail()
        rehearsal = Rehearsal(self.site.root / "build" / "rehearsal.json", self._twin.source)
        new = [scene for scene in self.scenes if fresh or not rehearsal.recall(scene)]
        wrong = rehearse(
            new,
            self._twin,
            self._root / "sections",
            self.site.settings.limits,
            workers=self._workers,
            at_once=self.at_once,
        )
        for scene in new:
            if not any(scene is other for other, _ in wrong):
                rehearsal.remember(scene)
        rehearsal.keep(self.scenes)
        return [f"{scene.name}:\n{results[0].problems[0]}" for scene, results in wrong]

    def fate(self, mutant: Mutant, *, may_survive: bool = False) -> Fate:
        """Ask the sections that come by a mutant, until one of them notices it.

        If it `may_survive`, it must notice it twice: a busy machine, too, can fail a section.
        """
        about = mutant.slip.about
        names = [*mutant.place.within[-2:], *([about, f"{about}="] if about else [])]
        home = self.package / mutant.place.file
        asked = chosen(self.scenes, mutant.steps(), names, home=home, most=MOST)
        if not asked:
            return Fate(mutant, ())
        root = self._root / str(next(self._numbers))
        twin = Twin(self._sandbox, root / "package", self._twin.source)
        twin.change(mutant.place.file, mutant.node, mutant.slip.changed)
        try:
            for number, scene in enumerate(asked):
                wrong = self._wrong(scene, twin, root / str(number))
                if wrong and may_survive:
                    wrong = self._wrong(scene, twin, root / f"{number}-again")
                if wrong:
                    return Fate(mutant, tuple(asked[: number + 1]), wrong)
        finally:
            shutil.rmtree(root, ignore_errors=True)
        return Fate(mutant, tuple(asked))

    def _wrong(self, scene: Scene, twin: Twin, root: Path) -> str:
        """The first block of a section that does not pass with a mutant, if there is one."""
        limits = scene.limits(self.site.settings.limits)
        results = scene.run(twin, root, limits, workers=self._workers, until_wrong=True)
        wrong = [result.block for result in results if not result.passed]
        return f"{wrong[0].path.relative_to(self.site.root)}:{wrong[0].line}" if wrong else ""

    def unused(self) -> list[Place]:
        """The names that no section uses."""
        return [
            place
            for place in self.places
            if not any(is_used(place, self._twin.source, s.steps, s.words) for s in self.scenes)
        ]

    def pages(self, mutant: Mutant) -> Iterator[str]:
        """The page that documents a mutant's place, and those that speak of it."""
        names = mutant.place.within[-2:]
        speaking = [s.page for s in self.scenes if all(name in s.words for name in names)]
        for page in dict.fromkeys([mutant.place.page, *speaking]):
            yield str(page.relative_to(self.site.root))

    def stop(self) -> None:
        """End what runs; what is interrupted need not wait for it."""
        self._sandbox.__exit__()

    def close(self) -> None:
        shutil.rmtree(self._root, ignore_errors=True)


def package_of(site: Site) -> Path:
    """The folder of the package that the site documents."""
    named = site.settings.package
    folder = (site.root / named).resolve()
    if not named or not (folder / "__init__.py").exists():
        raise ConfigError(
            f"[tool.proofread] package = {named!r}: write the folder of the package that the site"
            " documents, 'src/name'."
        )
    return folder
