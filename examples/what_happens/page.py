"""What the pages show of the record, written from it and never by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from examples.what_happens.bench import RECORD
from examples.what_happens.columns import COLUMNS

from proofread.experiments import minor, read_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from examples.what_happens.columns import Column
    from examples.what_happens.row import Row

    from proofread.experiments import Trial

THEMES = {
    "attach": "Attached to a response",
    "answers": "Attached to answers of other kinds",
    "middleware": "Attached behind a middleware",
    "groups": "Several tasks, and those that fail",
    "failures": "A task that fails",
    "threads": "Threads and the event loop",
    "requests": "Context and requests",
    "dependencies": "Uploads and dependencies",
    "injection": "Injection and attachment",
    "handlers": "Attached to a handler",
    "places": "How a task is given",
    "parameters": "Parameters of a handler",
    "routes": "How a handler is declared and added",
    "schedules": "Work that is due regularly",
    "shutdown": "Shutdown and crashes",
    "clients": "In a test, without a server",
}
NAMES = {"fastapi": "FastAPI", "starlette": "Starlette", "litestar": "Litestar",
         "lilya": "Lilya", "ravyn": "Ravyn", "velithon": "Velithon"}  # fmt: skip


def write_pages(rows: Iterable[Row]) -> None:
    """Write what they include, which is committed with the record."""
    for name, text in pages(list(rows)).items():
        (RECORD / name).write_text(text)


def pages(rows: list[Row]) -> dict[str, str]:
    """By the name of a file in the record, what it shows."""
    trials = {row.name: read_record(RECORD / f"{row.name}.json") for row in rows}
    shown = {f"{row.name}.md": _row(row, trials[row.name]) for row in rows}
    return {**shown, "matrix.md": _matrix(rows, trials)}


def _matrix(rows: list[Row], trials: Mapping[str, Mapping[str, Trial]]) -> str:
    parts = [_ran_on(trial for of_row in trials.values() for trial in of_row.values())]
    for theme, title in THEMES.items():
        asked = [row for row in rows if row.theme == theme]
        if asked:
            head = ["Question", *(column.name for column in COLUMNS)]
            lines = [" | ".join(head), " | ".join("---" for _ in head)]
            lines += [" | ".join(_cells(row, trials[row.name])) for row in asked]
            table = "\n".join(f"| {line} |" for line in lines)
            parts.append(
                f'## {title}\n\n<div class="matrix" markdown>\n\n{table}\n\n</div>'
            )
    return "\n\n".join(parts) + "\n"


def _cells(row: Row, trials: Mapping[str, Trial]) -> Iterator[str]:
    yield f"[{row.question}]({row.page})"
    for column in COLUMNS:
        trial = trials.get(column.name)
        said = trial.value if trial else "not applicable"
        yield f"[{said}]({row.page}#{column.slug})"


def _ran_on(trials: Iterable[Trial]) -> str:
    versions: dict[str, set[str]] = {}
    for trial in trials:
        versions.setdefault("Python", set()).add(trial.python)
        for name, version in trial.versions.items():
            versions.setdefault(NAMES.get(name, name), set()).add(version)
    order = sorted(versions, key=str.lower)
    said = ", ".join(f"{name} {' and '.join(sorted(versions[name]))}" for name in order)
    return f"These cells were run on {said}."


def _row(row: Row, trials: Mapping[str, Trial]) -> str:
    """The scenario, and a tab for each column."""
    file = f"rows/{row.name}.py"
    scenario = f'```python title="{file}"\n--8<-- "what_happens/{file}"\n```'
    tabs = "\n\n".join(_tab(row, each, trials.get(each.name)) for each in COLUMNS)
    return "\n".join(_section("scenario", scenario) + _section("tabs", tabs))


def _section(name: str, text: str) -> list[str]:
    return [f"--8<-- [start:{name}]", text, f"--8<-- [end:{name}]", ""]


def _tab(row: Row, column: Column, trial: Trial | None) -> str:
    """The value, the code that ran, and the raw result."""
    if trial is None:
        why = row.not_applicable.get(column.name, "It has not been run yet.")
        return _indented(column.name, [f"**not applicable.** {why}"])
    versions = {**trial.versions, "Python": minor(trial.python)}
    on = ", ".join(f"{NAMES.get(name, name)} {it}" for name, it in versions.items())
    parts = [f"{column.name}: **{trial.value}** (on {on})"]
    file = row.app(column)
    for number, section in enumerate(row.uses):
        title = "" if number else f' title="{file}"'
        include = f'--8<-- "what_happens/{file}:{section}"'
        parts.append(f"```python{title}\n{include}\n```")
    parts.append("\n".join(['```text title="Seen"', *trial.seen, "```"]))
    return _indented(column.name, parts)


def _indented(label: str, parts: list[str]) -> str:
    lines = "\n\n".join(parts).split("\n")
    return "\n".join([f'=== "{label}"\n', *(f"    {line}".rstrip() for line in lines)])
