"""A Markdown extension: `{{ … }}` in prose stands for what the code, the lock or a run says.

- `{{ version.starlette }}`: the release that the lock names, if it is the one that is installed
- `{{ measured.S3 }}`: what a run has kept as `S3`, in the file that mkdocs.yml calls `measured`
- `{{ shop.Store.lease }}`: a default or a constant, as the code has it: `30`
- `{{ shop.Store.lease in seconds }}`: the same with its unit, `30 seconds`, or `in percent`
"""

from __future__ import annotations

import json
import logging
import platform
import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree

from markdown import Extension, Markdown
from markdown.inlinepatterns import InlineProcessor

from proofread._literals import Unreadable, value_of
from proofread._settings import ConfigError

FACTS = "proofread._facts"
"""This extension, as mkdocs.yml names it."""
REFERENCE = r"\{\{[ ]*(?P<asked>[^{}`\n]+?)[ ]*\}\}"
PIN = re.compile(r"^([\w.-]+)==([^\s;]+)", re.MULTILINE)
SCALES = {"milliseconds": 1e-3, "seconds": 1.0, "minutes": 60.0, "hours": 3600.0, "days": 86_400.0,
          "weeks": 604_800.0, "times": 1.0, "percent": 0.01}  # fmt: skip
BEHIND_CODE = 189
"""The priority of what looks at prose when inline code is taken out of it."""


class Unknown(LookupError):
    """A reference to nothing, and what to write instead."""


class Facts:
    """What references may refer to."""

    def __init__(
        self,
        lock: str = "",
        files: dict[str, str] | None = None,
        written: Sequence[str] = (),
    ) -> None:
        # As long as this is the directory that the names are relative to.
        self._named = lock
        self._lock = Path(lock).resolve() if lock else None
        self._project = Path("pyproject.toml").resolve()
        self._files = {name: Path(file).resolve() for name, file in (files or {}).items()}
        self._written = [Path(name).resolve() for name in written]

    def wrote(self, file: str) -> bool:
        """Whether runs have written what a page includes of this file."""
        return any(Path(file).resolve().is_relative_to(path) for path in self._written)

    @cached_property
    def packages(self) -> dict[str, str]:
        """The releases that the lock names."""
        try:
            text = self._lock.read_text(encoding="utf-8") if self._lock else ""
        except FileNotFoundError:
            raise ConfigError(
                f"{FACTS} in mkdocs.yml has `lock: {self._named}`, and there is no such file:"
                " write the path of a file with lines like `name==1.0`, or leave `lock` out."
            ) from None
        return {_normal(name): version for name, version in PIN.findall(text)}

    @cached_property
    def oldest_python(self) -> str:
        """The one that the project asks for."""
        text = self._project.read_text(encoding="utf-8") if self._project.exists() else ""
        asked = tomllib.loads(text).get("project", {}).get("requires-python", "")
        return asked.removeprefix(">=").strip() if asked.startswith(">=") else ""

    @cached_property
    def kept(self) -> dict[str, dict[str, str]]:
        """What runs have kept, by file and name; nothing yet in one that no run has made."""
        return {
            name: json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
            for name, file in self._files.items()
        }

    def fill(self, asked: str) -> str:
        """The text that a reference stands for."""
        dotted, _, unit = (part.strip() for part in asked.partition(" in "))
        if not re.fullmatch(r"[\w-]+(\.[\w-]+)+", dotted):
            raise Unknown(f"`{asked}` is no reference: write a dotted name, and a unit if need be")
        kind, _, name = dotted.partition(".")
        if kind == "version":
            return self._version(name)
        if kind in self._files:
            if name not in self.kept[kind]:
                raise Unknown(f"{self._files[kind].name} holds no {name!r}")
            return self.kept[kind][name]
        try:
            return _written(dotted, value_of(dotted), unit)
        except Unreadable as error:
            raise Unknown(f"`{dotted}`: {error}") from None

    def _version(self, name: str) -> str:
        if name == "python":
            return ".".join(platform.python_version_tuple()[:2])
        locked = self.packages.get(_normal(name))
        if locked is None:
            where = self._lock.name if self._lock else "a lock, for mkdocs.yml names none"
            raise Unknown(f"no {name!r} in {where}")
        installed = metadata.version(name)
        if installed != locked:
            raise Unknown(f"the lock has {name} {locked}, and {installed} is installed")
        return locked

    def problems(self, text: str) -> Iterator[tuple[int, str]]:
        """The references of a text that lead nowhere, by the line from 0."""
        for match in re.finditer(REFERENCE, text):
            try:
                self.fill(match["asked"])
            except (Unknown, metadata.PackageNotFoundError) as error:
                yield text.count("\n", 0, match.start()), f"This leads nowhere: {error}."


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _written(dotted: str, value: Any, unit: str) -> str:
    if not unit:
        return f"{value:g}" if isinstance(value, float) else str(value)
    if unit not in SCALES:
        raise Unknown(f"`in {unit}` of {dotted}: write one of {', '.join(SCALES)}")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unknown(f"{dotted} is {value!r}, which cannot be said in {unit}")
    number = value / SCALES[unit]
    if unit == "percent":
        return f"{number:g} %"
    return f"{number:g} {unit if number != 1 else unit.removesuffix('s')}"


class Filler(InlineProcessor):
    """Puts the fact where the reference stands."""

    def __init__(self, facts: Facts, md: Markdown) -> None:
        super().__init__(REFERENCE, md)
        self.facts = facts

    def handleMatch(  # type: ignore[override]  # noqa: N802
        self, m: re.Match[str], data: str
    ) -> tuple[str | ElementTree.Element, int, int]:
        """Called by Python-Markdown."""
        del data
        try:
            text = self.facts.fill(m["asked"])
        except (Unknown, metadata.PackageNotFoundError) as error:
            # A strict build ends with it.
            logging.getLogger("mkdocs.proofread").warning("{{ %s }}: %s", m["asked"], error)
            text = m[0]
        return text, m.start(), m.end()


class FactsExtension(Extension):
    """Its options: `lock`, a file of pins; `files`, JSON of what runs have kept, by name; and
    `written`, files of Markdown that runs have written, or folders of them.
    """

    def __init__(self, **options: Any) -> None:
        self.config = {
            "lock": ["", "a file of pins"],
            "files": [{}, "names, and files of JSON"],
            "written": [[], "files, and folders of them"],
        }
        super().__init__(**options)
        self.facts = Facts(**self.getConfigs())

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        """Look at prose only."""
        md.inlinePatterns.register(Filler(self.facts, md), "facts", BEHIND_CODE)


def facts_of(md: Markdown) -> Facts:
    """Those that a renderer puts in; none where mkdocs.yml does not have this extension."""
    if "facts" not in md.inlinePatterns:
        return Facts()
    return cast("Filler", md.inlinePatterns["facts"]).facts


def makeExtension(**options: Any) -> FactsExtension:  # noqa: N802
    """Called by Python-Markdown."""
    return FactsExtension(**options)
