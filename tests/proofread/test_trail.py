"""A section is asked about a change only if it comes by: its programs note where they do."""

from __future__ import annotations

import ast
import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest

from proofread import _trail
from proofread._collect import collect_page
from proofread._marked import MarkdownFactory
from proofread._model import Block, Page
from proofread._rehearsal import Rehearsal
from proofread._sandbox import Sandbox
from proofread._scene import Scene, chosen
from proofread._settings import Limits
from proofread._slip import definition
from proofread._story import Story, stories
from proofread._surface import Place, is_used
from proofread._twin import Twin
from proofread._workers import KINDS

PACKAGE = {
    "__init__.py": "from followed.tools import Box, used\n",
    "tools.py": """\
import dataclasses


def used(number):
    if number:
        return other()
    return None


def other():
    return 1


def unused():
    return 2


@dataclasses.dataclass
class Box:
    size: int = 1
""",
    "colors.py": 'import enum\n\n\nclass Color(enum.Enum):\n    RED = "red"\n',
}
USED = {"call tools.py 4", "line tools.py 5", "line tools.py 6"}
OTHER = {"call tools.py 10", "line tools.py 11"}
PAGE = """\
# One

```python title="spawned.py"
import multiprocessing

from followed import used

if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(pool.map(used, [1]))
```

```text title="Output"
[1]
```

# Two

```python
import threading

from followed import Box, used

threading.Thread(target=used, args=(1,)).start()
print(Box())
```

```text title="Output"
Box(size=1)
```

# Three

```python
import os

import followed

if os.fork() == 0:
    followed.used(0)
    os._exit(0)
os.wait()
```
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package") / "followed"
    folder.mkdir()
    for name, text in PACKAGE.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def scenes(
    package: Path,
    sandbox: Sandbox,
    markdown: MarkdownFactory,
    tmp_path_factory: pytest.TempPathFactory,
) -> list[Scene]:
    """The sections of `PAGE`, after their rehearsal."""
    root = tmp_path_factory.mktemp("scenes")
    (root / "page.md").write_text(PAGE, encoding="utf-8")
    page = collect_page(root / "page.md", name="page.md", markdown=markdown)
    twin = Twin.compiled(sandbox, root / "twin", package)
    twin.leave_a_trail()
    told = [Scene(section) for story in stories(page) for section in story.sections()]
    for number, scene in enumerate(told):
        results = scene.run(twin, root / str(number), Limits(), workers=KINDS)
        assert [problem for result in results for problem in result.problems] == []
        scene.read_trail(root / str(number))
    return told


def test_what_a_spawned_process_calls_is_noted(scenes: list[Scene]) -> None:
    assert scenes[0].steps == USED | OTHER


def test_what_a_thread_calls_is_noted_and_what_a_dataclass_makes(scenes: list[Scene]) -> None:
    assert scenes[1].steps == USED | OTHER | {"made followed.tools.Box 0"}


def test_what_a_forked_process_calls_is_noted_line_by_line(scenes: list[Scene]) -> None:
    assert scenes[2].steps == {"call tools.py 4", "line tools.py 5", "line tools.py 7"}


def test_who_is_not_asked_leaves_no_trail(tmp_path: Path) -> None:
    code = "import sys; from proofread import _trail; _trail.begin('.'); print(sys.gettrace())"
    env = {key: value for key, value in os.environ.items() if key != _trail.ASKED}
    said = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout == "None\n"
    assert [*tmp_path.iterdir()] == []


def test_a_section_runs_with_the_changed_twin_and_ends_where_it_is_wrong(
    package: Path, sandbox: Sandbox, scenes: list[Scene], tmp_path: Path
) -> None:
    original = Twin.compiled(sandbox, tmp_path / "original", package)
    twin = Twin(sandbox, tmp_path / "twin", original.source)
    before = definition(ast.parse(PACKAGE["tools.py"]), ["other"])
    after = definition(ast.parse("def other():\n    return 7"), ["other"])
    assert before is not None
    assert after is not None
    twin.change(Path("tools.py"), before, after)
    wrong, fine = (
        scene.run(twin, tmp_path / str(number), Limits(), workers=KINDS, until_wrong=True)
        for number, scene in enumerate(scenes[:2])
    )
    assert [result.problems != [] for result in wrong] == [False, True]
    assert "-[1]\n+[7]" in wrong[1].problems[0]
    assert all(result.passed for result in fine)
    assert (package / "tools.py").read_text(encoding="utf-8") == PACKAGE["tools.py"]
    assert "return 1" in (original.folder / "tools.py").read_text(encoding="utf-8")


def test_what_is_known_of_a_section_holds_until_something_changes(
    package: Path, scenes: list[Scene], tmp_path: Path
) -> None:
    kept = tmp_path / "build" / "rehearsal.json"
    rehearsal = Rehearsal(kept, package)
    scenes[2].seconds = 1.5
    rehearsal.remember(scenes[2])
    rehearsal.keep(scenes)

    same = Scene(scenes[2].section)
    assert Rehearsal(kept, package).recall(same)
    assert (same.seconds, same.steps) == (1.5, scenes[2].steps)
    assert not Rehearsal(kept, package).recall(Scene(scenes[1].section))

    moved = tmp_path / "followed"
    moved.mkdir()
    (moved / "tools.py").write_text(f"#\n{PACKAGE['tools.py']}", encoding="utf-8")
    assert not Rehearsal(kept, moved).recall(Scene(scenes[2].section))


def scene(text: str, *, section: int, step: str, variant: str = "", blocks: int = 1) -> Scene:
    block = Block(Path("page.md"), 1, 3, "python", None, text, section=section)
    page = Page(Path("page.md"), "page.md", (block,))
    return Scene(Story(page, variant, (block,) * blocks), steps=frozenset({step}))


def test_those_that_come_by_are_asked_in_one_tab_each_the_ones_that_name_it_first() -> None:
    one_tab = scene("submit()", variant="A", section=1, step="call a.py 1")
    other_tab = scene("submit()", variant="B", section=1, step="call a.py 1")
    naming = scene("submit(timeout=1)", section=2, step="call a.py 1", blocks=9)
    saying = scene("submit(); timeout", section=3, step="call a.py 1", blocks=2)
    silent = scene("pass", section=4, step="call a.py 1")
    elsewhere = scene("submit(timeout=1)", section=5, step="call a.py 2")
    every = [silent, saying, one_tab, other_tab, naming, elsewhere]
    steps, names = frozenset({"call a.py 1"}), ["submit", "timeout", "timeout="]
    home = Path("a.py")
    assert chosen(every, steps, names, home=home, most=9) == [naming, saying, one_tab, silent]
    assert chosen(every, steps, names, home=home, most=2) == [naming, saying]
    example = Scene(dataclasses.replace(silent.section), steps=steps)
    (block,) = example.section.blocks
    own = (dataclasses.replace(block, path=home, section=6),)
    example.section = dataclasses.replace(example.section, blocks=own)
    found = chosen([*every, example], steps, names, home=home, most=2)
    assert found == [example, naming, saying]


def test_patience_grows_with_what_a_section_took_and_has_an_end() -> None:
    slow = scene("pass", section=1, step="call a.py 1")
    slow.seconds = 1
    assert slow.limits(Limits(block=30, log=10)) == Limits(block=9, log=4)
    slow.seconds = 100
    assert slow.limits(Limits(block=30, log=10)) == Limits(block=30, log=10)


def test_a_name_is_used_by_those_who_call_it_or_say_it_of_what_they_have(package: Path) -> None:
    box = Place("Box", Path("tools.py"), "followed.tools", ("Box",), "class", Path("page.md"))
    size = dataclasses.replace(box, within=("Box", "size"), kind="attribute")
    used = dataclasses.replace(box, within=("used",), kind="function")
    made, called = frozenset({"made followed.tools.Box 0"}), frozenset({"call tools.py 4"})
    nothing, words = frozenset[str](), frozenset({"size", "used"})
    assert is_used(used, package, called, nothing)
    assert not is_used(used, package, made, words)
    assert is_used(size, package, made, words)
    assert is_used(size, package, nothing, words | {"Box"})
    assert not is_used(size, package, nothing, words)
    assert not is_used(size, package, made, nothing)
    assert is_used(box, package, nothing, frozenset({"Box"}))
    assert not is_used(box, package, called, words)


def test_the_member_of_an_enum_is_used_where_its_text_is_shown(package: Path) -> None:
    within = ("Color", "RED")
    red = Place("Color.RED", Path("colors.py"), "followed.colors", within, "attribute", Path("p"))
    nothing = frozenset[str]()
    assert is_used(red, package, nothing, frozenset({"Color", "red"}))
    assert is_used(red, package, nothing, frozenset({"Color", "RED"}))
    assert not is_used(red, package, nothing, frozenset({"Color", "blue"}))
    assert not is_used(red, package, nothing, frozenset({"red"}))


SETTABLE = """\
class Jar:
    @property
    def content(self):
        return self._content

    @content.setter
    def content(self, value):
        self._content = value
"""


def test_a_property_is_used_by_those_who_read_it_and_by_those_who_set_it(tmp_path: Path) -> None:
    (tmp_path / "jar.py").write_text(SETTABLE, encoding="utf-8")
    place = Place("Jar.content", Path("jar.py"), "jar", ("Jar", "content"), "attribute", tmp_path)
    words = frozenset({"Jar", "content"})
    assert is_used(place, tmp_path, frozenset({"call jar.py 2"}), words)
    assert is_used(place, tmp_path, frozenset({"call jar.py 6"}), words)
    assert not is_used(place, tmp_path, frozenset({"call jar.py 1"}), words)
