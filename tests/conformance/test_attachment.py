"""Tasks keep what they promise in every framework on every server: real processes and sockets."""

from __future__ import annotations

import functools
import sys
from pathlib import Path

import anyio
import pytest
from postlude.testing import AttachmentBroken, AttachmentReport, check_attachment

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
# For what will not come.
SHORT = 6.0
FRAMEWORKS = ["starlette", "fastapi", "litestar", "lilya", "ravyn"]
LEVELS = ["attached", "supervised"]
SERVERS = {
    "uvicorn": "uvicorn APP --port {port}",
    "hypercorn": "hypercorn APP --bind 127.0.0.1:{port}",
    "granian": "granian --interface asgi APP --port {port}",
}
MORE_SERVERS = {
    "granian-rsgi": "granian --interface rsgi APP --port {port}",
    "hypercorn-trio": f"{SERVERS['hypercorn']} --worker-class trio",
    "gunicorn": "gunicorn APP --bind 127.0.0.1:{port} --no-control-socket --worker-class asgi",
    "gunicorn-uvicorn": "gunicorn APP --bind 127.0.0.1:{port} --no-control-socket "
    "--worker-class uvicorn.workers.UvicornWorker",
}
Cell = tuple[str, str, str]
CELLS: list[Cell] = [
    *((one, server, level) for one in FRAMEWORKS for server in SERVERS for level in LEVELS),
    *(("quart", server, "supervised") for server in SERVERS),  # its responses have no tasks
    *(("velithon", "granian-rsgi", level) for level in LEVELS),
    *(("bare", server, "awaited") for server in (*SERVERS, *MORE_SERVERS) if "rsgi" not in server),
    ("bare_rsgi", "granian-rsgi", "awaited"),
]
PROMISES = (
    "response-first",
    "order",
    "isolation",
    "logging",
    "exactly-once",
    "error-responses",
    "head",
    "streaming",
    "disconnect",
    "concurrency",
    "drain",
)


def known_limits(framework: str, server: str, level: str) -> set[str]:
    """What the framework or the server does not do: each is looked at in a test of its own."""
    limits: set[str] = set()
    if framework in ("lilya", "ravyn"):  # they skip what hangs on the response to HEAD
        limits.add("head")
    if (
        server.startswith("granian") and level == "attached"
    ):  # it ends with requests that are answered
        limits.add("drain")
    return limits


def command(framework: str, server: str, app: str) -> list[str]:
    module = f"tests.conformance.{framework}_app:{app}"
    line = (SERVERS | MORE_SERVERS)[server]
    return [sys.executable, "-m", *line.replace("APP", module).split()]


FLAWS = {
    "early": ("response-first", "task 'task' ran before the response to GET /respond/200/"),
    "reversed_": ("order", "did not run in order: seen third begins, third ends, function b"),
    "side_by_side": ("order", "did not run in order: seen"),
    "stops_at_failure": ("isolation", "'third' never began within 6 s, after another task"),
    "silent": ("logging", "no failure of task 'failing' was logged within 6 s"),
    "logs_twice": ("logging", "one failure of task 'failing' was logged 2 times"),
    "twice": ("exactly-once", "of one request ran 2 times"),
    "drops_on_errors": ("error-responses", "'task' never began within 6 s, after a response of 4"),
    "drops_on_head": ("head", "'task' never began within 6 s, after the response to HEAD"),
    "releases_at_first_chunk": ("streaming", "began before the last chunk of its response"),
    "drops_on_disconnect": ("disconnect", "never began within 6 s, after the client had hung up"),
    "one_at_a_time": ("concurrency", "while the task of one request ran, another request suffered"),
    "dies_with_its_tasks": ("drain", "was cut off before its end, after SIGTERM"),
}


def bare(app: str) -> Cell:
    return "bare", "uvicorn", app


@pytest.fixture(scope="module")
def reports(request: pytest.FixtureRequest) -> dict[Cell, AttachmentReport]:
    """What each server was found to do; all are asked side by side, since most of it is waiting."""
    items = [item for item in request.session.items if isinstance(item, pytest.Function)]
    own = [item for item in items if item.path == request.path and hasattr(item, "callspec")]
    # Not what no selected test asks for: its framework may not be installed.
    asked = {value for item in own for value in item.callspec.params.values()}
    found: dict[Cell, AttachmentReport] = {}
    limiter = anyio.CapacityLimiter(8)
    nothing: set[str] = set()

    async def check(cell: Cell, without: set[str], patience: float) -> None:
        async with limiter:
            served = command(*cell)
            try:
                found[cell] = await check_attachment(
                    served, cwd=ROOT, without=without, patience=patience
                )
            except AttachmentBroken as error:
                found[cell] = error.report

    async def main() -> None:
        async with anyio.create_task_group() as group:
            for flaw in filter(asked.__contains__, FLAWS):
                group.start_soon(check, bare(flaw), nothing, SHORT)
            for cell in filter(asked.__contains__, CELLS):
                group.start_soon(check, cell, known_limits(*cell), PATIENCE)

    # On trio: where asyncio ends a wait, Python 3.11 tells who measures coverage nothing of what
    # follows.
    anyio.run(main, backend="trio")
    return found


@pytest.mark.parametrize("cell", CELLS, ids="-".join)
def test_every_promise_is_kept(reports: dict[Cell, AttachmentReport], cell: Cell) -> None:
    limits = known_limits(*cell)
    report = reports[cell]
    assert report.broken == {}
    assert report.kept == tuple(name for name in PROMISES if name not in limits)
    assert set(report.without) == limits


LIMITED: dict[Cell, str] = {
    ("lilya", "uvicorn", "attached"): "head",
    ("ravyn", "uvicorn", "attached"): "head",
    ("starlette", "granian", "attached"): "drain",
    ("velithon", "granian-rsgi", "attached"): "drain",
}


@pytest.mark.parametrize("cell", LIMITED, ids="-".join)
def test_a_known_limit_is_still_there(cell: Cell) -> None:
    limit = LIMITED[cell]
    assert limit in known_limits(*cell)
    check = functools.partial(check_attachment, cwd=ROOT, without={*PROMISES} - {limit}, patience=1)
    with pytest.raises(AttachmentBroken) as caught:
        anyio.run(check, command(*cell))
    assert [*caught.value.report.broken] == [limit]


def test_every_promise_has_an_application_that_breaks_it() -> None:
    assert {promise for promise, _ in FLAWS.values()} == {*PROMISES}


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_flaw_breaks_its_promise_and_no_other(
    reports: dict[Cell, AttachmentReport], flaw: str
) -> None:
    promise, seen = FLAWS[flaw]
    report = reports[bare(flaw)]
    assert [*report.broken] == [promise]
    assert seen in report.broken[promise]
    assert len(report.kept) == len(PROMISES) - 1


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_without_a_framework_every_promise_is_kept(backend: str) -> None:
    check = functools.partial(check_attachment, cwd=ROOT)
    report = anyio.run(check, command(*bare("sound")), backend=backend)
    assert report == AttachmentReport(PROMISES, {})


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_server_that_does_not_end_is_reported(backend: str) -> None:
    check = functools.partial(
        check_attachment, cwd=ROOT, without={*PROMISES} - {"drain"}, patience=1
    )
    with pytest.raises(AttachmentBroken) as caught:
        anyio.run(check, command(*bare("never_ends")), backend=backend)
    assert caught.value.report.broken == {
        "drain": "the server did not end within 1 s of the end of its last task"
    }
    assert caught.value.report.kept == ()
