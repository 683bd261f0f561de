"""What a writer reads when a block is refused: where, why, the block, and how to run it again."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from proofread._model import Problem, Result

SHOWN_LINES = 16


def of_problems(problems: Iterable[Problem], *, root: Path, rerun: str) -> str:
    """What was refused before it ran."""
    return "\n\n".join(_of_problem(problem, root=root, rerun=rerun) for problem in problems)


def _of_problem(problem: Problem, *, root: Path, rerun: str) -> str:
    place = f"{_relative(problem.path, root)}:{problem.line}"
    return f"{place}: {problem.message}\n  rerun: {rerun} {place}"


def of_results(results: Iterable[Result], *, root: Path, rerun: str) -> str:
    """The blocks of a story that failed, with all that is wrong with each."""
    return "\n\n".join(_of_result(r, root=root, rerun=rerun) for r in results if r.problems)


def _of_result(result: Result, *, root: Path, rerun: str) -> str:
    place = f"{_relative(result.block.path, root)}:{result.block.line}"
    tab = f" in the tab {result.variant}" if result.variant else ""
    lines = result.block.text.rstrip("\n").split("\n")
    if len(lines) > SHOWN_LINES:
        lines = [*lines[:SHOWN_LINES], f"… {len(lines) - SHOWN_LINES} lines more"]
    shown = "\n".join(f"  │ {line}".rstrip() for line in lines)
    problems = "\n".join(result.problems)
    return f"{place}: {result.role}{tab}\n{shown}\n{problems}\n  rerun: {rerun} {place}"


def _relative(path: Path, root: Path) -> Path:
    return path.relative_to(root) if path.is_relative_to(root) else path
