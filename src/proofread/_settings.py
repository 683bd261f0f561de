"""What a project says of its proof: `[tool.proofread]` in pyproject.toml."""

from __future__ import annotations

import os
import re
import shlex
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, cast

SEAL = Path("build", "seal")
"""Beneath the root of a project, the note of what its published site was made of."""
LISTS = frozenset({"beside", "checks", "lint_ignore", "preload", "sources"})


@dataclass(frozen=True, slots=True)
class Limits:
    """In seconds."""

    block: float = 30.0
    """How long a block or a command may run, and a server may take to come up or to stop."""
    log: float = 10.0
    """How long a line may take to appear in a server's log."""


class ConfigError(ValueError):
    """A setting that does not exist or cannot be."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The table `[tool.proofread]`; every key has a default."""

    mkdocs: str = "mkdocs.yml"
    preload: tuple[str, ...] = ("pytest_examples",)
    """Modules that the warm parent imports once for all pages."""
    preload_for: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """By a word, modules that it imports as well if a page has that word, in any case."""
    workers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    """By a program, how it works off jobs as `PROGRAM … worker`: with `ready`, a pattern of what it
    prints once it takes them, and `chatter`, patterns of lines that it prints of itself."""
    sources: tuple[str, ...] = ("src", "examples")
    """What pages import or include: a change there proves every page again."""
    beside: tuple[str, ...] = ()
    """Pages that are proven with the site and are not part of it, such as README.md."""
    checks: tuple[str, ...] = ()
    """Commands that must be content with the built site and its receipts, which they are given."""
    lint_line_length: int = 88
    """The longest line of Python that a page may show."""
    lint_ignore: tuple[str, ...] = ()
    """Rules of ruff that pages break on purpose."""
    jobs: int = 0
    """How many sections run at once; 0 is six times the number of cores, and more for one page."""
    timeout: float = 30.0
    """Seconds a block may take."""
    log_timeout: float = 10.0
    """Seconds a line may take to appear in a server's log."""
    rerun: str = "proofread test"
    """The command that proves one page; the page and line are put behind it."""
    serve: str = "proofread serve"
    """The command that serves the site; its options are put behind it."""
    proof: str = "proof.md"
    """The page that lists every block with its receipt."""
    card: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """How the image is drawn that stands for a page where a link to it is shared: see `_cards`."""
    package: str = ""
    """The folder of the package that the reference pages are about: `mutate` changes it."""
    survivors: str = ""
    """The file that says of each change of it that no block may notice why that is right."""
    experiments: str = ""
    """The folder with a record for each experiment that a page may be about."""
    experiment: str = ""
    """The command that runs trials again, `NAME:SUBJECT` each, and records them `--to` a folder."""
    experiment_keep: str = ""
    """The command that runs what has changed and keeps what comes, for those who have read it."""

    @property
    def limits(self) -> Limits:
        return Limits(block=self.timeout, log=self.log_timeout)

    @property
    def prove(self) -> str:
        """The command that proves the whole site."""
        return self.rerun.removesuffix(" --")

    def preload_of(self, pages: Iterable[Path]) -> tuple[str, ...]:
        """What the warm parent imports for these pages; without any, or for a directory, all."""
        files = list(pages)
        everything = not files or not all(file.is_file() for file in files)
        text = "" if everything else "".join(file.read_text(encoding="utf-8") for file in files)
        words = set(re.findall(r"\w+", text.lower()))
        chosen = [
            self.preload_for[word] for word in self.preload_for if everything or word in words
        ]
        return (*self.preload, *(name for names in chosen for name in names))

    def sources_in(self, root: Path) -> list[Path]:
        """The `sources` of a project that are there, and what else decides: this package, too."""
        own = [Path(__file__).parent, root / "pyproject.toml"]
        own += [root / name for name in self.sources]
        return [path for path in own if path.exists()]

    def sections_at_once(self, pages: int) -> int:
        """They wait more than they work; those of many pages are many enough to fill the cores."""
        return self.jobs or (8 if pages == 1 else 6) * (os.cpu_count() or 1)


def read_settings(root: Path) -> Settings:
    """The settings of a project; unknown keys are an error that lists the known ones."""
    file = root / "pyproject.toml"
    data = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    table = cast("dict[str, Any]", data.get("tool", {}).get("proofread", {}))
    plain = Settings()
    known = {field.name: getattr(plain, field.name) for field in fields(Settings)}
    for key, value in table.items():
        if key not in known:
            raise ConfigError(
                f"[tool.proofread] has no {key!r}. It has: {', '.join(sorted(known))}."
            )
        wanted = (
            list if key in LISTS else (int, float) if key.endswith("timeout") else type(known[key])
        )
        if not isinstance(value, wanted):
            raise ConfigError(
                f"[tool.proofread] {key} = {value!r}: write a value like {known[key]!r}."
            )
    for word, names in table.get("preload_for", {}).items():
        if not isinstance(names, list) or not re.fullmatch(r"[a-z0-9_]+", word):
            raise ConfigError(
                f"[tool.proofread.preload_for] {word} = {names!r}: write a word in small letters"
                " and a list of modules."
            )
    for name, says in table.get("workers", {}).items():
        if not isinstance(says, dict) or "ready" not in says or says.keys() - {"ready", "chatter"}:
            raise ConfigError(
                f"[tool.proofread.workers.{name}] = {says!r}: write `ready`, a pattern, and"
                " `chatter`, a list of them."
            )
    chosen: dict[str, Any] = {**table, "preload": ("pytest_examples", *table.get("preload", ()))}
    return Settings(**chosen)


def words_of(command: str) -> list[str]:
    """A command of a setting as a list, in which `python` is the one that runs this."""
    program, *words = shlex.split(command)
    return [sys.executable if program == "python" else program, *words]
