"""Both type checkers accept what they must and refuse what they must."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def lines_refused_by_mypy(file: Path) -> set[int]:
    command = [sys.executable, "-m", "mypy", "--no-error-summary", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    errors = re.findall(rf"{file.name}:(\d+): error", done.stdout)
    assert len(errors) == done.stdout.count(": error:"), done.stdout
    return {int(line) for line in errors}


def lines_refused_by_pyright(file: Path) -> set[int]:
    command = [sys.executable, "-m", "pyright", "--outputjson", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"] == 1
    return {
        error["range"]["start"]["line"] + 1
        for error in report["generalDiagnostics"]
        if error["severity"] == "error"
    }


CHECKERS = pytest.mark.parametrize("checker", [lines_refused_by_mypy, lines_refused_by_pyright])


@CHECKERS
def test_what_is_right_is_accepted(checker: Callable[[Path], set[int]]) -> None:
    assert checker(HERE / "accepted.py") == set()


@CHECKERS
def test_what_is_wrong_is_refused(checker: Callable[[Path], set[int]], tmp_path: Path) -> None:
    lines = (HERE / "refused.py").read_text().splitlines()
    marked = {number for number, line in enumerate(lines, 1) if "  # type: ignore[" in line}
    bare = tmp_path / "bare.py"
    bare.write_text("\n".join(line.partition("  # type: ignore[")[0] for line in lines) + "\n")
    assert len(marked) > 20
    assert checker(bare) == marked
