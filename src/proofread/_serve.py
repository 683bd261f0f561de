"""Serve the proven site on this machine, and prove it again whenever a file changes."""

from __future__ import annotations

import functools
import http.server
import subprocess
import sys
import threading
from pathlib import Path

from watchfiles import watch

from proofread._config import Site, read_site
from proofread._live import Handler, Verdict, Verdicts

INTERRUPTED = 130
PROVE = [sys.executable, "-m", "proofread", "test"]
# A browser need not show more than the end of a long story.
MOST = 20_000


def serve(*, port: int) -> int:
    """Prove the site first; what is not proven is not served. Returns when interrupted."""
    site = read_site(Path.cwd())
    verdicts = Verdicts()
    handler = functools.partial(Handler, directory=str(site.output), verdicts=verdicts)
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        another = f"{site.settings.serve} --port {port + 1}"
        print(f"Port {port} is taken ({error.strerror}). Choose another: {another}")
        return 1
    with server:
        return _serve_proven(server, site, verdicts)


def _serve_proven(server: http.server.ThreadingHTTPServer, site: Site, verdicts: Verdicts) -> int:
    print("Proving the site: minutes for the first time, later only what changed.", flush=True)
    try:
        proven, _ = _prove()
    except KeyboardInterrupt:
        print("Stopped before the site was proven: nothing is served.")
        return INTERRUPTED
    if proven:
        print("Not served: the site is not proven. Mend what is listed above, then start again.")
        return proven
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_port
    print(f"Serving the proven site at http://127.0.0.1:{port} (Ctrl+C to stop)", flush=True)
    try:
        for changes in watch(*_watched(site.root), raise_interrupt=False):
            _prove_again({Path(path) for _, path in changes}, site, verdicts)
    except KeyboardInterrupt:  # while it was proving again
        print("Stopped.")
    finally:
        server.shutdown()
    return 0


def _prove(*pages: str) -> tuple[int, str]:
    """The status, and what was said, which the terminal has seen as it came."""
    said: list[str] = []
    proving = subprocess.Popen(
        [*PROVE, *pages], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert proving.stdout is not None
    try:
        with proving.stdout:
            for line in proving.stdout:
                said.append(line)
                print(line, end="", flush=True)
        return proving.wait(), "".join(_failures(said))[-MOST:]
    except KeyboardInterrupt:
        proving.wait()  # it was interrupted as well, and cleans up behind it
        raise


def _failures(said: list[str]) -> list[str]:
    """What is told of failures, without the sums around it; all, if nothing is."""
    begins = [number for number, line in enumerate(said) if " FAILURES " in line]
    if not begins:
        return said
    told = said[begins[0] + 1 :]
    ends = [number for number, line in enumerate(told) if line.startswith(("Writes ", "="))]
    return told[: ends[0]] if ends else told


def _watched(root: Path) -> list[Path]:
    return [
        path for name in ("docs", "examples", "src", "mkdocs.yml") if (path := root / name).exists()
    ]


def _prove_again(changed: set[Path], site: Site, verdicts: Verdicts) -> None:
    """The pages being written first, for a quick verdict; then the site, so that it shows them."""
    changed = {path for path in changed if path.exists()}  # an editor's temporary files do not
    pages = sorted(
        str(path.relative_to(site.root))
        for path in changed
        if path.suffix == ".md" and path.is_relative_to(site.docs)
    )
    are_all = len(pages) == len(changed)
    named = tuple(pages) if are_all else ("the site",)
    verdicts.say(Verdict("proving", named))
    if are_all:
        status, said = _prove(*pages)
        if status:
            verdicts.say(Verdict("refused", named, said))
            print("The site stays as it was until this page is proven.", flush=True)
            return
        verdicts.say(Verdict("proven", named))
    status, said = _prove()
    if status:
        verdicts.say(Verdict("refused", ("the site",), said))
    else:
        verdicts.say(Verdict("new"))
        print("The site is new.", flush=True)
