"""Ids of executions."""

from __future__ import annotations

import os
import re
import threading

import pytest
from postlude._ids import new_id


def test_ids_are_random_digits_and_never_the_same() -> None:
    ids = [new_id() for _ in range(5000)]
    assert len(set(ids)) == 5000
    assert all(re.fullmatch("[0-9a-f]{16}", each) for each in ids)
    assert len({each[:8] for each in ids}) > 4990


def test_threads_share_no_id() -> None:
    ids: list[str] = []
    threads = [
        threading.Thread(target=lambda: ids.extend([new_id() for _ in range(2000)]))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(ids)) == len(ids) == 8000


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_a_forked_process_has_ids_of_its_own() -> None:
    new_id()
    reads, writes = os.pipe()
    child = os.fork()
    if not child:
        os.write(writes, new_id().encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reads, 16).decode() not in {new_id() for _ in range(600)}
    os.close(reads)
    os.close(writes)
