import shutil
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO
from uuid import uuid4

from PIL import Image, ImageOps
from postlude import current_tasks

UPLOADS, PICTURES = Path("uploads"), Path("pictures")
UPLOADS.mkdir(exist_ok=True)
PICTURES.mkdir(exist_ok=True)
TABLE = "CREATE TABLE IF NOT EXISTS pictures (name PRIMARY KEY, state, large, small)"


@contextmanager
def database() -> Generator[sqlite3.Connection]:
    with closing(sqlite3.connect("pictures.db")) as connection, connection:
        connection.execute(TABLE)
        yield connection


def accept(file: IO[bytes]) -> dict[str, str]:
    original = UPLOADS / uuid4().hex
    with original.open("wb") as copy:
        shutil.copyfileobj(file, copy)
    with database() as db:
        row = (original.name, "waiting", None, None)
        db.execute("INSERT INTO pictures VALUES (?, ?, ?, ?)", row)
    current_tasks().add_task(process, original)
    return {"status_url": f"/pictures/{original.name}"}


def process(original: Path) -> None:
    large = PICTURES / f"{original.name}.large.jpg"
    small = PICTURES / f"{original.name}.small.jpg"
    try:
        with Image.open(original) as picture:
            rgb = picture.convert("RGB")
        ImageOps.fit(rgb, (200, 200)).save(small)  # cut to a square
        rgb.thumbnail((800, 600))  # keeps its proportions
        rgb.save(large, optimize=True)
    except OSError:
        settle(original.name, "failed")
        raise
    settle(original.name, "done", str(large), str(small))
    original.unlink()


def settle(name: str, state: str, large: str = "", small: str = "") -> None:
    update = "UPDATE pictures SET state = ?, large = ?, small = ? WHERE name = ?"
    with database() as db:
        db.execute(update, (state, large, small, name))


def find(name: str) -> dict[str, str] | None:
    query = "SELECT state, large, small FROM pictures WHERE name = ?"
    with database() as db:
        row = db.execute(query, (name,)).fetchone()
    return row and dict(zip(("state", "large", "small"), row, strict=True))
