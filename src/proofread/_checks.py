"""Checks of the project's own: commands that must be content before a site is published.

They run at the same time, and beside whatever else is to be done.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from proofread._settings import words_of

if TYPE_CHECKING:
    from pathlib import Path

    from proofread._config import Site


class Checks:
    """Those under way; the built site must stay as it is until they have ended."""

    def __init__(self, site: Site, built: Path) -> None:
        """Begin them.

        Each is given the folder of the built site, as its generator made it, and the file of
        receipts.
        """
        self._running = {
            command: subprocess.Popen(
                [*words_of(command), str(built), str(site.receipts)],
                cwd=site.root,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for command in site.settings.checks
        }

    def ended(self) -> tuple[list[str], list[str]]:
        """What the commands object to, and what those say that have no objection."""
        objections: list[str] = []
        notes: list[str] = []
        for command, running in self._running.items():
            printed, _ = running.communicate()
            said = printed.strip()
            if not running.returncode:
                notes.append(said)
            else:
                objections.append(said or f"`{command}` ended with status {running.returncode}.")
        return objections, notes
