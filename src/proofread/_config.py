"""Where a site's pages are and how they are rendered: mkdocs.yml."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mkdocs.config import load_config
from mkdocs.structure.files import get_files, set_exclusions

from proofread._marked import MarkdownFactory, markdown_factory
from proofread._settings import Settings, read_settings


@dataclass(frozen=True, slots=True)
class Site:
    """Where a site's pages are, and how they are rendered."""

    root: Path
    settings: Settings
    docs: Path
    output: Path
    directory_urls: bool
    markdown: MarkdownFactory
    mkdocs: Any

    @property
    def sources(self) -> list[Path]:
        """Everything of the project's own that can change what a block does."""
        return self.settings.sources_in(self.root)

    @property
    def receipts(self) -> Path:
        return self.root / "build" / "receipts.json"

    def pages(self) -> list[Path]:
        """Every page that will be built: no draft, and nothing that is hidden."""
        files = [*get_files(self.mkdocs)]
        set_exclusions(files, self.mkdocs)
        return sorted(
            Path(file.abs_src_path or "")
            for file in files
            if file.is_documentation_page() and file.inclusion.is_included()
        )

    @property
    def beside(self) -> list[Path]:
        return [self.root / name for name in self.settings.beside]

    def shows(self, path: Path) -> bool:
        """Whether a file is a page of the site."""
        return path.suffix == ".md" and path.is_relative_to(self.docs)

    def proves(self, path: Path) -> bool:
        """Whether a file is a page of the site or beside it."""
        return self.shows(path) or path in self.beside

    def name(self, path: Path) -> str:
        return path.relative_to(self.docs if self.shows(path) else self.root).as_posix()


def read_site(root: Path) -> Site:
    """Read both files. Snippet paths are relative to `root`: it becomes the working directory."""
    root = root.resolve()
    os.chdir(root)
    settings = read_settings(root)
    config = load_config(str(root / settings.mkdocs))
    return Site(
        root=root,
        settings=settings,
        docs=Path(config["docs_dir"]).resolve(),
        output=Path(config["site_dir"]).resolve(),
        directory_urls=bool(config["use_directory_urls"]),
        markdown=markdown_factory(config["markdown_extensions"], config["mdx_configs"]),
        mkdocs=config,
    )
