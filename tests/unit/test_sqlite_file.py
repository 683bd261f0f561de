"""A file that cannot be used, and what its store says then."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from postlude import EngineUnavailable, Message, SQLiteStore, StoreUnusable
from postlude.queue import _sqlite_file

if TYPE_CHECKING:
    from collections.abc import Generator

pytestmark = pytest.mark.anyio


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tasks.db"


class Bytes:
    """What stands in the file's place."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, data: bytes) -> None:
        self.path.write_bytes(data)

    def read(self) -> bytes:
        return self.path.read_bytes()

    def remove(self) -> None:
        self.path.unlink()

    def allow(self, file: int, directory: int) -> None:
        self.path.chmod(file)
        self.path.parent.chmod(directory)


def message(task_id: str, text: str = "") -> Message:
    return Message("t", (text,), id=task_id, name="t")


async def refusal(path: Path, kind: type[Exception]) -> str:
    with pytest.raises(kind) as caught:
        async with SQLiteStore(path):
            pass
    assert type(caught.value) is kind
    assert repr(str(path)) in str(caught.value)
    # It is the same without `async with`, and the next one is told the same.
    store = SQLiteStore(path)
    for _ in range(2):
        with pytest.raises(kind) as again:
            await store.submit(message("a"))
        assert str(again.value) == str(caught.value)
    await store.close()
    return str(caught.value)


async def test_a_directory_that_is_missing_is_named(tmp_path: Path) -> None:
    words = await refusal(tmp_path / "no" / "tasks.db", EngineUnavailable)
    assert f"there is no directory {str(tmp_path / 'no')!r}" in words


async def test_a_directory_in_place_of_the_file_is_told(tmp_path: Path) -> None:
    assert "it could not be opened" in await refusal(tmp_path, EngineUnavailable)


async def test_a_file_that_is_no_database_is_told_and_left_alone(path: Path) -> None:
    file = Bytes(path)
    file.write(b"buy milk " * 200)
    assert "is no SQLite database" in await refusal(path, StoreUnusable)
    assert file.read() == b"buy milk " * 200


async def test_a_file_of_another_program_is_told_and_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE tasks (a)")
    before = Bytes(path).read()
    assert "is a SQLite database of another program" in await refusal(path, StoreUnusable)
    assert Bytes(path).read() == before


async def test_an_empty_file_becomes_a_store(path: Path) -> None:
    Bytes(path).write(b"")
    async with SQLiteStore(path) as store:
        assert await store.count(queue="default") == 0


async def test_a_damaged_file_is_told(path: Path) -> None:
    async with SQLiteStore(path) as store:
        for n in range(50):
            await store.submit(message(str(n), "x" * 1000))
    file = Bytes(path)
    whole = file.read()
    file.write(whole[:4096] + b"\xa5" * (len(whole) - 4096))
    async with SQLiteStore(path) as store:
        for use in (store.submit(message("a")), store.counts(), store.status("a")):
            with pytest.raises(StoreUnusable, match=r"is damaged \(.*malformed"):
                await use
    file.write(whole[:100] + b"\xa5" * 2000)
    assert "tasks.db' is" in await refusal(path, StoreUnusable)


async def test_tables_that_are_missing_are_told(path: Path) -> None:
    async with SQLiteStore(path) as store:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("DROP TABLE tasks")
        with pytest.raises(StoreUnusable, match=r"does not have the store's tables \(no such"):
            await store.submit(message("a"))


async def test_a_file_that_was_deleted_or_replaced_is_not_written_to(path: Path) -> None:
    async with SQLiteStore(path) as store:
        await store.submit(message("a"))
        Bytes(path).remove()
        await store.submit(message("b"))
        assert [task.task_id for task in await store.tasks()] == ["b"]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT id FROM tasks").fetchall() == [("b",)]


@contextmanager
def without_rights() -> Generator[None]:
    """As an ordinary user: nothing is read-only for the superuser."""
    is_super = os.geteuid() == 0
    if is_super:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_super:
            os.seteuid(0)


async def test_a_file_that_may_not_be_written_is_told() -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "tasks.db"
        async with SQLiteStore(path) as store:
            await store.submit(message("first"))
        Bytes(path).allow(0o444, 0o555)
        with without_rights():
            assert "cannot be used: it " in await refusal(path, EngineUnavailable)
        Bytes(path).allow(0o644, 0o755)


class Disk:
    """A file system that is soon full, or what comes closest where none may be mounted."""

    def __init__(self, path: Path) -> None:
        self.file = path / "tasks.db"
        self._path = path
        self._limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def __enter__(self) -> Disk:
        self._path.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", "size=800k", "tmpfs", str(self._path)]
        self._is_mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
        if self._is_mounted:
            (self._path / "ballast").write_bytes(b"x" * 300_000)
        else:
            resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, self._limits[1]))
        return self

    def free(self) -> None:
        """Have room again."""
        (self._path / "ballast").unlink(missing_ok=True)
        resource.setrlimit(resource.RLIMIT_FSIZE, self._limits)

    def __exit__(self, *what: object) -> None:
        self.free()
        if self._is_mounted:
            subprocess.run(["umount", str(self._path)], check=True)


