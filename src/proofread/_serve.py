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

INTERRUPTED = 130
PROVE = [sys.executable, "-m", "proofread", "test"]


class Handler(http.server.SimpleHTTPRequestHandler):
    """The files of the site, without a log line for each."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        del format, args


def serve(*, port: int) -> int:
    """Prove the site first; what is not proven is not served. Returns when interrupted."""
    site = read_site(Path.cwd())
    handler = functools.partial(Handler, directory=str(site.output))
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        another = f"{site.settings.serve} --port {port + 1}"
        print(f"Port {port} is taken ({error.strerror}). Choose another: {another}")
        return 1
    with server:
        return _serve_proven(server, site)


def _serve_proven(server: http.server.ThreadingHTTPServer, site: Site) -> int:
    print("Proving the site: minutes for the first time, later only what changed.", flush=True)
    try:
        proven = _prove()
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
            _prove_again({Path(path) for _, path in changes}, site.docs)
    except KeyboardInterrupt:  # while it was proving again
        print("Stopped.")
    finally:
        server.shutdown()
    return 0


def _prove(*pages: str) -> int:
    proving = subprocess.Popen([*PROVE, *pages])
    try:
        return proving.wait()
    except KeyboardInterrupt:
        proving.wait()  # it was interrupted as well, and cleans up behind it
        raise


def _watched(root: Path) -> list[Path]:
    return [
        path for name in ("docs", "examples", "src", "mkdocs.yml") if (path := root / name).exists()
    ]


def _prove_again(changed: set[Path], docs: Path) -> None:
    """The pages being written first, for a quick verdict; then the site, so that it shows them."""
    changed = {path for path in changed if path.exists()}  # an editor's temporary files do not
    pages = sorted(
        str(path) for path in changed if path.suffix == ".md" and path.is_relative_to(docs)
    )
    if len(pages) == len(changed) and _prove(*pages):
        print("The site stays as it was until this page is proven.", flush=True)
        return
    if _prove() == 0:
        print("The site is new: reload the page.", flush=True)
