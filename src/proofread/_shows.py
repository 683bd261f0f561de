"""What a page shows of an experiment: parts of the sources that ran, and what was seen.

Nothing of it is run by the page, so it is judged when it is collected.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from proofread._model import Block, Page, Problem, Result
from proofread._roles import role_of
from proofread.experiments import Trial, files_of, read_record, used_lines


def judge_shown(
    page: Page, *, records: Path, root: Path, keep: str
) -> tuple[list[Result], list[Problem]]:
    """A result for each block that shows what is recorded, and a problem for each that does not."""
    if page.experiment is None:
        return [], []
    record = records / f"{page.experiment}.json"
    if not re.fullmatch(r"\w+", page.experiment) or not record.is_file():
        said = f"The experiment {page.experiment!r} has no record {record}. `{keep}` writes it."
        return [], [Problem(page.path, 1, said)]
    trials = read_record(record)
    results: list[Result] = []
    problems: list[Problem] = []
    for block in page.blocks:
        role = role_of(block)
        if role not in {"source", "seen"}:
            continue
        subject = _subject(block, trials)
        wrong = (
            _wrong_source(block, _trials_of(subject, trials), root)
            if role == "source"
            else _wrong_seen(block, trials.get(subject or ""), trials, keep)
        )
        if wrong:
            problems.append(Problem(block.path, block.line, wrong))
            continue
        versions = dict(trials[subject].versions) if subject else {}
        results.append(Result(block, str(role), subject or "", versions=versions))
    return results, problems


def _subject(block: Block, trials: Mapping[str, Trial]) -> str | None:
    """Whose tab it stands in."""
    return next((label for _, label in block.tabs if label in trials), None)


def _trials_of(subject: str | None, trials: Mapping[str, Trial]) -> list[Trial]:
    return [trials[subject]] if subject else [*trials.values()]


def _wrong_source(block: Block, trials: Iterable[Trial], root: Path) -> str | None:
    """It must stand in a file that each of these trials used, as it is."""
    wanted = [line.rstrip() for line in block.text.strip("\n").split("\n")]
    sources = [{*trial.sources} for trial in trials]
    for source in sorted(set.intersection(*sources)) if sources else []:
        for file in files_of(source, root) if not (root / source).is_dir() else []:
            text = file.read_text(encoding="utf-8") if file.is_file() else ""
            if _holds(list(used_lines(source, text)), wanted):
                return None
    where = "in this tab" if block.tabs else "in every tab"
    return f"This is no part of what the experiment ran {where}: include a section of its sources."


def _holds(lines: list[str], wanted: list[str]) -> bool:
    starts: Iterator[int] = (n for n, line in enumerate(lines) if line == wanted[0])
    return any(lines[n : n + len(wanted)] == wanted for n in starts)


def _wrong_seen(
    block: Block, trial: Trial | None, trials: Mapping[str, Trial], keep: str
) -> str | None:
    if trial is None:
        return f"What was seen stands in a tab with one of these labels: {', '.join(trials)}."
    if block.text != "\n".join(trial.seen) + "\n":
        seen = "\n  ".join(trial.seen)
        return f"This is not what is recorded. `{keep}` writes it, and this is:\n  {seen}"
    return None
