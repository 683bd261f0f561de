"""`python -m proofread serve`: what a writer's browser gets to see while pages change."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import httpx
import pytest

from proofread._live import EVENTS, SCRIPT, Verdict, Verdicts

PATIENCE = 60.0
MKDOCS = """\
site_name: Tiny
theme: {name: material, font: false}
nav: [Home: index.md, Proof: proof.md]
markdown_extensions: [pymdownx.highlight, pymdownx.superfences, md_in_html]
"""
PAGE = '# Home\n\n```python\nprint("a")\n```\n\n```text title="Output"\na\n```\n'


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("served")
    (root / "docs").mkdir()
    (root / "mkdocs.yml").write_text(MKDOCS)
    (root / "pyproject.toml").write_text("[tool.proofread]\n")
    (root / "docs" / "index.md").write_text(PAGE)
    (root / "docs" / "proof.md").write_text('# Proof\n\n<div data-proofread="ledger"></div>\n')
    return root


@pytest.fixture(scope="module")
def url(root: Path) -> Iterator[str]:
    """Where the site is, once it is proven."""
    port = free_port()
    command = [sys.executable, "-m", "proofread", "serve", "--port", str(port)]
    log = root / "log.txt"
    with (
        log.open("w") as said,
        subprocess.Popen(command, cwd=root, stdout=said, stderr=said) as serving,
    ):
        deadline = time.monotonic() + PATIENCE
        while "Serving the proven site" not in log.read_text():
            assert serving.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
        serving.send_signal(signal.SIGINT)
        assert serving.wait(PATIENCE) == 0


@pytest.fixture
def events(url: str) -> Iterator[Queue[dict[str, Any]]]:
    """The verdicts that a browser hears from now on."""
    heard: Queue[dict[str, Any]] = Queue()
    is_open = threading.Event()

    def listen() -> None:
        with connection.makefile("r") as lines:
            for line in lines:
                if line.startswith(":"):
                    is_open.set()
                elif line.startswith("data: "):
                    heard.put(json.loads(line.removeprefix("data: ")))

    port = int(url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(f"GET {EVENTS} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        listening = threading.Thread(target=listen)
        listening.start()
        assert is_open.wait(PATIENCE)
        yield heard
        connection.shutdown(socket.SHUT_RDWR)
        listening.join(PATIENCE)


def states(events: Queue[dict[str, Any]], *, until: str) -> list[dict[str, Any]]:
    heard = [events.get(timeout=PATIENCE)]
    while heard[-1]["state"] != until:
        heard.append(events.get(timeout=PATIENCE))
    return heard


def test_each_page_loads_the_script_and_the_files_of_the_site_do_not_name_it(
    url: str, root: Path
) -> None:
    for path in ("/", "/index.html", "/proof/", "/proof/?q=1"):
        response = httpx.get(url + path)
        assert response.text.count(SCRIPT) == 1, path
        assert response.headers["content-length"] == str(len(response.content))
    assert "EventSource" in httpx.get(url + SCRIPT).text
    assert SCRIPT not in (root / "site" / "index.html").read_text()
    assert httpx.get(url + "/sitemap.xml").status_code == 404
    assert SCRIPT not in httpx.get(url + "/assets/images/favicon.png").text


def test_a_page_that_is_not_proven_is_refused_on_the_page_and_mended_reloads_it(
    url: str, root: Path, events: Queue[dict[str, Any]]
) -> None:
    page = root / "docs" / "index.md"
    page.write_text(PAGE.replace("\na\n```\n", "\nb\n```\n"))
    proving, refused = states(events, until="refused")
    assert (proving["state"], proving["pages"]) == ("proving", ["docs/index.md"])
    assert "docs/index.md:7: output" in refused["text"]
    assert "-b\n+a\n" in refused["text"]
    assert "==" not in refused["text"]
    assert '"a"' in httpx.get(url).text.replace("&quot;", '"')  # as it was proven

    page.write_text(PAGE.replace('print("a")', 'print("c")').replace("\na\n", "\nc\n"))
    heard = states(events, until="new")
    assert [one["state"] for one in heard] == ["proving", "proven", "new"]
    assert '"c"' in httpx.get(url).text.replace("&quot;", '"')


def test_a_page_that_opens_hears_what_is_still_so() -> None:
    verdicts = Verdicts()
    assert verdicts.after(verdicts.begin(), 0) == (0, None)
    verdicts.say(Verdict("proving", ("a.md",)))
    verdicts.say(refused := Verdict("refused", ("a.md",), "why"))
    assert verdicts.after(verdicts.begin(), 0) == (2, refused)
    verdicts.say(Verdict("new"))
    assert verdicts.after(verdicts.begin(), 0) == (3, None)
