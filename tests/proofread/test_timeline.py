"""A timeline says of a run what is so, and only what is known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from proofread._accept import accept
from proofread._figure import Strip
from proofread._model import Page, Result
from proofread._rows import parse
from proofread._run import run_section
from proofread._sandbox import Sandbox
from proofread._settings import Limits
from proofread._stamps import read_lines
from proofread._story import Story, stories
from proofread._tape import PRINTED, REQUEST, RESPONSE, Event, Tape
from proofread._timeline import corrected, judge, measure, strips

Collect = Callable[[Path], Page]
Tell = Callable[[Story, Limits], list[Result]]

RUN = """\
GET /   request -> response

task    "task begins" -> "task ends"
"""


def printed(text: str, at: float, *, place: int = 0, source: str = "server") -> Event:
    return Event(PRINTED, text, source, place, at, at, at)


def exchange(sent: float, earliest: float, seen: float) -> list[Event]:
    return [
        Event(REQUEST, "GET /", "client", 0, sent, sent, sent),
        Event(RESPONSE, "GET /", "client", 1, earliest, seen, seen),
    ]


def work(begin: float, end: float) -> list[Event]:
    return [printed("task begins", begin), printed("task ends", end, place=1)]


def problems(text: str, events: list[Event]) -> list[str]:
    return [*judge(measure(parse(text), events), events)]


def test_what_came_before_the_response_at_its_earliest_is_refused() -> None:
    events = [*exchange(0, 0.1, 0.11), *work(0.099, 0.5)]
    [said] = problems(RUN, events)
    assert said.startswith("An empty line says that 'GET /' had ended when 'task' began; it ended")


def test_a_client_that_is_late_to_see_its_response_refutes_nothing() -> None:
    assert problems(RUN, [*exchange(0, 0.1, 0.9), *work(0.101, 0.5)]) == []


def test_what_began_after_the_response_was_seen_did_not_begin_before_it() -> None:
    rows = 'task    "task begins"\n\nGET /   response\n'
    [placed, parted] = problems(rows, [*exchange(0, 0.1, 0.11), *work(0.8, 0.9)])
    assert placed == "'GET /' began before 'task', which stands above it."
    assert "'task' had ended" in parted


def test_a_response_of_which_little_is_known_is_drawn_before_what_follows_it() -> None:
    tracks = measure(parse(RUN), [*exchange(0, 0.1, 0.9), *work(0.101, 0.5)])
    assert strips(tracks) == [
        Strip("GET /", "request -> response", True, "request", False, ((0.0, 101.0),)),
        Strip("task", '"task begins" -> "task ends"', True, "printed", True, ((101.0, 500.0),)),
    ]


def test_of_two_programs_that_are_about_equally_fast_either_may_stand_above() -> None:
    for server, other in ((0.1, 0.5), (0.5, 0.1)):
        events = [printed("one", server), printed("two", other, source="customer")]
        assert problems('a "one"\nb "two"', events) == []
        assert problems('b "two"\na "one"', events) == []
    events = [printed("one", 0.1), printed("two", 0.7, source="customer")]
    assert problems('b "two"\na "one"', events) == ["'a' began before 'b', which stands above it."]


def test_of_two_lines_of_one_log_the_upper_is_the_earlier_however_close() -> None:
    events = [printed("one", 0.1), printed("two", 0.1, place=1)]
    assert problems('a "one"\nb "two"', events) == []
    assert problems('b "two"\na "one"', events) != []


def test_several_occurrences_are_several_bars_of_their_row() -> None:
    events = [
        printed(f"attempt {n} {what}", n + late, place=2 * n + (late > 0))
        for n in range(3)
        for what, late in (("begins", 0.0), ("ends", 0.5))
    ]
    [strip] = strips(measure(parse('tries "attempt ... begins" -> "attempt ... ends"'), events))
    assert strip.spans == ((0.0, 500.0), (1000.0, 1500.0), (2000.0, 2500.0))


def test_rows_are_corrected_to_the_order_of_the_run_and_keep_the_empty_lines_that_hold() -> None:
    events = [*exchange(0, 0.1, 0.11), *work(0.2, 0.5), printed("end", 0.6, place=2)]
    wrong = """\
GET /   request -> response