async def test_a_full_disk_refuses_what_does_not_fit_keeps_the_rest_and_goes_on_when_freed(
    tmp_path: Path,
) -> None:
    stored: list[str] = []
    with Disk(tmp_path / "disk") as disk:
        async with SQLiteStore(disk.file) as store:
            words = await until_it_is_full(store, stored)
            assert "disk" in words
            assert len(stored) > 3
            # What has been told to be stored is there, and what reads goes on.
            assert await store.count(queue="default") == len(stored)
            assert (await store.status(stored[-1])).status == "pending"
            disk.free()
            stored.append(await store.submit(message("small")))
            assert await store.cancel(stored[0])
        async with SQLiteStore(disk.file) as store:
            assert {task.task_id for task in await store.tasks(limit=1000)} == {*stored}


async def until_it_is_full(store: SQLiteStore, stored: list[str]) -> str:
    while len(stored) < 200:
        try:
            task_id = await store.submit(message(str(len(stored)), "x" * 10_000))
        except EngineUnavailable as error:
            return str(error)
        stored.append(task_id)
    return "never"


async def test_one_task_too_many_bytes_does_not_take_others_of_its_commit_with_it(
    tmp_path: Path,
) -> None:
    refused: list[str] = []
    with Disk(tmp_path / "disk") as disk:
        async with SQLiteStore(disk.file) as store:

            async def put(one: Message) -> None:
                try:
                    await store.submit(one)
                except EngineUnavailable:
                    refused.append(one.id)

            async with anyio.create_task_group() as group:
                for n in range(8):
                    group.start_soon(put, message(str(n), "x" * (900_000 if n == 3 else 10)))
            assert refused == ["3"]
            assert await store.count(queue="default") == 7


@contextmanager
def locked(path: Path) -> Generator[None]:
    """As another program has it in the middle of its transaction."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")


async def test_patience_with_a_locked_file_is_bounded_and_what_reads_is_not_held_up(
    path: Path,
) -> None:
    async with SQLiteStore(path, timeout=1) as store:
        await store.submit(message("a"))
        with locked(path):
            begun = anyio.current_time()
            with pytest.raises(EngineUnavailable, match="has kept it locked for 1 s"):
                await store.submit(message("b"))
            assert 0.99 <= anyio.current_time() - begun < 5  # uvloop counts milliseconds
            async with anyio.create_task_group() as group:
                group.start_soon(refused, store)
                await anyio.sleep(0.05)
                with anyio.fail_after(0.8):
                    assert (await store.status("a")).status == "pending"
        assert await store.submit(message("c")) == "c"
        assert await store.count(queue="default") == 2


async def refused(store: SQLiteStore) -> None:
    with pytest.raises(EngineUnavailable, match="locked"):
        await store.submit(message("late"))


async def test_a_lock_that_ends_in_time_is_waited_for(path: Path) -> None:
    async with SQLiteStore(path, timeout=30) as store, anyio.create_task_group() as group:
        await store.count(queue="default")
        with locked(path):
            group.start_soon(store.submit, message("a"))
            await anyio.sleep(0.1)
            assert await store.count(queue="default") == 0
        with anyio.fail_after(5):
            while await store.count(queue="default") == 0:
                await store.wait(queue="none", patience=0.005)


async def test_a_file_system_without_shared_memory_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = sqlite3.connect

    def connect_without_locks(path: Path, **options: Any) -> Any:
        return connect(f"file:{path}?vfs=unix-none", uri=True, **options)

    monkeypatch.setattr(sqlite3, "connect", connect_without_locks)
    assert "cannot have a write-ahead log" in await refusal(path, EngineUnavailable)


async def test_an_old_sqlite_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    with pytest.raises(StoreUnusable, match=r"and 3\.35 or later is needed"):
        async with SQLiteStore(path):
            pass
    assert not os.path.exists(path)  # noqa: ASYNC240


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (sqlite3.SQLITE_IOERR_FSYNC, EngineUnavailable, "could not be read or written"),
        (sqlite3.SQLITE_NOMEM, EngineUnavailable, "there is no memory left"),
        (sqlite3.SQLITE_TOOBIG, EngineUnavailable, "cannot be used: what happened"),
        (sqlite3.SQLITE_CORRUPT_INDEX, StoreUnusable, "is damaged"),
    ],
)
def test_every_error_of_sqlite_is_told_in_words_of_ours(
    path: Path, code: int, kind: type[Exception], words: str
) -> None:
    error = sqlite3.OperationalError("what happened")
    error.sqlite_errorcode = code
    explained = _sqlite_file.File(path, synchronous="FULL", place="tasks.db").explain(error)
    assert type(explained) is kind
    assert words in str(explained)
