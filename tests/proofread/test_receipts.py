"""Receipts say for every block at every place what became of it, and survive being written."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import random
from pathlib import Path
from typing import Any

import pytest

from proofread._issue import issue
from proofread._model import Block, Page, Result
from proofread._receipts import Receipt, ReceiptsError, load, proven, summary, write

ROOT = Path("/project")
PROVE = "nox -s docs-test"
RERUN = f"{PROVE} --"
GUIDE = ROOT / "docs/guides/retry.md"
PYTHON = Block(GUIDE, 12, 15, "python", "main.py", "import lxml.html\nimport os\nprint(1)\n")
CONSOLE = Block(GUIDE, 20, 23, "console", None, "$ ruff --version\nruff ...\n")
HTTP = Block(GUIDE, 30, 33, "http", None, "GET / HTTP/1.1\n")


def page(*blocks: Block, name: str = "guides/retry.md") -> Page:
    return Page(ROOT / "docs" / name, name, blocks)


def entries(pages: list[Page], *results: Result) -> tuple[Receipt, ...]:
    return issue(pages, results, root=ROOT, rerun=RERUN).entries


def version(distribution: str) -> str:
    return importlib.metadata.version(distribution)


def test_a_receipt_says_where_the_block_stands_and_how_to_rerun_it() -> None:
    [receipt] = entries([page(PYTHON)], Result(PYTHON, "python", duration=0.5))
    assert receipt.sha256 == PYTHON.sha256
    assert (receipt.page, receipt.path) == ("guides/retry.md", "docs/guides/retry.md")
    assert (receipt.line, receipt.title, receipt.role) == (12, "main.py", "python")
    assert (receipt.status, receipt.problems, receipt.duration) == ("passed", (), 0.5)
    assert receipt.rerun == "nox -s docs-test -- docs/guides/retry.md:12"


def test_the_rerun_command_is_the_projects_own() -> None:
    made = issue([page(PYTHON)], [Result(PYTHON, "python")], root=ROOT, rerun="make proof")
    assert made.entries[0].rerun == "make proof docs/guides/retry.md:12"


def test_a_docstring_is_rerun_with_the_page_that_shows_it() -> None:
    block = Block(ROOT / "src/tiny.py", 7, 9, "python", None, "print(2)\n")
    [receipt] = entries([page(block)], Result(block, "python"))
    assert receipt.path == "src/tiny.py"
    assert receipt.rerun == "nox -s docs-test -- docs/guides/retry.md"


def test_each_variant_has_its_receipt_and_one_failure_leaves_the_place_unproven() -> None:
    bad = Result(PYTHON, "python", "Starlette", problems=["NameError: x"])
    made = issue([page(PYTHON)], [Result(PYTHON, "python", "FastAPI"), bad], root=ROOT, rerun=RERUN)
    assert [(r.variant, r.status) for r in made.entries] == [
        ("FastAPI", "passed"),
        ("Starlette", "failed"),
    ]
    assert made.entries[1].problems == ("NameError: x",)
    assert len({r.id for r in made.entries}) == 1
    assert not proven(made.by_place()["guides/retry.md", 0])
    assert made.totals.unproven == 1


def test_a_block_that_nothing_ran_is_unproven() -> None:
    made = issue([page(PYTHON, HTTP)], [Result(PYTHON, "python")], root=ROOT, rerun=RERUN)
    assert [r.status for r in made.entries] == ["passed", "unproven"]
    assert (made.totals.blocks, made.totals.runs, made.totals.unproven) == (2, 1, 1)
    assert not proven([])


def test_one_text_on_two_pages_has_an_entry_and_a_name_for_each_place() -> None:
    docstring = Block(ROOT / "src/tiny.py", 7, 9, "python", None, "print(2)\n")
    pages = [page(docstring, docstring, name="a/b.md"), page(docstring, name="a-b.md")]
    found = entries(pages, Result(docstring, "python"))
    assert [r.page for r in found] == ["a-b.md", "a/b.md", "a/b.md"]
    assert len({r.id for r in found}) == 3
    assert {r.status for r in found} == {"passed"}


def test_two_runs_of_one_block_in_one_variant_share_a_receipt_and_the_worse_counts() -> None:
    good, bad = Result(PYTHON, "python"), Result(PYTHON, "python", problems=["No."])
    [receipt] = entries([page(PYTHON)], good, bad)
    assert (receipt.status, receipt.problems) == ("failed", ("No.",))


def test_a_result_of_a_block_on_no_page_is_refused() -> None:
    with pytest.raises(ValueError, match=r"retry\.md:20 was run, but no collected page shows it"):
        issue([page(PYTHON)], [Result(CONSOLE, "console")], root=ROOT, rerun=RERUN)


def test_python_names_the_versions_of_what_it_imports_without_the_standard_library() -> None:
    [receipt] = entries([page(PYTHON)], Result(PYTHON, "python"))
    assert receipt.packages == {"lxml": version("lxml")}


def test_a_session_at_the_prompt_names_its_imports() -> None:
    block = Block(GUIDE, 1, 4, "pycon", None, ">>> import lxml\n>>> lxml.__name__\n'lxml'\n")
    [receipt] = entries([page(block)], Result(block, "pycon"))
    assert receipt.packages == {"lxml": version("lxml")}


def test_files_that_the_page_saved_and_code_that_does_not_parse_name_nothing() -> None:
    local = Block(GUIDE, 1, 2, "python", None, "from main import app\nfrom .lxml import x\n")
    broken = Block(GUIDE, 4, 5, "python", None, "import lxml\ndef\n")
    found = entries([page(local, broken)], Result(local, "python"), Result(broken, "python"))
    assert [r.packages for r in found] == [{}, {}]


def test_a_project_installed_for_editing_is_named_and_a_standard_module_never(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("editable_tiny", "wave"):
        (tmp_path / f"{name}-1.2.dist-info").mkdir()
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n"
        (tmp_path / f"{name}-1.2.dist-info/METADATA").write_text(metadata, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    block = Block(GUIDE, 1, 3, "python", None, "import editable_tiny, wave\n")
    [receipt] = entries([page(block)], Result(block, "python"))
    assert receipt.packages == {"editable_tiny": "1.2"}


def test_console_and_http_name_what_the_story_of_their_variant_ran_on() -> None:
    other = Block(GUIDE, 16, 18, "python", None, "import markdown\n")
    results = [
        Result(PYTHON, "python", "A"),
        Result(other, "python", "B"),
        *(Result(block, block.language, tab) for block in (CONSOLE, HTTP) for tab in "AB"),
    ]
    found = {
        (r.role, r.variant): r.packages
        for r in entries([page(PYTHON, other, CONSOLE, HTTP)], *results)
    }
    a = {"lxml": version("lxml"), "ruff": version("ruff")}
    b = {"Markdown": version("Markdown"), "ruff": version("ruff")}
    assert found["http", "A"] == found["console", "A"] == a
    assert found["http", "B"] == found["console", "B"] == b


def test_a_program_started_as_a_module_is_named_too() -> None:
    block = Block(GUIDE, 1, 3, "console", None, "$ python -m ruff --version\npip 1\n")
    [receipt] = entries([page(block)], Result(block, "console"))
    assert receipt.packages == {"ruff": version("ruff")}


def test_what_is_written_is_read_back_whatever_the_order_of_the_runs(tmp_path: Path) -> None:
    results = [Result(block, block.language, tab) for block in (PYTHON, HTTP) for tab in "ABC"]
    first, second = tmp_path / "build/a.json", tmp_path / "build/b.json"
    made = issue([page(PYTHON, HTTP)], results, root=ROOT, rerun=RERUN)
    write(made, first)
    random.Random(3).shuffle(results)
    write(issue([page(PYTHON, HTTP)], results, root=ROOT, rerun=RERUN), second)
    assert load(first, made_by=PROVE) == made
    assert first.read_bytes() == second.read_bytes()


def test_the_file_is_utf_8_and_written_whole_or_not_at_all(tmp_path: Path) -> None:
    made = issue([page(PYTHON)], [Result(PYTHON, "python", "Ünïcode")], root=ROOT, rerun=RERUN)
    write(made, tmp_path / "receipts.json")
    assert "Ünïcode" in (tmp_path / "receipts.json").read_text(encoding="utf-8")
    taken = tmp_path / "taken"
    taken.mkdir()
    with pytest.raises(OSError, match="taken"):
        write(made, taken)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["receipts.json", "taken"]


def test_a_missing_file_names_the_command_that_writes_it(tmp_path: Path) -> None:
    with pytest.raises(ReceiptsError, match="does not exist, so nothing is proven: `make proof`"):
        load(tmp_path / "receipts.json", made_by="make proof")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("format", 0, "format is 0, expected 3"),
        ("python", 3.11, r"file\.python is 3\.11"),
        ("entries.0.line", "12", r"entry\.line is '12'"),
        ("entries.0.line", True, r"entry\.line is True"),
        ("entries.0.title", 1, r"entry\.title is 1"),
        ("entries.0.problems", [1], r"entry\.problems is \(1,\)"),
        ("entries.0.packages", {"lxml": 6}, r"entry\.packages is"),
        ("entries.0.duration", "fast", r"entry\.duration is 'fast'"),
        ("entries.0.sha256", None, r"entry\.sha256 is None"),
        ("totals.pages", None, r"totals\.pages is None"),
        ("entries", None, "holds no receipts"),
    ],
)
def test_a_file_of_another_shape_is_refused(
    tmp_path: Path, field: str, value: object, said: str
) -> None:
    file = tmp_path / "receipts.json"
    write(issue([page(PYTHON)], [Result(PYTHON, "python")], root=ROOT, rerun=RERUN), file)
    data: Any = json.loads(file.read_text(encoding="utf-8"))
    *path, last = field.split(".")
    holder = data
    for step in path:
        holder = holder[int(step) if step.isdigit() else step]
    holder[last] = value
    file.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(ReceiptsError, match=said):
        load(file, made_by=PROVE)


def test_a_missing_field_and_a_file_that_is_not_json_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "receipts.json"
    write(issue([page(PYTHON)], [Result(PYTHON, "python")], root=ROOT, rerun=RERUN), file)
    file.write_text(file.read_text(encoding="utf-8").replace('"rerun"', '"again"'), "utf-8")
    with pytest.raises(ReceiptsError, match="'rerun' is missing"):
        load(file, made_by=PROVE)
    file.write_text("{", encoding="utf-8")
    with pytest.raises(ReceiptsError, match=r"is not JSON .*: run `nox -s docs-test` again"):
        load(file, made_by=PROVE)


def test_the_summary_is_exact() -> None:
    output = Block(GUIDE, 16, 18, "text", "Output", "1\n")
    results = [
        Result(PYTHON, "python", "A"),
        Result(PYTHON, "python", "B"),
        Result(output, "output", expectations=3),
        Result(CONSOLE, "console", commands=1, servers=2),
    ]
    made = issue(
        [page(HTTP, PYTHON, output, CONSOLE)], results, root=ROOT, rerun=RERUN, seconds=31.24
    )
    assert summary(made, found=4).splitlines() == [
        f"1 page, 4 blocks, 4 runs on Python {platform.python_version()} in 31.2 s",
        "  python 1 · console 1 · http 1 · Output 1",
        "  1 command run, 2 servers started, 3 expectations consumed",
        "  4 blocks in the built site, 3 proven, 1 unproven",
    ]
    assert summary(made).endswith("  4 blocks collected, 3 proven, 1 unproven")


def test_the_summary_says_no_time_where_some_of_it_was_proven_before() -> None:
    made = issue([page(PYTHON)], [Result(PYTHON, "python")], root=ROOT, rerun=RERUN)
    assert summary(made).splitlines()[0] == (
        f"1 page, 1 block, 1 run on Python {platform.python_version()}"
    )