ended   "end"
task    "task begins" -> "task ends"
"""
    right = corrected(measure(parse(wrong), events))
    assert right == (
        'GET /   request -> response\n\ntask    "task begins" -> "task ends"\nended   "end"'
    )
    assert problems(right, events) == []
    overlapping = f'{RUN}\nwithin   "end"\n'
    events[-1] = printed("end", 0.4, source="other")
    right = corrected(measure(parse(overlapping), events))
    assert right.count("\n\n") == 1
    assert problems(right, events) == []


def test_a_label_may_leave_the_query_away_and_a_text_may_hold_quotes() -> None:
    events = [
        Event(REQUEST, "GET /?n=1", "client", 0, 0.0, 0.0, 0.0),
        printed('"GET /?n=1 HTTP/1.1" 200 OK', 0.1),
    ]
    tracks = measure(parse('GET /   request\naccess  ""GET /?n=1 HTTP/1.1" ... OK"'), events)
    assert [track.begin for track in tracks] == events


def test_an_empty_line_above_all_rows_says_nothing() -> None:
    assert [row.after_all for row in parse('\na   "a"\n\n\nb   "b"\nc   "c"\n')] == [
        False,
        True,
        False,
    ]


def test_a_section_with_a_timeline_that_no_tab_can_change_is_run_once(
    tmp_path: Path, collect: Collect
) -> None:
    path = tmp_path / "page.md"
    tabs = "".join(
        f'=== "{x}"\n\n    ```python title="main.py"\n    X = 1\n    ```\n\n' for x in "AB"
    )
    path.write_text(f'{tabs}# Alone\n\n```python\nprint(1)\n```\n\n```timeline\none   "1"\n```\n')
    last = stories(collect(path))[-1]
    assert [block.language for block in last.blocks] == ["python", "timeline"]


def test_a_tape_that_has_begun_anew_forgets(tmp_path: Path) -> None:
    tape = Tape()
    tape.exchanged("GET /", 1e12, (1e12, 1e12, 1e12))
    assert len(tape.events(shown=str)) == 2
    tape.begin(after=1e12)
    assert tape.events(shown=str) == []


PAGE = """\
```python
import multiprocessing
import sys
import threading
import time


def say(stream):
    for _ in range(1000):
        stream.write(f"{time.monotonic_ns()}\\n")


def say_on_both():
    thread = threading.Thread(target=say, args=(sys.stderr,))
    thread.start()
    say(sys.stdout)
    thread.join()


worker = multiprocessing.get_context("fork").Process(target=say_on_both)
worker.start()
say_on_both()
worker.join()
```

```text title="Output"
...
```

```timeline
lines   "...0..."
```
"""


def backstage(path: Path, collect: Collect, sandbox: Sandbox) -> list[Path]:
    """What the engine keeps of a run beside its output."""
    [story] = stories(collect(path))
    results = run_section(story, sandbox, path.with_name("run"), Limits())
    assert [problem for result in results for problem in result.problems] == []
    return sorted((path.with_name("run") / "backstage").iterdir())


def test_a_line_is_stamped_when_it_is_written_and_never_before_what_it_tells(
    tmp_path: Path, collect: Collect, sandbox: Sandbox
) -> None:
    path = tmp_path / "page.md"
    path.write_text(PAGE, encoding="utf-8")
    _, _, notes = backstage(path, collect, sandbox)
    lines = [*read_lines(notes)]
    assert len(lines) == 4000
    late = [line.at - int(line.text) / 1e9 for line in lines]
    assert min(late) >= 0
    assert sorted(late)[2000] < 0.005
    assert [line.at for line in lines] == sorted(line.at for line in lines)


def test_a_section_without_a_timeline_notes_no_times(
    tmp_path: Path, collect: Collect, sandbox: Sandbox
) -> None:
    path = tmp_path / "page.md"
    path.write_text('```python\nprint(1)\n```\n\n```text title="Output"\n1\n```\n')
    assert [file.suffix for file in backstage(path, collect, sandbox)] == [".json", ".log"]


def test_accepting_puts_the_rows_into_the_order_of_the_run(
    tmp_path: Path, collect: Collect, tell: Tell
) -> None:
    path = tmp_path / "page.md"
    run = '```python\nprint("one")\nprint("two")\n```\n\n```text title="Output"\none\ntwo\n```\n'
    path.write_text(f'{run}\n```timeline\nlater   "two"\nfirst   "one"\n```\n', encoding="utf-8")
    results = [result for story in stories(collect(path)) for result in tell(story, Limits())]
    accept(results)
    right = f'{run}\n```timeline\nfirst   "one"\nlater   "two"\n```\n'
    assert path.read_text(encoding="utf-8") == right
    assert all(r.passed for story in stories(collect(path)) for r in tell(story, Limits()))
