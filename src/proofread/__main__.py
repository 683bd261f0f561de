"""The command line: `python -m proofread test`, and the verbs that stand beside it."""

from __future__ import annotations

import argparse
import gc
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from proofread import _leftovers
from proofread._asked import check, expand, read_asked
from proofread._sandbox import Sandbox
from proofread._settings import SEAL, ConfigError, read_settings
from proofread._world import world

# The project's own pytest settings are for its tests, not for its pages.
PYTEST = (
    *("-c", os.devnull, "--rootdir", ".", "--no-header", "-q"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning", "-p", "no:cacheprovider"),
    "--noconftest",
    # It collects garbage five times at the end.
    *("-p", "no:unraisableexception"),
    # No other plugin: the reader's pytest may have many, and some take a second to import.
    *("--disable-plugin-autoload", "-p", "proofread.plugin", "--proofread", "."),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; the exit status is 0 only when everything shown is proven."""
    chosen = _parser().parse_args(arguments)
    try:
        return int(_VERBS[chosen.verb](chosen))
    except ConfigError as error:
        print(error, file=sys.stderr)
    except KeyboardInterrupt:  # at the very end, when pytest no longer looks
        print("Interrupted.", file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="proofread", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    test = verbs.add_parser("test", help="prove pages; without one, all of them and the built site")
    test.add_argument("pages", nargs="*", metavar="PAGE[:LINE]")
    test.add_argument(
        "--accept", action="store_true", help="rewrite outputs on the pages to what happened"
    )
    test.add_argument("--fresh", action="store_true", help="run also what was proven before")
    gate = verbs.add_parser(
        "gate", help="hold a built site against the receipts of its proof, and run nothing"
    )
    gate.add_argument(
        "site", nargs="?", type=Path, metavar="DIR", help="default: the directory mkdocs.yml names"
    )
    again = verbs.add_parser(
        "rebuild", help="build the site with another generator, and hold it against its proof"
    )
    again.add_argument(
        "command",
        nargs="+",
        metavar="COMMAND",
        help="what builds from mkdocs.yml, behind `--`: -- zensical build --strict",
    )
    mutate = verbs.add_parser(
        "mutate", help="change the package that the site documents: a block must fail each time"
    )
    mutate.add_argument("names", nargs="*", metavar="NAME", help="only what begins so: TaskRunner")
    mutate.add_argument("--again", action="store_true", help="only what survived the last time")
    mutate.add_argument("--fresh", action="store_true", help="rehearse every section again")
    serve = verbs.add_parser(
        "serve", help="prove, build and serve the site, and prove a page when it changes"
    )
    serve.add_argument("--port", type=int, default=8000)
    deploy = verbs.add_parser(
        "deploy", help="commit the proven site to a branch of the repository, beside other versions"
    )
    deploy.add_argument("version", metavar="VERSION")
    deploy.add_argument("aliases", nargs="*", metavar="ALIAS", help="such as `latest`")
    return parser


def _test(chosen: argparse.Namespace) -> int:
    flags = [f"--{name}" for name in ("accept", "fresh") if getattr(chosen, name)]
    return prove(chosen.pages, flags)


def _gate(chosen: argparse.Namespace) -> int:
    from proofread._site import judge

    return judge(chosen.site)


def _rebuild(chosen: argparse.Namespace) -> int:
    from proofread._rebuild import rebuild

    return rebuild(chosen.command)


def _mutate(chosen: argparse.Namespace) -> int:
    _prepare_to_be_stopped()
    from proofread._mutate import mutate

    return mutate(chosen.names, fresh=chosen.fresh, again=chosen.again)


def _serve(chosen: argparse.Namespace) -> int:
    from proofread._serve import serve

    return serve(port=chosen.port)


def _deploy(chosen: argparse.Namespace) -> int:
    from proofread._deploy import deploy

    return deploy(chosen.version, chosen.aliases)


_VERBS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "test": _test,
    "gate": _gate,
    "rebuild": _rebuild,
    "mutate": _mutate,
    "serve": _serve,
    "deploy": _deploy,
}


def prove(pages: Sequence[str] = (), flags: Sequence[str] = ()) -> int:
    """Prove some pages, or the whole site."""
    os.environ.pop("PYTEST_ADDOPTS", None)  # it could leave pages out
    _prepare_to_be_stopped()
    asked = read_asked(pages)
    options = [*flags, *([f"--line={asked.line}"] if asked.line is not None else [])]
    if not (asked.pages or flags) and (standing := _standing()):
        print(f"Nothing has changed since the site was published. --fresh runs it all.\n{standing}")
        return 0
    settings = read_settings(Path.cwd())
    preload = settings.preload_of(map(Path, asked.pages))
    with Sandbox(preload, world=world(settings.sources_in(Path.cwd()))) as sandbox:
        # Imported late: the sandbox imports at the same time, on another core.
        import pytest

        from proofread._config import read_site

        site = read_site(Path.cwd())
        check(asked, site)
        # Each by its name: of a folder, pytest would leave out those that are called `build`.
        files = [str(path) for path in expand(asked, site)] or [str(site.docs)]
        status = pytest.main([*PYTEST, *options, *files], plugins=[sandbox])
        if status == pytest.ExitCode.NO_TESTS_COLLECTED:
            where = ", ".join(asked.pages or [str(site.docs)])
            print(f"No code block on {where}: there is nothing to prove.")
        return status


def _standing() -> str | None:
    """What is known of the published site, while it is of all that is there."""
    if not (Path.cwd() / SEAL).is_file():
        return None
    from proofread._config import read_site
    from proofread._site import standing

    return standing(read_site(Path.cwd()))


def _prepare_to_be_stopped() -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # and clean up, as after Ctrl-C
    _leftovers.adopt()  # should the warm parent be killed


if __name__ == "__main__":
    status = main()
    gc.freeze()  # the interpreter would look through all of it several times before it ends
    sys.exit(status)
