"""The verbs of this project: `nox` runs what CI runs, `nox -l` lists them all."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2026.2"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
# Reuse, but not under another Python.
os.environ.setdefault("NOX_ENABLE_STALENESS_CHECK", "1")

PINS = Path(".constraints.txt")
PROJECT = nox.project.load_toml("pyproject.toml")


def group(name: str) -> list[str]:
    """What a dependency group needs."""
    return sorted({*nox.project.dependency_groups(PROJECT, name)})


@nox.session(default=False)
def environment(session: nox.Session) -> None:
    """Install what all other sessions share, unless nothing changed."""
    wanted = hashlib.sha256(Path("pyproject.toml").read_bytes() + PINS.read_bytes()).hexdigest()
    installed = Path(session.virtualenv.location, "installed")
    if installed.exists() and installed.read_text() == wanted:
        session.log("up to date")
        return
    installed.unlink(missing_ok=True)
    session.install("-e", ".", *group("dev"), "-c", str(PINS), env={"UV_COMPILE_BYTECODE": "1"})
    session.run("python", "-m", "compileall", "-q", "src", silent=True)  # those of `-e` are not
    session.run("python", "-m", "pytest", "--version", silent=True)  # it rewrites its plugins, once
    installed.write_text(wanted)


def run(session: nox.Session, *command: str) -> None:
    """Run a program of the shared environment, as if it were activated."""
    # With `--force-python 3.13` there is another, which nox keeps in `environment-3-13`.
    forced = f"-{session.python}".replace(".", "-") if session.python else ""
    shared = Path(".nox", f"environment{forced}").resolve()
    programs = str(shared / ("Scripts" if sys.platform == "win32" else "bin"))
    program = shutil.which(command[0], path=programs)
    if program is None:
        session.error(f"no {command[0]} in {programs}")
    path = os.pathsep.join([programs, os.environ.get("PATH", os.defpath)])
    env = {"PATH": path, "VIRTUAL_ENV": str(shared)}
    # What is interrupted cleans up behind it.
    session.run(program, *command[1:], env=env, external=True, interrupt_timeout=15)


@nox.session(venv_backend="none", requires=["environment"])
def lint(session: nox.Session) -> None:
    """Style, format, and the one-way imports of the house."""
    run(session, "ruff", "check")
    run(session, "ruff", "format", "--check")
    run(session, "lint-imports")


@nox.session(venv_backend="none", requires=["environment"])
def typing(session: nox.Session) -> None:
    """Two type checkers, both strict, on the library, the examples and the tests."""
    run(session, "mypy")
    run(session, "pyright")


# Lost workers are noticed after a while: these take longer than all others together.
WITH_BROKERS = (
    "tests/engines",
    "tests/conformance/test_asyncio_engines.py",
    "tests/conformance/test_check_engine.py",
    "tests/conformance/test_engine.py",
    "tests/conformance/test_promised.py",
)


@nox.session(venv_backend="none", requires=["environment"])
def tests(session: nox.Session) -> None:
    """Run the tests but those of `engines`; arguments go to pytest."""
    left = [f"--ignore={path}" for path in (*WITH_BROKERS, "tests/browser")]
    # Most of them wait for servers and clocks.
    at_once = ["-n", str(2 * (os.cpu_count() or 1)), "--dist", "loadfile"]
    run(session, "python", "-m", "pytest", *(session.posargs or [*at_once, *left]))


@nox.session(venv_backend="none", requires=["environment"], default=False)
def engines(session: nox.Session) -> None:
    """Check the engines with real brokers and workers, which are killed and waited for."""
    run(session, "python", "-m", "pytest", *(session.posargs or WITH_BROKERS))


@nox.session(venv_backend="none", requires=["environment"])
def soak(session: nox.Session) -> None:
    """Run a million tasks through one runner on each event loop, or as many as you say."""
    run(session, "python", "tests/soak/million.py", *session.posargs)


@nox.session(venv_backend="none", requires=["environment"], default=False)
def kills(session: nox.Session) -> None:
    """Kill producers and workers of one store at random, 200 times or as often as you say."""
    run(session, "python", "tests/durability/rounds.py", *(session.posargs or ["200"]))


# Others start servers whose processes must end as they do without being watched.
WATCHED = (
    "tests/unit",
    "tests/instrumentation",
    "tests/conformance",
    "tests/engines",
    *(f"tests/frameworks/test_{name}.py" for name in ("fastapi", "handler", "lilya")),
    *(f"tests/frameworks/test_{name}.py" for name in ("litestar", "missing", "quart", "ravyn")),
    *(f"tests/frameworks/test_{name}.py" for name in ("rsgi", "starlette", "velithon")),
)


@nox.session(venv_backend="none", requires=["environment"], default=False)
def coverage(session: nox.Session) -> None:
    """Run the tests that reach the library, and name each branch that none of them takes."""
    run(session, "coverage", "erase")
    at_once = ["-n", str(2 * (os.cpu_count() or 1)), "--dist", "loadfile"]
    run(session, "coverage", "run", "-m", "pytest", *(session.posargs or [*at_once, *WATCHED]))
    run(session, "coverage", "combine", "--quiet")
    run(session, "coverage", "report")


@nox.session(default=False)
def mutate(session: nox.Session) -> None:
    """Change what decides, one line at a time: a test must fail for each, or it is named."""
    session.install("-e", ".", *group("mutation"), "-c", str(PINS))
    shutil.rmtree("mutants", ignore_errors=True)
    session.run("mutmut", "run", silent=True, success_codes=[0, 1])
    results = str(session.run("mutmut", "results", silent=True) or "").splitlines()
    # One that loops for ever is noticed by the test that never ends.
    survivors = [line for line in results if line.strip() and not line.endswith(": timeout")]
    if survivors:
        session.error("\n".join(["no test notices these:", *survivors, "`mutmut show NAME`"]))
    shutil.rmtree("mutants")


@nox.session(name="docs-test", venv_backend="none", requires=["environment"])
def docs_test(session: nox.Session) -> None:
    """Prove all pages, or the one that is named, and gate the built site."""
    run(session, "python", "-m", "proofread", "test", *session.posargs)


@nox.session(default=False)
def browser(session: nox.Session) -> None:
    """Read the proven site in the installed Chromium; `-- -k search`, `--keep`, `--measure`."""
    session.install(*group("browser"), "-c", str(PINS))
    if "--measure" in session.posargs:
        session.run("python", "-m", "tests.browser.measures")
        return
    # What the other tests share needs what is not installed here.
    alone = ["--confcutdir", "tests/browser"]
    if not any(Path(word.partition("::")[0]).exists() for word in session.posargs):
        alone.append("tests/browser")
    session.run("python", "-m", "pytest", *alone, *session.posargs)


@nox.session(name="what-happens", venv_backend="none", requires=["environment"], default=False)
def what_happens(session: nox.Session) -> None:
    """Run the cells of the matrix that do not hold any more; `-- ROW` runs one, `--keep` keeps."""
    run(session, "python", "-m", "examples.what_happens", *session.posargs)


@nox.session(name="docs-gate", venv_backend="none", requires=["environment"], default=False)
def docs_gate(session: nox.Session) -> None:
    """Hold the built site against the receipts of its proof, and run nothing."""
    run(session, "python", "-m", "proofread", "gate", *session.posargs)


@nox.session(name="docs-mutate", venv_backend="none", requires=["environment"], default=False)
def docs_mutate(session: nox.Session) -> None:
    """Change the documented API, one slip at a time: a block must fail; `-- TaskRunner --again`."""
    run(session, "python", "-m", "proofread", "mutate", *session.posargs)


@nox.session(venv_backend="none", requires=["environment"], default=False)
def deploy(session: nox.Session) -> None:
    """Commit the proven site to the branch gh-pages, not pushed: `-- 0.1 latest`."""
    run(session, "python", "-m", "proofread", "deploy", *session.posargs)


@nox.session(requires=["environment"], default=False)
def zensical(session: nox.Session) -> None:
    """Build the site with Zensical as well: it must show each block that was proven, unchanged."""
    session.install(*group("zensical"), "-c", str(PINS))
    program = shutil.which("zensical", path=session.bin)
    if program is None:
        session.error(f"no zensical in {session.bin}")
    run(session, "python", "-m", "proofread", "rebuild", "--", program, "build", "--strict")


@nox.session(venv_backend="none", requires=["environment"], default=False)
def docs(session: nox.Session) -> None:
    """Prove, build and serve the site, and prove a page again when it changes."""
    run(session, "python", "-m", "proofread", "serve", *session.posargs)


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Measure what is promised beside the peers; `-- --quick` and `-- S3 S5` measure less."""
    session.install("-e", ".", *nox.project.dependency_groups(PROJECT, "bench"), "-c", str(PINS))
    session.run("python", "-m", "tests.benchmarks", *session.posargs)


@nox.session(venv_backend="none", requires=["environment"], default=False)
def promises(session: nox.Session) -> None:
    """Ask the engines what they keep, as set up and as they come; `-- rq`, `-- --keep`."""
    run(session, "python", "-m", "tests.conformance.promised", *session.posargs)


@nox.session(venv_backend="none", requires=["environment"], default=False)
def frameworks(session: nox.Session) -> None:
    """Run each framework's tests on its oldest and newest release; `-- litestar`, `-- --keep`."""
    run(session, "python", "-m", "tests.releases", *session.posargs)


@nox.session(venv_backend="none", requires=["environment"], default=False)
def published(session: nox.Session) -> None:
    """Look up what the published pages show in the built site; `-- --keep` writes the coverage."""
    run(session, "python", "-m", "tests.published", *session.posargs)
