"""Checks of the project's own: commands that must be content before a site is published."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from proofread._settings import words_of

if TYPE_CHECKING:
    from pathlib import Path

    from proofread._config import Site


def check(site: Site, built: Path) -> tuple[list[str], list[str]]:
    """What the commands object to, and what those say that have no objection.

    Each is given the folder of the built site, as its generator made it, and the file of receipts.
    """
    objections: list[str] = []
    notes: list[str] = []
    for command in site.settings.checks:
        ended = subprocess.run(
            [*words_of(command), str(built), str(site.receipts)],
            cwd=site.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        said = ended.stdout.strip()
        if not ended.returncode:
            notes.append(said)
        else:
            objections.append(said or f"`{command}` ended with status {ended.returncode}.")
    return objections, notes
