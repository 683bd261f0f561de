"""Put the proven site beside its other versions, in a branch that a host of pages serves.

Nothing is built here, as mike would do it: what is deployed is what the gate has seen.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from mike import commands

from proofread._config import read_site
from proofread._site import judge

BRANCH = "gh-pages"


def deploy(version: str, aliases: Sequence[str], *, branch: str = BRANCH) -> int:
    """Commit the site as `version`, and let the aliases lead to it; nothing is pushed.

    It is refused if a page that an alias has led to would lead nowhere.
    """
    if judge():
        print("Not deployed: the site that was built is not the one that was proven.")
        return 1
    site = read_site(Path.cwd())
    lost = [f"{alias}/{page}" for alias in aliases for page in _lost(alias, site.output, branch)]
    for page in lost:
        print(f"{page} would lead nowhere: keep the page, or say in mkdocs.yml where it has gone.")
    if lost:
        return 1
    options: dict[str, Any] = {"branch": branch, "message": f"Publish {version}"}
    with commands.deploy(
        {"site_dir": str(site.output), "use_directory_urls": site.directory_urls},
        version,
        aliases=list(aliases),
        update_aliases=True,
        allow_empty=True,
        **options,
    ):
        pass  # it is built
    if aliases:
        commands.set_default(aliases[0], allow_empty=True, **options)
    names = ", ".join([version, *aliases])
    print(f"The branch {branch} has it as {names}. To publish it: git push origin {branch}")
    return 0


def _lost(alias: str, output: Path, branch: str) -> list[str]:
    """The pages that an alias leads to now and that the new site does not have."""
    found = commands.list_versions(branch).find(alias)
    if found is None:
        return []
    listed = subprocess.run(
        ["git", "ls-tree", "-r", "--name-only", "-z", branch, f"{found[0]}/"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    files = [PurePosixPath(name).relative_to(found[0]) for name in listed.split("\0") if name]
    return [str(f) for f in files if f.suffix == ".html" and not (output / f).is_file()]
