"""What the published site was made of, and what came of it: while both are the same, it stands."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from proofread._config import Site
from proofread._settings import SEAL
from proofread._world import contents, world

VARIABLE = re.compile(r"\b[A-Z][A-Z\d_]+\b")


class Seal:
    """Tells whether a site need be built at all."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._file = site.root / SEAL
        self._made_of = _made_of(site)

    def holds(self) -> bool:
        """Whether nothing that the site was built from has changed, nor the site itself."""
        output = self._site.output
        if not (output.is_dir() and self._file.is_file()):
            return False
        return self._file.read_text(encoding="utf-8") == self._told()

    def lift(self) -> None:
        """Another site is made: until it is published, none is sealed."""
        self._file.unlink(missing_ok=True)

    def put(self) -> None:
        """Note that this site is published, unless what it is made of changed in the meantime."""
        self.lift()
        if _made_of(self._site) == self._made_of:
            self._file.write_text(self._told(), encoding="utf-8")

    def _told(self) -> str:
        output = self._site.output
        seen = hashlib.sha256(self._made_of.encode())
        for file in _files(output, skipped=set()):
            about = file.stat()
            seen.update(f"{file.relative_to(output)} {about.st_size} {about.st_mtime_ns}".encode())
        return seen.hexdigest()


def _made_of(site: Site) -> str:
    """One hash of all that a build may read: every file of the project, and what is installed."""
    seen = hashlib.sha256(world(site.sources).encode())
    for content in contents(_files(site.root, skipped={site.root / "build", site.output})):
        seen.update(content)
    settings = (site.root / site.settings.mkdocs).read_text(encoding="utf-8")
    for name in sorted(set(VARIABLE.findall(settings))):  # `!ENV SITE_URL`
        seen.update(f"{name}={os.environ.get(name)}".encode())
    return seen.hexdigest()


def _files(root: Path, *, skipped: set[Path]) -> Iterator[Path]:
    """All files beneath it in order, but for hidden directories and compiled ones."""
    for folder, names, files in os.walk(root):
        here = Path(folder)
        names[:] = sorted(
            name
            for name in names
            if not name.startswith((".", "__pycache__")) and here / name not in skipped
        )
        yield from (here / name for name in sorted(files) if (here / name).is_file())
