"""Where the system cannot fork, a spawned process comes to the same verdicts."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from proofread._model import Page
from proofread._run import run_story
from proofread._sandbox import Sandbox
from proofread._settings import Limits
from proofread._story import stories

Collect = Callable[[Path], Page]

PAGES = {
    "output": (
        '```python\nprint("Grüße")\n```\n\n```text title="Output"\nGrüsse\n```\n',
        {5: "-Grüsse\n+Grüße"},
    ),
    "error": ('```python\nint("x")\n```\n', {1: "ValueError: invalid literal"}),
    "interrupt": ("```python\nraise KeyboardInterrupt\n```\n", {1: "KeyboardInterrupt"}),
    "exit": (
        "```python\nimport os\n\nos._exit(3)\n```\n",
        {1: "The process ended with status 3 in the middle of the block."},
    ),
    "hung": (
        "```python\nimport threading\n\nthreading.Event().wait()\n```\n",
        {1: "Still running after "},
    ),
    "session": ("```pycon\n>>> 1 + 1\n3\n```\n", {1: "-3\n+2"}),
    "killed": (
        '```python title="die.py"\nimport os\nimport sys\n\n'
        "if len(sys.argv) > 1:\n    os.kill(os.getpid(), 9)\n```\n\n"
        "```console\n$ python die.py now\n```\n",
        {9: "`python die.py now` ended with status 137."},
    ),
    "outside": ('```python\nopen("../outside", "w")\n```\n', {1: "PermissionError: open: "}),
    "server": (
        '```python title="main.py"\n--8<-- "hello.py"\n```\n\n'
        "```console\n$ uvicorn main:app\n```\n\n"
        "```http\nGET /say HTTP/1.1\n\nHTTP/1.1 200 OK\n\nHallo\n```\n",
        {5: "The server printed what", 9: "-Hallo\n+Hello"},
    ),
}


@pytest.mark.parametrize("fork", [True, False], ids=["forked", "spawned"])
def test_the_verdicts_are_the_same(
    fork: bool, sandbox: Sandbox, tmp_path: Path, collect: Collect
) -> None:
    with Sandbox(fork=False) as spawning, ThreadPoolExecutor(4) as pool:

        def problems(name: str) -> dict[int, str]:
            [story] = stories(pages[name])
            chosen = sandbox if fork else spawning
            results = run_story(story, chosen, tmp_path / name, Limits(block=2 if fork else 5))
            return {r.block.line: "\n".join(r.problems) for r in results if not r.passed}

        pages: dict[str, Page] = {}
        for name, (text, _) in PAGES.items():
            path = tmp_path / f"{name}.md"
            path.write_text(text, encoding="utf-8")
            pages[name] = collect(path)
        for (_, said), found in zip(PAGES.values(), pool.map(problems, PAGES), strict=True):
            assert found.keys() == said.keys(), found
            assert all(said[line] in found[line] for line in said), found


def test_short_jobs_all_report_how_they_ended(
    sandbox: Sandbox, tmp_path: Path, collect: Collect
) -> None:
    path = tmp_path / "page.md"
    path.write_text("```python\nx = 1\n```\n", encoding="utf-8")
    [story] = stories(collect(path))

    def passes(number: int) -> bool:
        results = run_story(story, sandbox, tmp_path / str(number), Limits())
        return all(result.passed for result in results)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(passes, range(60)))


@pytest.mark.parametrize("fork", [True, False], ids=["forked", "spawned"])
def test_what_stands_on_the_writers_path_is_found_by_programs_too(
    fork: bool, tmp_path: Path, collect: Collect, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = tmp_path / "beside"
    beside.mkdir()
    (beside / "stock.py").write_text("ITEMS = 3\n", encoding="utf-8")
    page = tmp_path / "page.md"
    page.write_text(
        '```python title="count.py"\nimport stock\n\nprint(stock.ITEMS)\n```\n\n'
        '```text title="Output"\n3\n```\n\n'
        "```python\nimport subprocess\nimport sys\n\n"
        'subprocess.run([sys.executable, "count.py"], check=True)\n```\n\n'
        '```text title="Output"\n3\n```\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", str(beside))
    [story] = stories(collect(page))
    with Sandbox(fork=fork) as started:
        results = run_story(story, started, tmp_path / "told", Limits(block=10))
    assert [result.problems for result in results] == [[]] * 4
