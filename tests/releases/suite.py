"""The frameworks, the releases of each that are tried, and what is asked of them."""

from __future__ import annotations

import re
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
PINS = dict(re.findall(r"^([\w-]+)==(\S+)", (ROOT / ".constraints.txt").read_text(), re.MULTILINE))
ENDS = ("oldest", "newest")


@dataclass(frozen=True)
class Framework:
    """A framework, and what must stand beside its oldest release, if that is not our own oldest."""

    title: str
    beside: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As it is installed and imported."""
        return self.title.lower()

    @property
    def files(self) -> list[str]:
        """Where its tests are, among others."""
        own = f"tests/frameworks/test_{self.name}.py"
        return [own, "tests/frameworks/test_missing.py", "tests/conformance/test_attachment.py"]

    def wanted(self, end: str) -> list[str]:
        """What is installed to try its oldest or its newest release."""
        extra: list[str] = PROJECT["project"]["optional-dependencies"][self.name]
        tools: list[str] = PROJECT["dependency-groups"]["releases"]
        if end == "newest":
            return sorted([*extra, *tools])
        ours: list[str] = PROJECT["project"]["dependencies"]
        oldest = {named(each): each.replace(">=", "==") for each in (*ours, *extra)}
        oldest |= {named(each): each for each in self.beside}
        return sorted([*oldest.values(), *(pinned(tool) for tool in tools)])

    def run(self, python: Path, end: str) -> int:
        """Run its tests with this interpreter.

        Returns:
            How many there are.

        Raises:
            Failed: One of them does not pass, or is skipped, or a file has none of this framework.
        """
        report = ROOT / "build" / "frameworks" / f"{self.name}-{end}.xml"
        report.parent.mkdir(parents=True, exist_ok=True)
        report.unlink(missing_ok=True)
        options = ["-q", "-p", "no:cacheprovider", "-k", self.name, f"--junitxml={report}"]
        command = [str(python), "-m", "pytest", *options, *self.files]
        if subprocess.run(command, cwd=ROOT).returncode:
            raise Failed("tests fail")
        return counted(report, self.files)


FRAMEWORKS = (
    Framework("FastAPI"),
    Framework("Starlette"),
    Framework("Litestar"),
    Framework("Lilya", ("anyio==4.9",)),  # it asks for less, and imports what came with that
    Framework("Ravyn", ("lilya==0.22.9", "anyio==4.9")),  # it breaks with the Lilya of later days
    Framework("Velithon"),
    Framework("Quart"),
)


class Failed(Exception):
    """A release does not keep what is promised."""


def named(requirement: str) -> str:
    """Which package it asks for."""
    return re.split(r"[^\w-]", requirement, maxsplit=1)[0]


def pinned(requirement: str) -> str:
    """The same package as in all other sessions, so that only the framework is another."""
    name = named(requirement)
    return requirement.replace(name, f"{name}=={PINS[name]}", 1)


def counted(report: Path, files: list[str]) -> int:
    """How many tests were run, of which each file must have some, and none was skipped."""
    cases = list(ElementTree.parse(report).iter("testcase"))
    if any(case.find("skipped") is not None for case in cases):
        raise Failed("tests were skipped")
    for file in files:
        module = file.removesuffix(".py").replace("/", ".")
        if not any(f"{case.get('classname')}.".startswith(f"{module}.") for case in cases):
            raise Failed(f"no test of {file}")
    return len(cases)
