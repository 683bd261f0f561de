"""What a writer reads when a block is refused: where, why, the block, and how to run it again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from proofread._model import Problem, Result

SHOWN_LINES = 16
SAID_LINES = 60


def of_problems(problems: Iterable[Problem], *, root: Path, rerun: str) -> str:
    """What was refused before it ran."""
    return "\n\n".join(_of_problem(problem, root=root, rerun=rerun) for problem in problems)


def _of_problem(problem: Problem, *, root: Path, rerun: str) -> str:
    place = f"{_relative(problem.path, root)}:{problem.line}"
    return f"{place}: {problem.message}\n  rerun: {rerun} {place}"


def of_results(results: Iterable[Result], *, root: Path, rerun: str) -> str:
    """The blocks that failed, with all that is wrong with each."""
    return "\n\n".join(
        _of_result(r, [r.variant], root=root, rerun=rerun) for r in results if r.problems
    )


def of_story(results: Iterable[Result], page: Sequence[Result], *, root: Path, rerun: str) -> str:
    """The same for one story; what fails alike in others of its page stands with the first."""
    said: list[str] = []
    for result in results:
        alike = [r.variant for r in page
                 if r.block == result.block and r.problems == result.problems]  # fmt: skip
        if result.problems and result.variant == alike[0]:
            said.append(_of_result(result, alike, root=root, rerun=rerun))
        elif result.problems:
            said.append(f"{_place(result, root)}: as in the tab {alike[0]}, above.")
    return "\n\n".join(said)


def _of_result(result: Result, tabs: Sequence[str], *, root: Path, rerun: str) -> str:
    place = _place(result, root)
    named = f" in the tab{'s' * (len(tabs) > 1)} {' and '.join(tabs)}" if tabs[0] else ""
    lines = _first(SHOWN_LINES, result.block.text.rstrip("\n"))
    shown = "\n".join(f"  │ {line}".rstrip() for line in lines)
    problems = "\n".join(_first(SAID_LINES, "\n".join(result.problems)))
    return f"{place}: {result.role}{named}\n{shown}\n{problems}\n  rerun: {rerun} {place}"


def _first(most: int, text: str) -> list[str]:
    lines = text.split("\n")
    return lines if len(lines) <= most else [*lines[:most], f"… {len(lines) - most} lines more"]


def _place(result: Result, root: Path) -> str:
    return f"{_relative(result.block.path, root)}:{result.block.line}"


def _relative(path: Path, root: Path) -> Path:
    return path.relative_to(root) if path.is_relative_to(root) else path
