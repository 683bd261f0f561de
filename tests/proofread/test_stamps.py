"""A log to which a library writes past Python: what Python printed, and lines cut in two."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from proofread._model import Page, Result
from proofread._service import as_shown
from proofread._settings import Limits
from proofread._stamps import Note, read_lines, unmixed
from proofread._story import Story, stories

Collect = Callable[[Path], Page]
Tell = Callable[[Story, Limits], list[Result]]

APP = """\
import os


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        return
    os.write(1, b"a line of the library")
    print("a print")
    os.write(1, b"\\n")
    print("another")
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})
"""

PAGE = f"""\
```python title="main.py"
{APP}```

```console
$ uvicorn main:app --no-access-log --lifespan off
```

```http
GET / HTTP/1.1

HTTP/1.1 204 No Content
```

```text title="Server log"
a print
a line of the library
another
```

```timeline
one       "a print"
another   "another"
```
"""


def test_a_line_that_a_print_cuts_in_two_is_one_line_of_the_log(
    tmp_path: Path, collect: Collect, tell: Tell
) -> None:
    path = tmp_path / "page.md"
    path.write_text(PAGE, encoding="utf-8")
    [story] = stories(collect(path))
    results = tell(story, Limits())
    assert [problem for result in results for problem in result.problems] == []


def note(data: bytes, behind: int) -> Note:
    return Note(data, behind, 0.0)


@pytest.mark.parametrize(
    ("printed", "notes", "settled", "rest"),
    [
        pytest.param(b"", [], b"", b"", id="nothing"),
        pytest.param(b"own\n", [note(b"own\n", 0)], b"own\n", b"", id="own alone"),
        pytest.param(b"own", [note(b"own", 0)], b"own", b"", id="own and no end"),
        pytest.param(b"other\nother", [], b"other\n", b"other", id="other alone"),
        pytest.param(b"cutown\n", [note(b"own\n", 3)], b"", b"cutown\n", id="its end may come"),
        pytest.param(b"cutown\n\n", [note(b"own\n", 3)], b"own\ncut\n", b"", id="it has come"),
        pytest.param(
            b"cutown\n more\n", [note(b"own\n", 3)], b"cutown\n more\n", b"", id="it was no end"
        ),
        pytest.param(
            b"cutone\ntwo\n\nrest",
            [note(b"one\n", 3), note(b"two\n", 7)],
            b"one\ntwo\ncut\n",
            b"rest",
            id="two between",
        ),
        pytest.param(
            b"other\nown\n", [note(b"own\n", 0)], b"other\nown\n", b"", id="the other was faster"
        ),
        pytest.param(b"one\n", [note(b"one\n", 0), note(b"two\n", 4)], b"one\n", b"", id="to come"),
    ],
)
def test_what_is_settled(printed: bytes, notes: list[Note], settled: bytes, rest: bytes) -> None:
    assert unmixed(printed, notes) == (settled, rest)


WRITER = """\
import os, sys
from proofread._stamps import StampedOutput

output, notes = (os.open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND) for name in sys.argv[1:])
os.dup2(output, 1)
if not os.fork():
    for _ in range(3000):
        os.write(1, b"other\\n")
    os._exit(0)
stamped = StampedOutput(1, notes)
for number in range(3000):
    stamped.write(b"%d\\n" % number)
os.wait()
"""


def test_no_line_is_lost_to_one_who_writes_in_the_same_moment(tmp_path: Path) -> None:
    output, notes = tmp_path / "log", tmp_path / "notes"
    subprocess.run([sys.executable, "-c", WRITER, str(output), str(notes)], check=True)
    assert [line.text for line in read_lines(notes)] == [str(n) for n in range(3000)]
    assert output.read_bytes().count(b"other\n") == 3000


@pytest.mark.parametrize(
    "line", ["Started server process [10107]", "[INFO] worker-1 with PID: 10107"]
)
def test_the_number_of_a_process_is_no_port(line: str) -> None:
    assert as_shown(line, {8000: 10107}) == line
    assert as_shown(f"{line} at http://127.0.0.1:10107", {8000: 10107}) == (
        f"{line} at http://127.0.0.1:8000"
    )
