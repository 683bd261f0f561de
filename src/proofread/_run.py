"""Tell one story: run its blocks in order, and compare what happens with what the page shows."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from proofread import _console, _data, _fence, _http, _prompt, _rows, _timeline
from proofread._brokers import shown_port, starts_any
from proofread._exchange import Malformed, parse
from proofread._expect import difference, keep_wildcards, matches
from proofread._model import Block, Result
from proofread._roles import role
from proofread._sandbox import Starter
from proofread._service import Service
from proofread._settings import Limits
from proofread._stage import Ran, Stage
from proofread._story import Story
from proofread._tape import Tape
from proofread._turn import shown_above
from proofread._used import imported_below
from proofread._workers import KINDS, Kind

if TYPE_CHECKING:
    from proofread._python import Ended

NO_WORKER = "No worker is running here: start one in this section, `$ rq worker`."
NO_SERVER = "No server is running here: start one in this section, `$ uvicorn main:app`."


def run_story(story: Story, sandbox: Starter, root: Path, limits: Limits) -> list[Result]:
    """Run its sections one by one, beneath `root`; one result a block, in order."""
    return [
        result
        for number, section in enumerate(story.sections())
        for result in run_section(section, sandbox, root / str(number), limits)
    ]


def run_section(
    section: Story,
    sandbox: Starter,
    root: Path,
    limits: Limits,
    *,
    workers: Mapping[str, Kind] = KINDS,
    until_wrong: bool = False,
) -> list[Result]:
    """Run one section in a directory of its own, with the files that the page has shown so far.

    With `until_wrong`, it ends with the first block that fails.
    """
    telling = _Telling(section, sandbox, root, limits, workers=workers)
    return telling.tell(until_wrong=until_wrong)


class _Telling:
    def __init__(
        self,
        story: Story,
        sandbox: Starter,
        root: Path,
        limits: Limits,
        *,
        workers: Mapping[str, Kind],
    ) -> None:
        self.story = story
        self.limits = limits
        timed = any(block.language == "timeline" for block in story.blocks)
        self.tape = Tape() if timed else None
        self.given = _brokers_of(story.given)
        shown = map(shown_port, [*self.given, *_brokers_of(story.blocks)])
        self.stage = Stage(sandbox, root, limits, tape=self.tape, shown=shown)
        self.workers = workers
        for block in story.given:
            self.stage.save(block)
        self.results = [Result(block, role(block), story.variant) for block in story.blocks]
        self.started_by: Result | None = None
        self.employed_by: Result | None = None  # what has started the workers and the brokers
        self.above: Result | None = None  # the last block or command, while it can be shown
        self.printed = ""  # by it, until an output shows it
        self.raised: Ended | None = None  # by it, until an error shows it
        self.stopped_at: Block | None = None
        self.titles = {block.title for block in story.given}
        self.left: list[tuple[Result, int]] = []  # to what imports them, and what was by then

    def tell(self, *, until_wrong: bool = False) -> list[Result]:
        tellers: dict[str, Callable[[Result], None]] = {
            "python": self.python, "pycon": self.pycon, "console": self.console, "http": self.http,
            "output": self.output, "error": self.error, "server log": self.server_log,
            "worker log": self.worker_log,
            "timeline": self.timeline,
            **dict.fromkeys(_data.PARSERS, self.data),
        }  # fmt: skip
        try:
            self.open_given()
            for result in self.results:
                if result.role not in {"output", "error"}:
                    self.settle()
                if self.stopped_at is not None:
                    line = self.stopped_at.line
                    result.problems.append(f"Not run: line {line} of this section failed.")
                    continue
                with _timed(result):
                    tellers[result.role](result)
                if until_wrong and not all(result.passed for result in self.results):
                    return self.results
            self.settle()
            self.stop_server()
            self.prove_left()
            self.stop_workers()
            for result in self.results:
                if advice := _fence.advice("\n".join(result.problems)):
                    result.problems.append(advice)
        finally:
            self.stage.kill()
        return self.results

    # What the block above left to be shown

    def settle(self) -> None:
        """What nobody has shown by now is drift: a print, or an exception."""
        if self.above is not None and self.raised is not None:
            self.fail(self.above, f"The block failed:\n{self.raised['traceback']}")
        if self.above is not None and self.printed:
            self.above.problems.append(
                f'It printed what no ```text title="Output" under it shows:\n{self.printed}'
            )
        self.above = self.raised = None
        self.printed = ""

    def stop_server(self) -> None:
        problem = self.stage.close_server()
        if problem and self.started_by is not None:
            self.started_by.problems.append(problem)
        self.started_by = None

    def open_given(self) -> None:
        """Start the brokers that the page has started above, as new ones."""
        for number, argv in enumerate(self.given):
            if argv[0] == "postgres":
                self.stage.lay_out(argv)
            problem = self.stage.open_broker(argv, name=f"given-{number}")
            self.employed_by = self.results[0]
            if problem:
                self.fail(self.results[0], problem)
                return

    def stop_workers(self) -> None:
        problems = [*self.stage.close_workers(), *self.stage.close_brokers()]
        if self.employed_by is not None:
            self.employed_by.problems += problems

    def fail(self, result: Result, problem: str) -> None:
        result.problems.append(problem)
        self.stopped_at = result.block

    # Files that something below imports

    def prove_left(self) -> None:
        """Those that nothing has imported yet are run alone."""
        left, self.left = self.left, []
        for result, by_then in left:
            since = self.stage.imported()[by_then:]
            own = [one for one in since if one.file == result.block.title]
            if own and not any(one.said for one in own):
                result.duration += own[0].seconds
                continue
            with _timed(result):
                self.run_python(result)
            self.settle()

    def keep_from(self, block: Block) -> None:
        """Before a block writes its file anew, run what was to see the old one."""
        if block.title is not None and block.title in self.titles:
            self.prove_left()
        self.titles.add(block.title)

    # One method a role

    def python(self, result: Result) -> None:
        block = result.block
        self.keep_from(block)
        below = self.story.blocks[self.results.index(result) + 1 :]
        if imported_below(block, below):
            self.stage.save(block)
            self.stage.watch_imports()
            self.left.append((result, len(self.stage.imported())))
        else:
            self.run_python(result)

    def run_python(self, result: Result) -> None:
        name = result.block.title or f"example_{result.block.line}.py"
        ran = self.run(result, "block", name)
        if ran.ended is not None:
            self.above, self.printed = result, ran.printed
            self.raised = ran.ended if ran.ended["error"] is not None else None

    def pycon(self, result: Result) -> None:
        ran = self.run(result, "session", "session")
        if ran.ended is None:
            return
        result.expectations += 1
        wanted, came = _prompt.typed(result.block.text), _prompt.typed(ran.printed)
        if not matches(wanted, came):
            result.problems.append(_prompt.shown(difference(wanted, came)))
            result.actual = _prompt.shown(keep_wildcards(wanted, came))
        if ran.ended["error"] is not None:
            self.fail(result, f"The session ended itself: {ran.ended['error']}. Leave it open.")

    def run(self, result: Result, kind: str, file: str) -> Ran:
        name = f"{kind}-{result.block.line}-{self.story.blocks.index(result.block)}"
        ran = self.stage.run(kind, (file,), result.block, name=name)
        if ran.problem:
            self.fail(result, ran.problem)
        return ran

    def output(self, result: Result) -> None:
        if self.above is None:
            result.problems.append("No block or command stands directly above this output.")
            return
        result.expectations += 1
        self.compare(result, self.printed)
        self.printed = ""

    def error(self, result: Result) -> None:
        if self.above is None or self.above.role != "python":
            self.fail(result, "No block of Python stands directly above this error.")
            return
        if self.raised is None:
            self.fail(result, "The block above should fail with this error, and it passed.")
            return
        result.expectations += 1
        self.compare(result, self.raised["error"] or "")
        self.raised = None

    def server_log(self, result: Result) -> None:
        if self.stage.server is None:
            result.problems.append(NO_SERVER)
        else:
            self.log(result, self.stage.server)

    def worker_log(self, result: Result) -> None:
        if self.stage.workers:
            self.log(result, self.stage.workers[-1])
        else:
            result.problems.append(NO_WORKER)

    def log(self, result: Result, service: Service) -> None:
        result.expectations += 1
        came = service.expect(result.block.text, self.limits.log)
        if came is not None:
            shown = difference(result.block.text, came)
            result.problems.append(f"The log did not come to this.\n{shown}")
            result.actual = keep_wildcards(result.block.text, came)

    def data(self, result: Result) -> None:
        problem = _data.check(result.role, result.block.text)
        if problem:
            self.fail(result, problem)
        else:
            self.keep_from(result.block)
            self.stage.save(result.block)

    def http(self, result: Result) -> None:
        server = self.stage.server
        if server is None:
            self.fail(result, NO_SERVER)
            return
        try:
            exchange = parse(result.block.text)
            at = self.results.index(result)
            above = shown_above(self.story.blocks, at, exchange.request.start)
            server.wait_as_a_reader(above, self.limits.log)
            response = _http.send(
                exchange.request,
                port=server.port,
                shown=server.shown,
                limit=self.limits.block,
                heard=server.answered.append,
                tape=self.tape,
            )
        except Malformed as error:
            self.fail(result, str(error))
            return
        except httpx.HTTPError as error:
            self.fail(result, f"No response: {error!r}. The server's log:\n{server.text()}")
            return
        result.expectations += 1
        problem = _http.compare(exchange.response, response)
        if problem is not None:
            result.problems.append(problem)
            written = result.block.text.rstrip("\n")
            start = written.index(exchange.response.start, written.index("\n"))
            result.actual = written[:start] + _http.came_back(exchange.response, response)

    def timeline(self, result: Result) -> None:
        if self.tape is None:
            raise RuntimeError("A section with a timeline is told without a tape.")
        limit = self.limits.log if self.stage.server is not None else 0.0
        try:
            told = _timeline.tell(
                result.block.text, self.tape, shown=self.stage.as_shown, limit=limit
            )
        except _rows.Malformed as error:
            self.fail(result, str(error))
            return
        result.expectations += 1
        result.problems += told.problems
        result.actual, result.drawn = told.corrected, told.drawn

    def console(self, result: Result) -> None:
        try:
            commands = _console.parse(result.block.text)
        except _console.Malformed as error:
            self.fail(result, str(error))
            return
        shown: list[str] = []
        status = 0
        for number, command in enumerate(commands):
            following = commands[number + 1] if number + 1 < len(commands) else None
            result.commands += not command.installs
            above = commands[number - 1] if number else None
            if command.asks_status:
                if above is None or above.installs or above.stays:
                    said = "`echo $?` asks how the command above it ended: show one that ends."
                    self.fail(result, said)
                    return
                printed, status = str(status), 0
            elif command.installs:
                printed, status = self.install(result, command), 0
            elif command.serves:
                printed, status = self.serve(result, command), 0
            elif self.works(command) or command.brokers:
                printed, status = self.employ(result, command), 0
            elif command.lays_out:
                self.stage.lay_out(command.argv)
                printed, status = "", 0
            elif command.kills:
                printed, status = "", int(not self.stage.send(*_console.signal_of(command.argv)))
            else:
                printed, status = self.command(result, command)
            if self.stopped_at is not None:
                return
            shown += [f"$ {command.text}", *keep_wildcards(command.expected, printed).splitlines()]
            result.expectations += bool(command.expected)
            last_unshown = following is None and not command.expected and not command.installs
            if last_unshown:
                self.above, self.printed = result, printed
            elif not matches(command.expected, printed):
                result.problems.append(f"$ {command.text}\n{difference(command.expected, printed)}")
            if status != 0 and not (following and following.asks_status):
                self.above = None
                self.fail(
                    result,
                    f"`{command.text}` ended with status {status}. If it should, write `$ echo $?`"
                    f" and {status} under it. It printed:\n{printed}",
                )
                return
        if result.problems:
            result.actual = "\n".join(shown)

    def install(self, result: Result, command: _console.Command) -> str:
        missing = _console.not_installed(command.argv)
        if missing:
            self.fail(result, missing)
        elif command.expected:
            self.fail(result, f"`{command.text}` is checked, not run: show nothing under it.")
        return ""

    def serve(self, result: Result, command: _console.Command) -> str:
        self.stop_server()
        self.started_by = result
        result.servers += 1
        problem = self.stage.open_server(command.argv, name=f"{result.block.line}-{command.line}")
        if problem or self.stage.server is None:
            self.fail(result, problem or "")
            return ""
        if not command.expected:
            return ""
        return self.stage.server.wait_for_start(command.expected, self.limits.log)

    def works(self, command: _console.Command) -> bool:
        return command.works and command.program in self.workers

    def employ(self, result: Result, command: _console.Command) -> str:
        """Start a broker or a worker."""
        self.employed_by = result
        result.servers += 1
        name = f"{result.block.line}-{command.line}"
        works = self.works(command)
        stage, argv = self.stage, command.argv
        if works:
            problem = stage.open_worker(self.workers[command.program], argv, name=name)
        else:
            problem = stage.open_broker(argv, name=name)
        service = self.stage.workers[-1] if works else self.stage.broker(command.argv[0])
        if problem or service is None:
            self.fail(result, problem or "")
            return ""
        if not command.expected:
            return ""
        return service.wait_for_start(command.expected, self.limits.log)

    def command(self, result: Result, command: _console.Command) -> tuple[str, int]:
        name = f"{result.block.line}-{command.line}"
        printed, status, problem = self.stage.command(command.argv, name=name)
        if status is None:
            late = f"was still running after {self.limits.block:g} s"
            self.fail(result, f"`{command.text}` {late}. It printed:\n{printed}")
        elif problem:
            self.fail(result, f"`{command.text}`: {problem}")
        return printed, status or 0

    def compare(self, result: Result, actual: str) -> None:
        if not matches(result.block.text, actual):
            result.problems.append(difference(result.block.text, actual))
            result.actual = keep_wildcards(result.block.text, actual)


def _brokers_of(blocks: Sequence[Block]) -> list[tuple[str, ...]]:
    """The commands that start brokers, in order."""
    found: list[tuple[str, ...]] = []
    for block in blocks:
        if block.language == "console" and starts_any(block.text):
            with suppress(_console.Malformed):
                commands = _console.parse(block.text)
                found += [command.argv for command in commands if command.brokers]
    return found


@contextmanager
def _timed(result: Result) -> Generator[None]:
    start = time.perf_counter()
    yield
    result.duration += time.perf_counter() - start
